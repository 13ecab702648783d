import { readFileSync, statSync } from 'node:fs';
import { decodeBytes, decodeFile, type Recording, SILENCE_PEAK, SILENCE_REASON } from '../audio/decode.js';
import { resample } from '../audio/resample.js';
import { InputError } from '../errors.js';
import { cacheKey, type FeatureCache } from './cache.js';
import { createMelSpectrogram, type MelOptions, powerToDb, type Spectrogram } from './mel.js';
import { clipStatistics, type Statistics } from './normalise.js';

/** What is kept of a recording: its mel spectrogram in decibels, and what is needed to normalise it. */
export interface ClipFeatures {
  /** Of the whole recording, shape `(bands, frames)`. */
  readonly decibels: Spectrogram;
  /** Of the whole recording: one mean and one standard deviation. */
  readonly statistics: Statistics;
  /** Rate of the recording as it was stored, in Hz. */
  readonly sampleRateHz: number;
  readonly durationSeconds: number;
}

/** An utterance is never this large; such a file is not read whole to look it up in the cache. */
const LARGEST_CACHED_BYTES = 64 * 2 ** 20;

/**
 * Prepares the way from a recording to its features: mono, resampled to the options' rate, mel spectrogram, decibels.
 *
 * @returns a function of samples and their rate
 */
export function createFeatureExtractor(mel: MelOptions): (recording: Recording) => ClipFeatures {
  const melSpectrogram = createMelSpectrogram(mel);
  return ({ samples, sampleRateHz, durationSeconds }) => {
    const decibels = melSpectrogram(resample(samples, sampleRateHz, mel.sampleRateHz));
    powerToDb(decibels.values, mel.topDb);
    return { decibels, statistics: clipStatistics(decibels), sampleRateHz, durationSeconds };
  };
}

/**
 * Refuses what decodes but says nothing about an emotion.
 *
 * @throws InputError if the recording is truncated or silent
 */
export function checkRecording(recording: Recording, path: string): void {
  if (recording.truncated) throw new InputError(`${path}: truncated: ${recording.truncated}`);
  if (recording.samples.every((sample) => Math.abs(sample) < SILENCE_PEAK))
    throw new InputError(`${path}: silent: ${SILENCE_REASON}`);
}

/**
 * Prepares the same for files, with a cache by content and options.
 *
 * @param cache - is asked first, and given what was not there; to write it is the caller's
 * @returns a function from a path to features, which throws InputError with path and reason for an unusable recording
 */
export function createFileExtractor(mel: MelOptions, cache?: FeatureCache): (path: string) => Promise<ClipFeatures> {
  const extract = createFeatureExtractor(mel);
  return async (path) => {
    if (!cache || isLarge(path)) return extract(checked(await decodeFile(path), path));
    const bytes = readFileSync(path);
    const key = cacheKey(bytes, mel);
    const kept = cache.read(key);
    if (kept) return kept;
    const features = extract(checked(await decodeBytes(bytes, path), path));
    cache.add(key, features);
    return features;
  };
}

/** Also true for what cannot be read as a file: decoding then says why. */
function isLarge(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  return !found?.isFile() || found.size > LARGEST_CACHED_BYTES;
}

function checked(recording: Recording, path: string): Recording {
  checkRecording(recording, path);
  return recording;
}
