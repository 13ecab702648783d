import type { AnyRecording } from '../audio/decode.js';
import { allSamples, resampled } from '../audio/resample.js';
import { createFourier } from '../common/fourier.js';
import { hannWindow } from './band-power.js';
import type { ClipFeatures } from './clip-features.js';
import { MEL_DEFAULTS, type MelOptions, melFilterBank } from './mel.js';
import { clipStatistics } from './normalise.js';
import type { Spectrogram } from './spectrogram.js';

/** What Whisper hears: frames of 25 ms every 10 ms at 16 kHz. */
export const LOG_MEL = { sampleRateHz: 16000, frameLength: 400, hopLength: 160, bands: 80 } as const;

/** The same as options of a mel spectrogram: which bands there are. */
export const LOG_MEL_BANDS: MelOptions = {
  ...MEL_DEFAULTS,
  ...{ sampleRateHz: LOG_MEL.sampleRateHz, fftSize: LOG_MEL.frameLength, hopLength: LOG_MEL.hopLength },
  ...{ bands: LOG_MEL.bands, minHz: 0, maxHz: LOG_MEL.sampleRateHz / 2 },
};

/** The level that recordings are brought to: how loud one is says little of it, and Whisper was trained on moderate ones. */
const ROOT_MEAN_SQUARE = 0.05;

/** Power below this counts as this, before the logarithm; powers of ten below the loudest value at which it is cut off. */
const SMALLEST_POWER = 1e-10;
const RANGE = 8;

/**
 * Prepares the log-mel spectrogram of waveforms that Whisper takes: brought to one level; frames centred, padded by
 * reflection; periodic Hann window; Slaney's bands; the logarithm to base 10, cut off 8 below its largest value, and
 * scaled to about [-1, 1]. The last frame is left out.
 *
 * @returns a function from mono samples at 16 kHz, shape `(n,)`, to shape `(80, ⌊n / 160⌋)`, at least two frames
 * @see https://github.com/openai/whisper, whisper/audio.py; golden values in tests/golden
 */
export function createLogMel(): (samples: Float32Array) => Spectrogram {
  const { frameLength, hopLength, bands } = LOG_MEL;
  const bank = melFilterBank(LOG_MEL_BANDS);
  const window = hannWindow(frameLength);
  const transform = createFourier(frameLength);
  const [re, im] = [new Float64Array(frameLength), new Float64Array(frameLength)];
  const power = [new Float64Array(frameLength / 2 + 1), new Float64Array(frameLength / 2 + 1)];
  return (samples) => {
    const padded = levelledAndPadded(samples, frameLength / 2, 2 * hopLength);
    const frames = Math.floor((padded.length - frameLength) / hopLength);
    const values = new Float32Array(bands * frames);
    // Two frames at a time: one is the real part of what is transformed, the next one the imaginary part.
    for (let frame = 0; frame < frames; frame += 2) {
      for (let i = 0; i < frameLength; i++) {
        re[i] = window[i] * padded[frame * hopLength + i];
        im[i] = window[i] * padded[(frame + 1) * hopLength + i];
      }
      transform(re, im);
      for (let k = 0; k <= frameLength / 2; k++) {
        const mirrored = (frameLength - k) % frameLength;
        power[0][k] = ((re[k] + re[mirrored]) ** 2 + (im[k] - im[mirrored]) ** 2) / 4;
        power[1][k] = ((im[k] + im[mirrored]) ** 2 + (re[k] - re[mirrored]) ** 2) / 4;
      }
      for (let which = 0; which < 2 && frame + which < frames; which++)
        for (const [band, { firstBin, weights }] of bank.entries()) {
          let sum = 0;
          for (let i = 0; i < weights.length; i++) sum += weights[i] * power[which][firstBin + i];
          values[band * frames + frame + which] = Math.log10(Math.max(SMALLEST_POWER, sum));
        }
    }
    return { values: scaled(values), bands, frames };
  };
}

/** How a recording is played before it is looked at. */
export interface LogMelOptions {
  /** Faster than it was recorded above 1, and higher with it, like a tape. */
  readonly speed: number;
}

/** Prepares the way from a recording to the features that a Whisper encoder takes. */
export function createLogMelExtractor({ speed }: LogMelOptions): (recording: AnyRecording) => ClipFeatures {
  const logMel = createLogMel();
  return ({ samples, sampleRateHz, durationSeconds }) => {
    const matrix = logMel(allSamples(resampled(samples, Math.round(speed * sampleRateHz), LOG_MEL.sampleRateHz)));
    return { matrix, statistics: clipStatistics(matrix), sampleRateHz, durationSeconds };
  };
}

/** The samples at one level, reflected at both ends, and followed by silence where there are very few. */
function levelledAndPadded(samples: Float32Array, margin: number, least: number): Float64Array {
  let squares = 0;
  for (let i = 0; i < samples.length; i++) squares += samples[i] * samples[i];
  const gain = ROOT_MEAN_SQUARE / Math.max(1e-6, Math.sqrt(squares / samples.length));
  const length = Math.max(samples.length, least, margin + 1);
  const at = (i: number) => (i < samples.length ? gain * samples[i] : 0);
  const padded = new Float64Array(length + 2 * margin);
  for (let i = 0; i < padded.length; i++) {
    const place = Math.abs(i - margin);
    padded[i] = at(place < length ? place : 2 * (length - 1) - place);
  }
  return padded;
}

function scaled(values: Float32Array): Float32Array {
  let largest = -Infinity;
  for (let i = 0; i < values.length; i++) if (values[i] > largest) largest = values[i];
  for (let i = 0; i < values.length; i++) values[i] = (Math.max(values[i], largest - RANGE) + 4) / 4;
  return values;
}
