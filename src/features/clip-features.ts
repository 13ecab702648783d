/**
 * From a recording to the features of a clip.
 *
 * In: a decoded recording. Out: its mel spectrogram in decibels and the statistics that it is normalised by; or why an
 * unusable recording is refused.
 */

import type { AnyRecording } from '../audio/decode.js';
import { resampled } from '../audio/resample.js';
import { SILENCE_PEAK, SILENCE_REASON } from '../audio/silence.js';
import { InputError } from '../common/errors.js';
import type { Waveform } from '../kernels/kernels.js';
import { createMelSpectrogram, type MelOptions, powerToDb } from './mel.js';
import { clipStatistics, type Statistics } from './normalise.js';
import type { Spectrogram } from './spectrogram.js';

/** Samples looked at together. */
const BLOCK_SAMPLES = 2 ** 16;

/** What is kept of a recording: its features, such as a mel spectrogram in decibels, and what is needed to normalise them. */
export interface ClipFeatures {
  /** Of the whole recording, shape `(bands, frames)`. */
  readonly matrix: Spectrogram;
  /** Of the whole recording: one mean and one standard deviation. */
  readonly statistics: Statistics;
  /** Rate of the recording as it was stored, in Hz. */
  readonly sampleRateHz: number;
  readonly durationSeconds: number;
}

/**
 * Prepares the way from a recording to its features: mono, resampled to the options' rate, mel spectrogram, decibels.
 *
 * @returns a function of samples and their rate
 */
export function createFeatureExtractor(mel: MelOptions): (recording: AnyRecording) => ClipFeatures {
  const melSpectrogram = createMelSpectrogram(mel);
  return ({ samples, sampleRateHz, durationSeconds }) => {
    const decibels = melSpectrogram(resampled(samples, sampleRateHz, mel.sampleRateHz));
    powerToDb(decibels.values, mel.topDb);
    return { matrix: decibels, statistics: clipStatistics(decibels), sampleRateHz, durationSeconds };
  };
}

/** Recordings that are no longer than this say nothing about an emotion. */
export const TOO_SHORT_SECONDS = 0.1;

/**
 * Refuses what decodes but says nothing about an emotion.
 *
 * @throws InputError if the recording is truncated, too short or silent
 */
export function checkRecording(recording: AnyRecording, path: string): void {
  if (recording.truncated) throw new InputError(`${path}: truncated: ${recording.truncated}`);
  if (recording.durationSeconds <= TOO_SHORT_SECONDS)
    throw new InputError(
      `${path}: too short: a recording must be longer than ${TOO_SHORT_SECONDS} s to hold an emotion, this one has ${recording.durationSeconds.toPrecision(2)} s`,
    );
  if (isSilent(recording.samples)) throw new InputError(`${path}: silent: ${SILENCE_REASON}`);
}

function isSilent(samples: Float32Array | Waveform): boolean {
  if (samples instanceof Float32Array) return !samples.some(isHeard);
  const block = new Float32Array(Math.min(BLOCK_SAMPLES, samples.length));
  for (let from = 0; from < samples.length; from += block.length) {
    samples.copyTo(from, block);
    if (block.some(isHeard)) return false;
  }
  return true;
}

function isHeard(sample: number): boolean {
  return Math.abs(sample) >= SILENCE_PEAK;
}
