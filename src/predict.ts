import { decodeFile, type Recording } from './audio/decode.js';
import { cropped } from './dataset.js';
import { InputError, reasonOf, UsageError } from './errors.js';
import { type ClipFeatures, checkRecording, createFeatureExtractor } from './features/clip-features.js';
import type { Spectrogram } from './features/mel.js';
import { bandStatistics, normalisedWindow, type Statistics } from './features/normalise.js';
import { type BackendInfo, type BackendName, useBackend } from './model/backend.js';
import { type Bundle, loadBundle, type ModelSettings } from './model/bundle.js';
import { clipProbabilities } from './probabilities.js';

/** What a stretch of a recording sounds like. */
export interface WindowPrediction {
  readonly startSeconds: number;
  readonly endSeconds: number;
  /** The most probable emotion. */
  readonly emotion: string;
  /** Its probability. */
  readonly probability: number;
  /** Of all emotions. */
  readonly probabilities: Readonly<Record<string, number>>;
}

/** What a recording sounds like, as a whole and over time. */
export interface Prediction extends WindowPrediction {
  /** Stretch by stretch; the whole recording alone where it is too short for more than one. */
  readonly windows: readonly WindowPrediction[];
}

/** A prediction, or why there is none. */
export type FilePrediction = { readonly path: string } & (Prediction | { readonly reason: string });

/** Audio to predict from: the path of a recording, or mono samples in [-1, 1] and their rate. */
export type Audio = string | { readonly samples: Float32Array; readonly sampleRateHz: number };

/** How long recordings are cut. */
export interface WindowOptions {
  /** Length of a window; at most the network's, 2 s. */
  readonly windowSeconds?: number;
  /** Time between the starts of two windows. */
  readonly hopSeconds?: number;
}

export const WINDOW_DEFAULTS = { windowSeconds: 2, hopSeconds: 1 } as const;

/** Windows given to the network at a time, which bounds the memory that a long recording takes. */
const WINDOWS_AT_A_TIME = 128;

/**
 * Loads a trained model.
 *
 * @param directory - the `model` folder of a run
 * @param backend - what computes; default: the native library where there is one, else WebAssembly
 * @throws InputError with the reason if the model is missing, damaged or incompatible
 * @example
 * const model = await loadModel('runs/first/model');
 * const { emotion, probability } = await model.predict('hello.wav');
 */
export async function loadModel(
  directory: string,
  { backend = 'auto', report }: { backend?: 'auto' | BackendName; report?: (line: string) => void } = {},
): Promise<EmotionModel> {
  const info = await useBackend(backend, { report });
  return new EmotionModel(await loadBundle(directory), info);
}

/** A trained model, ready for recordings. */
export class EmotionModel {
  private readonly extract: (recording: Recording) => ClipFeatures;

  constructor(
    private readonly bundle: Bundle,
    /** What computes. */
    readonly backend: BackendInfo,
  ) {
    this.extract = createFeatureExtractor(bundle.settings.mel);
  }

  /** What the model was trained on and how audio is prepared for it. */
  get settings(): ModelSettings {
    return this.bundle.settings;
  }

  /**
   * Tells the emotion of a recording.
   *
   * A recording shorter than a window and a hop is taken whole, exactly as in training; a longer one in windows, whose
   * probabilities are averaged for the overall answer. A model normalised by speaker takes the recording's own
   * statistics for its speaker's.
   *
   * @throws InputError if the recording cannot be read, is truncated, silent or no sound at all
   * @throws UsageError if a window option is out of range
   */
  async predict(audio: Audio, options: WindowOptions = {}): Promise<Prediction> {
    checkWindows(options, this.settings);
    const recording = await usable(audio);
    const windows = this.windowsOf(recording, options);
    const speaker = this.bySpeaker ? bandStatistics([this.seen(recording, windows)]) : undefined;
    return this.answer(recording, windows, speaker);
  }

  /**
   * Tells the emotion of many recordings, one after the other; an unusable one yields its reason.
   *
   * A model normalised by speaker takes all of them as one speaker's: its statistics are gathered in a first pass.
   */
  async *predictFiles(paths: readonly string[], options: WindowOptions = {}): AsyncGenerator<FilePrediction> {
    checkWindows(options, this.settings);
    const statistics = this.bySpeaker ? await this.speakerStatistics(paths, options) : undefined;
    for (const path of paths) {
      const recording = await usableOrReason(path);
      if (typeof recording === 'string') yield { path, reason: recording };
      else yield { path, ...this.answer(recording, this.windowsOf(recording, options), statistics) };
    }
  }

  /** Frees the network's memory. */
  dispose(): void {
    this.bundle.network.dispose();
  }

  private get bySpeaker(): boolean {
    return this.settings.normalisation === 'speaker';
  }

  /** Statistics of all usable recordings together; undefined if there is none. */
  private async speakerStatistics(paths: readonly string[], options: WindowOptions): Promise<Statistics | undefined> {
    const spectrograms: Spectrogram[] = [];
    for (const path of paths) {
      const recording = await usableOrReason(path);
      if (typeof recording !== 'string') spectrograms.push(this.seen(recording, this.windowsOf(recording, options)));
    }
    return spectrograms.length > 0 ? bandStatistics(spectrograms) : undefined;
  }

  /** What the network sees of a recording: as in training its beginning, or all of it where it is cut into windows. */
  private seen(recording: Recording, windows: readonly unknown[]): Spectrogram {
    const { decibels } = this.extract(recording);
    return windows.length > 1 ? decibels : cropped(decibels, this.settings.frames);
  }

  /** Starts and ends in samples: the whole, or windows at every hop, the last one flush with the end. */
  private windowsOf({ samples, sampleRateHz }: Recording, options: WindowOptions): [start: number, end: number][] {
    const { windowSeconds, hopSeconds } = checkWindows(options, this.settings);
    const window = Math.round(windowSeconds * sampleRateHz);
    const hop = Math.round(hopSeconds * sampleRateHz);
    if (samples.length < window + hop) return [[0, samples.length]];
    const windows: [number, number][] = [];
    for (let start = 0; start + window <= samples.length; start += hop) windows.push([start, start + window]);
    const rest = samples.length - windows[windows.length - 1][1];
    if (rest > 0) windows.push([samples.length - window, samples.length]);
    return windows;
  }

  private answer(
    { samples, sampleRateHz }: Recording,
    windows: readonly [number, number][],
    speaker: Statistics | undefined,
  ): Prediction {
    const { labels, mel, frames, trainStatistics } = this.settings;
    const size = mel.bands * frames;
    const results: WindowPrediction[] = [];
    for (let from = 0; from < windows.length; from += WINDOWS_AT_A_TIME) {
      const some = windows.slice(from, from + WINDOWS_AT_A_TIME);
      const inputs = new Float32Array(some.length * size);
      for (const [i, [start, end]] of some.entries()) {
        const part = samples.subarray(start, end);
        const { decibels, statistics } = this.extract(recordingOf(part, sampleRateHz));
        const target = inputs.subarray(i * size, (i + 1) * size);
        normalisedWindow(decibels, trainStatistics ?? speaker ?? statistics, { frames, target });
      }
      const probabilities = clipProbabilities(this.bundle.network, inputs, { bands: mel.bands, frames });
      for (const [i, [start, end]] of some.entries()) {
        const row = probabilities.subarray(i * labels.length, (i + 1) * labels.length);
        results.push({ startSeconds: start / sampleRateHz, endSeconds: end / sampleRateHz, ...best(row, labels) });
      }
    }
    const mean = labels.map((label) => results.reduce((sum, r) => sum + r.probabilities[label], 0) / results.length);
    return { startSeconds: 0, endSeconds: samples.length / sampleRateHz, ...best(mean, labels), windows: results };
  }
}

function best(
  row: ArrayLike<number>,
  labels: readonly string[],
): Omit<WindowPrediction, 'startSeconds' | 'endSeconds'> {
  const probabilities = Object.fromEntries(labels.map((label, i) => [label, row[i]]));
  const emotion = labels.reduce((a, b) => (probabilities[b] > probabilities[a] ? b : a));
  return { emotion, probability: probabilities[emotion], probabilities };
}

function recordingOf(samples: Float32Array, sampleRateHz: number): Recording {
  return { samples, sampleRateHz, channels: 1, durationSeconds: samples.length / sampleRateHz };
}

async function usable(audio: Audio): Promise<Recording> {
  const recording = typeof audio === 'string' ? await decodeFile(audio) : checkedSamples(audio);
  checkRecording(recording, typeof audio === 'string' ? audio : GIVEN);
  return recording;
}

/** The recording, or in one line why it cannot be used. */
async function usableOrReason(path: string): Promise<Recording | string> {
  try {
    return await usable(path);
  } catch (error) {
    if (error instanceof InputError) return reasonOf(error);
    throw error;
  }
}

/** How messages call what is no file. */
const GIVEN = 'the given samples';

function checkedSamples({ samples, sampleRateHz }: Exclude<Audio, string>): Recording {
  if (!(sampleRateHz > 0 && Number.isFinite(sampleRateHz)))
    throw new InputError(`${GIVEN}: the sample rate must be above 0 Hz, current value is ${sampleRateHz}`);
  if (samples.length === 0) throw new InputError(`${GIVEN}: there are none`);
  const bad = samples.findIndex((sample) => !Number.isFinite(sample));
  if (bad >= 0) throw new InputError(`${GIVEN}: sample ${bad} is not a finite number, its value is ${samples[bad]}`);
  return recordingOf(samples, sampleRateHz);
}

function checkWindows(options: WindowOptions, { mel, frames }: ModelSettings): Required<WindowOptions> {
  const checked = { ...WINDOW_DEFAULTS, ...options };
  const longest = (frames * mel.hopLength) / mel.sampleRateHz;
  if (!(checked.windowSeconds >= 0.1 && checked.windowSeconds <= longest))
    throw new UsageError(
      `Cannot cut windows: the window must be between 0.1 s and what the network sees, ${longest.toFixed(2)} s, current value is ${checked.windowSeconds}`,
    );
  if (!(checked.hopSeconds >= 0.01 && Number.isFinite(checked.hopSeconds)))
    throw new UsageError(`Cannot cut windows: the hop must be at least 0.01 s, current value is ${checked.hopSeconds}`);
  return checked;
}
