import { headerOf } from '../src/audio/formats.js';
import { toMono } from '../src/audio/mono.js';
import { memorySource } from '../src/audio/source.js';
import { InputError } from '../src/common/errors.js';
import { count } from '../src/common/text.js';

/** Mono samples of a recording. */
export interface Decoded {
  readonly samples: Float32Array;
  readonly sampleRateHz: number;
  /** What is odd about it. */
  readonly warning?: string;
}

/** An hour in 16 bits and stereo has 690 MB. */
const LARGEST_BYTES = 700e6;

/**
 * Decodes a recording with the browser's decoder, at the rate that its header says, so that nothing resamples it but this project.
 *
 * @throws InputError with the reason if it is no recording, damaged, too long, or of a format that the browser does not know
 */
export async function decoded(file: File): Promise<Decoded> {
  if (file.size > LARGEST_BYTES)
    throw new InputError(
      `${file.name}: too large: at most ${count(LARGEST_BYTES / 1e6, 'megabyte')} are read; cut it into parts`,
    );
  const bytes = await file.arrayBuffer();
  const { sampleRateHz, truncated } = await headerOf(memorySource(new Uint8Array(bytes)), file.name);
  let buffer: AudioBuffer;
  try {
    buffer = await new OfflineAudioContext(1, 1, sampleRateHz).decodeAudioData(bytes);
  } catch {
    throw new InputError(
      `${file.name}: this browser cannot decode it: it is damaged, or of a format that the browser does not know; convert it to WAV`,
    );
  }
  const channels = Array.from({ length: buffer.numberOfChannels }, (_, channel) => buffer.getChannelData(channel));
  const { samples, warning } = toMono(channels);
  const odd = [warning, truncated && `it is cut short: ${truncated.reason}`].filter((each) => each !== undefined);
  return {
    samples: samples.slice(),
    sampleRateHz: buffer.sampleRate,
    warning: odd.length > 0 ? `${file.name}: ${odd.join('; ')}` : undefined,
  };
}
