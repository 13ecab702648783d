import { HIGHEST_RATE_HZ, LOWEST_RATE_HZ } from '../audio/header.js';
import type { Waveform } from '../kernels/kernels.js';
import { type Band, createBandPower } from './band-power.js';
import type { Spectrogram } from './spectrogram.js';

/** How a waveform becomes a mel spectrogram. */
export interface MelOptions {
  /** Rate of the samples in Hz: an integer from {@link LOWEST_RATE_HZ} to {@link HIGHEST_RATE_HZ}. */
  readonly sampleRateHz: number;
  /** Samples per analysis window and points of the FFT: a power of two, at least 8. */
  readonly fftSize: number;
  /** Samples between the starts of two frames: a positive integer. */
  readonly hopLength: number;
  /** Number of mel bands: a positive integer. */
  readonly bands: number;
  /** Lower edge of the lowest band in Hz; not negative. */
  readonly minHz: number;
  /** Upper edge of the highest band in Hz: above `minHz`, at most half the sample rate. */
  readonly maxHz: number;
  /** Decibels below a clip's loudest value at which it is cut off; positive. */
  readonly topDb: number;
}

/** librosa 0.11's defaults at 22,050 Hz. */
export const MEL_DEFAULTS: MelOptions = {
  sampleRateHz: 22050,
  fftSize: 2048,
  hopLength: 512,
  bands: 128,
  minHz: 0,
  maxHz: 11025,
  topDb: 80,
};

/** Power below this counts as this, before the logarithm (librosa's `amin`). */
const SMALLEST_POWER = 1e-10;

/** 10 log₁₀ of e: the natural logarithm is the faster one. */
const DECIBELS_PER_NEPER = 10 / Math.LN10;

/** Hz per mel in the linear part of Slaney's scale, which ends at 1,000 Hz; from there 27 mels are a factor of 6.4. */
const HZ_PER_MEL = 200 / 3;
const LOG_START_HZ = 1000;
const LOG_START_MEL = LOG_START_HZ / HZ_PER_MEL;
const LOG_STEP = Math.log(6.4) / 27;

/** Frequency on Slaney's mel scale (Auditory Toolbox, 1998), as librosa's `hz_to_mel`. */
export function hzToMel(hz: number): number {
  return hz < LOG_START_HZ ? hz / HZ_PER_MEL : LOG_START_MEL + Math.log(hz / LOG_START_HZ) / LOG_STEP;
}

/** Inverse of {@link hzToMel}. */
export function melToHz(mel: number): number {
  return mel < LOG_START_MEL ? mel * HZ_PER_MEL : LOG_START_HZ * Math.exp(LOG_STEP * (mel - LOG_START_MEL));
}

/** Centre frequencies of the mel bands in Hz, shape `(bands,)`. */
export function bandCentresHz(options: MelOptions = MEL_DEFAULTS): number[] {
  return bandEdgesHz(options).slice(1, -1);
}

/**
 * The mel filter bank: triangles on Slaney's scale, each normalised to unit area.
 *
 * @see librosa.filters.mel
 */
export function melFilterBank(options: MelOptions = MEL_DEFAULTS): Band[] {
  checkMelOptions(options);
  const { bands, fftSize, sampleRateHz } = options;
  const edges = bandEdgesHz(options);
  const bins = fftSize / 2 + 1;
  const binHz = sampleRateHz / fftSize;
  return Array.from({ length: bands }, (_, band) => {
    const [low, centre, high] = edges.slice(band, band + 3);
    const firstBin = Math.floor(low / binHz) + 1;
    const end = Math.min(bins, Math.ceil(high / binHz));
    const weights = Float32Array.from({ length: Math.max(0, end - firstBin) }, (_, i) => {
      const hz = (firstBin + i) * binHz;
      return (Math.min((hz - low) / (centre - low), (high - hz) / (high - centre)) * 2) / (high - low);
    });
    return { firstBin, weights };
  });
}

/**
 * Prepares the projection of waveforms onto mel bands.
 *
 * Slaney's scale, area-normalised; periodic Hann window; frames centred, zero-padded (librosa 0.11's defaults). Buffers
 * are allocated once here and used for every clip.
 *
 * @param options - defaults: {@link MEL_DEFAULTS}
 * @returns a function from mono samples in [-1, 1], shape `(n,)`, to power, shape `(bands, frames)`, with
 *   frames = 1 + ⌊n / hopLength⌋; it throws a RangeError if `n` is 0
 * @throws RangeError if an option is out of range
 * @see librosa.feature.melspectrogram; golden values in tests/golden
 * @example 44,100 samples at 22,050 Hz give `(128, 87)`
 */
export function createMelSpectrogram(
  options: MelOptions = MEL_DEFAULTS,
): (samples: Float32Array | Waveform) => Spectrogram {
  return createBandPower(melFilterBank(options), options);
}

/**
 * Power in decibels, in place: 10 log₁₀ of the power, nothing more than `topDb` below the loudest value.
 *
 * @returns the same array
 * @see librosa.power_to_db
 */
export function powerToDb(power: Float32Array, topDb: number = MEL_DEFAULTS.topDb): Float32Array {
  let loudest = -Infinity;
  for (let i = 0; i < power.length; i++) {
    power[i] = DECIBELS_PER_NEPER * Math.log(Math.max(SMALLEST_POWER, power[i]));
    if (power[i] > loudest) loudest = power[i];
  }
  const floor = loudest - topDb;
  for (let i = 0; i < power.length; i++) if (power[i] < floor) power[i] = floor;
  return power;
}

/** Corner frequencies of the triangles in Hz: `bands + 2` points, equally spaced in mel. */
function bandEdgesHz({ bands, minHz, maxHz }: MelOptions): number[] {
  const [low, high] = [hzToMel(minHz), hzToMel(maxHz)];
  return Array.from({ length: bands + 2 }, (_, i) => melToHz(low + ((high - low) * i) / (bands + 1)));
}

/** @throws RangeError naming the option that is out of range */
export function checkMelOptions({ sampleRateHz, hopLength, bands, minHz, maxHz, topDb }: MelOptions): void {
  const rules: [ok: boolean, rule: string, value: number][] = [
    [
      Number.isInteger(sampleRateHz) && sampleRateHz >= LOWEST_RATE_HZ && sampleRateHz <= HIGHEST_RATE_HZ,
      `sampleRateHz must be an integer from ${LOWEST_RATE_HZ} to ${HIGHEST_RATE_HZ}`,
      sampleRateHz,
    ],
    [Number.isInteger(hopLength) && hopLength > 0, 'hopLength must be a positive integer', hopLength],
    [Number.isInteger(bands) && bands > 0, 'bands must be a positive integer', bands],
    [minHz >= 0, 'minHz must not be negative', minHz],
    [maxHz > minHz && maxHz <= sampleRateHz / 2, 'maxHz must be above minHz and at most half the sample rate', maxHz],
    [topDb > 0, 'topDb must be positive', topDb],
  ];
  for (const [ok, rule, value] of rules)
    if (!ok) throw new RangeError(`Cannot compute a mel spectrogram: ${rule}, current value is ${value}`);
}
