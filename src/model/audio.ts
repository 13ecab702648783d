import type { Recording } from '../audio/decode.js';
import { HIGHEST_RATE_HZ, LOWEST_RATE_HZ } from '../audio/header.js';
import { toMono } from '../audio/mono.js';
import { InputError } from '../common/errors.js';

/** Mono samples in [-1, 1], as floats, and their rate. */
export interface Samples {
  readonly samples: Float32Array | Float64Array | readonly number[];
  readonly sampleRateHz: number;
}

/** What is needed of a recording as browsers hold it: an `AudioBuffer` of the Web Audio API, or what looks like one. */
export interface AudioBufferLike {
  readonly numberOfChannels: number;
  readonly sampleRate: number;
  getChannelData(channel: number): Float32Array;
}

/** Sound in memory. */
export type Sound = Samples | AudioBufferLike;

/** How messages call what is no file. */
export const GIVEN = 'the given samples';

/**
 * Sound in memory as a recording; the channels of an `AudioBuffer` are mixed, as those of a file are.
 *
 * @throws InputError if it is no sound: no or impossible samples, integers, an impossible rate
 */
export function recordingOf(sound: Sound): Recording {
  const { samples, sampleRateHz, channels } = isAudioBuffer(sound) ? bufferSamples(sound) : { ...sound, channels: 1 };
  if (!(sampleRateHz >= LOWEST_RATE_HZ && sampleRateHz <= HIGHEST_RATE_HZ))
    throw new InputError(
      `${GIVEN}: the sample rate must be from ${LOWEST_RATE_HZ} to ${HIGHEST_RATE_HZ} Hz, current value is ${sampleRateHz}`,
    );
  const floats = checkedFloats(samples);
  return { samples: floats, sampleRateHz, channels, durationSeconds: floats.length / sampleRateHz };
}

function isAudioBuffer(sound: Sound): sound is AudioBufferLike {
  return typeof (sound as Partial<AudioBufferLike> | undefined)?.getChannelData === 'function';
}

function bufferSamples(buffer: AudioBufferLike): { samples: Float32Array; sampleRateHz: number; channels: number } {
  const { numberOfChannels: channels, sampleRate: sampleRateHz } = buffer;
  if (!(Number.isInteger(channels) && channels > 0))
    throw new InputError(`${GIVEN}: there must be at least one channel, current number is ${channels}`);
  const { samples } = toMono(Array.from({ length: channels }, (_, channel) => buffer.getChannelData(channel)));
  return { samples, sampleRateHz, channels };
}

/** Floats of any precision as float32; float32 itself is not copied. */
function checkedFloats(samples: unknown): Float32Array {
  const kind = kindOf(samples);
  if (kind !== 'Array' && !/^Float\d+Array$/.test(kind))
    throw new InputError(
      `${GIVEN}: they must be floats in [-1, 1], as an array of numbers or a typed array of floats, current kind is ${kind}${/^(Big)?(Ui|I)nt/.test(kind) ? `; ${SCALED}` : ''}`,
    );
  const numbers = samples as ArrayLike<number>;
  if (numbers.length === 0) throw new InputError(`${GIVEN}: there are none`);
  let [bad, peak, whole] = [-1, 0, true];
  for (let i = numbers.length - 1; i >= 0; i--) {
    if (!Number.isFinite(numbers[i])) bad = i;
    if (Math.abs(numbers[i]) > peak) peak = Math.abs(numbers[i]);
    whole &&= Number.isInteger(numbers[i]);
  }
  if (bad >= 0) throw new InputError(`${GIVEN}: sample ${bad} is not a finite number, its value is ${numbers[bad]}`);
  if (whole && peak > 1)
    throw new InputError(
      `${GIVEN}: they must be floats in [-1, 1], current ones are integers up to ${peak}; ${SCALED}`,
    );
  return kind === 'Float32Array' ? (samples as Float32Array) : Float32Array.from(numbers);
}

const SCALED = 'divide integers of 16 bits by 32768';

/** The name of a value's class, also where it comes from another window or worker. */
function kindOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice('[object '.length, -1);
}
