import { createRunningResampler } from '../src/audio/resample.js';
import { joined } from '../src/common/joined.js';
import { MEL_DEFAULTS, type MelOptions } from '../src/features/mel.js';
import { createRunningMel } from '../src/features/running-mel.js';
import type { Spectrogram } from '../src/features/spectrogram.js';

/** The mel spectrogram that is shown, whatever the model takes: a column for every 10 ms. */
export const PICTURE: MelOptions = {
  ...MEL_DEFAULTS,
  ...{ sampleRateHz: 16000, fftSize: 512, hopLength: 160, bands: 80, minHz: 0, maxHz: 8000 },
};

/** What the pictures of a sound grow by, column by column. */
export interface Columns {
  /** Least and greatest sample of each column. */
  readonly waveform: Float32Array;
  /** Of each column the bands from the lowest to the highest. */
  readonly decibels: Float32Array;
}

/** Makes the pictures of a sound that comes in piece by piece. */
export class Pictures {
  private readonly resampler: ReturnType<typeof createRunningResampler>;
  private readonly mel = createRunningMel(PICTURE);
  /** Samples of a column that is not complete yet. */
  private rest: Float32Array = new Float32Array();

  constructor(sampleRateHz: number) {
    this.resampler = createRunningResampler(sampleRateHz, PICTURE.sampleRateHz);
  }

  hear(samples: Float32Array): Columns {
    const resampled = this.resampler.hear(samples);
    return { waveform: this.extremes(resampled), decibels: byColumn(this.mel.hear(resampled)) };
  }

  end(): Columns {
    const last = this.resampler.end();
    const waveform = this.extremes(last);
    return { waveform, decibels: joined([byColumn(this.mel.hear(last)), byColumn(this.mel.end())]) };
  }

  private extremes(samples: Float32Array): Float32Array {
    const { hopLength } = PICTURE;
    const all = joined([this.rest, samples]);
    const columns = Math.floor(all.length / hopLength);
    const extremes = new Float32Array(2 * columns);
    for (let column = 0; column < columns; column++) {
      const part = all.subarray(column * hopLength, (column + 1) * hopLength);
      extremes[2 * column] = Math.min(...part);
      extremes[2 * column + 1] = Math.max(...part);
    }
    this.rest = all.slice(columns * hopLength);
    return extremes;
  }
}

/** Power below this counts as this, before the logarithm. */
const SMALLEST_POWER = 1e-10;

function byColumn({ values, bands, frames }: Spectrogram): Float32Array {
  const decibels = new Float32Array(values.length);
  for (let band = 0; band < bands; band++)
    for (let t = 0; t < frames; t++)
      decibels[t * bands + band] = 10 * Math.log10(Math.max(SMALLEST_POWER, values[band * frames + t]));
  return decibels;
}
