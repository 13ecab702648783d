import type { Recording } from '../audio/decode.js';
import { decodeFile } from '../audio/decode-file.js';
import { type BackendInfo, type BackendName, useBackend } from '../backend/backend.js';
import { InputError, reasonOf, UsageError } from '../common/errors.js';
import { cropped } from '../dataset/dataset.js';
import { type ClipFeatures, checkRecording, createFeatureExtractor } from '../features/clip-features.js';
import { bandStatistics, normalisedInput, type Statistics } from '../features/normalise.js';
import type { Spectrogram } from '../features/spectrogram.js';
import { CLIPS_TOGETHER, clipProbabilities } from '../networks/clip-probabilities.js';
import { type Bundle, loadBundle, type ModelSettings } from './bundle.js';

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
    const cut = this.cut(await usable(audio), options);
    const speaker = this.bySpeaker ? bandStatistics([this.seen(cut)]) : undefined;
    return this.answers([cut], speaker)[0];
  }

  /**
   * Tells the emotion of many recordings, one after the other; an unusable one yields its reason.
   *
   * A model normalised by speaker takes all of them as one speaker's: its statistics are gathered in a first pass.
   */
  async *predictFiles(paths: readonly string[], options: WindowOptions = {}): AsyncGenerator<FilePrediction> {
    checkWindows(options, this.settings);
    const statistics = this.bySpeaker ? await this.speakerStatistics(paths, options) : undefined;
    // The network takes a few windows together in hardly more time than one.
    let waiting: Awaiting[] = [];
    for (const path of paths) {
      const recording = await usableOrReason(path);
      waiting.push(
        typeof recording === 'string' ? { path, reason: recording } : { path, cut: this.cut(recording, options) },
      );
      const windows = waiting.reduce((sum, { cut }) => sum + (cut?.windows.length ?? 0), 0);
      if (windows < CLIPS_TOGETHER && waiting.length < CLIPS_TOGETHER) continue;
      yield* this.answered(waiting, statistics);
      waiting = [];
    }
    yield* this.answered(waiting, statistics);
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
      if (typeof recording !== 'string') spectrograms.push(this.seen(this.cut(recording, options)));
    }
    return spectrograms.length > 0 ? bandStatistics(spectrograms) : undefined;
  }

  /** What the network sees of a recording: as in training its beginning, or all of it where it is cut into windows. */
  private seen({ recording, windows }: CutRecording): Spectrogram {
    const { decibels } = this.extract(recording);
    return windows.length > 1 ? decibels : cropped(decibels, this.settings.frames);
  }

  /** Takes a recording whole, or cuts it into windows at every hop, the last one flush with the end. */
  private cut(recording: Recording, options: WindowOptions): CutRecording {
    const { samples, sampleRateHz } = recording;
    const { windowSeconds, hopSeconds } = checkWindows(options, this.settings);
    const window = Math.round(windowSeconds * sampleRateHz);
    const hop = Math.round(hopSeconds * sampleRateHz);
    if (samples.length < window + hop) return { recording, windows: [{ start: 0, end: samples.length }] };
    const windows: Stretch[] = [];
    for (let start = 0; start + window <= samples.length; start += hop) windows.push({ start, end: start + window });
    if (windows[windows.length - 1].end < samples.length)
      windows.push({ start: samples.length - window, end: samples.length });
    return { recording, windows };
  }

  /** What became of recordings, in their order. */
  private *answered(waiting: readonly Awaiting[], speaker: Statistics | undefined): Generator<FilePrediction> {
    const answers = this.answers(
      waiting.flatMap(({ cut }) => cut ?? []),
      speaker,
    );
    for (const { path, cut, reason } of waiting) yield cut ? { path, ...answers.shift()! } : { path, reason };
  }

  private answers(cut: readonly CutRecording[], speaker: Statistics | undefined): Prediction[] {
    const { labels } = this.settings;
    const rows = this.probabilities(cut, speaker);
    return cut.map(({ recording: { samples, sampleRateHz }, windows }) => {
      const results = windows.map(({ start, end }) => ({
        startSeconds: start / sampleRateHz,
        endSeconds: end / sampleRateHz,
        ...best(rows.shift()!, labels),
      }));
      const mean = labels.map((label) => results.reduce((sum, r) => sum + r.probabilities[label], 0) / results.length);
      return { startSeconds: 0, endSeconds: samples.length / sampleRateHz, ...best(mean, labels), windows: results };
    });
  }

  /** The network's output for one window after the other, of one recording after the other. */
  private probabilities(cut: readonly CutRecording[], speaker: Statistics | undefined): Float32Array[] {
    const { labels, mel, frames, trainStatistics } = this.settings;
    const size = mel.bands * frames;
    const all = cut.flatMap(({ recording, windows }) => windows.map((window) => ({ recording, window })));
    const rows: Float32Array[] = [];
    for (let from = 0; from < all.length; from += WINDOWS_AT_A_TIME) {
      const some = all.slice(from, from + WINDOWS_AT_A_TIME);
      const inputs = new Float32Array(some.length * size);
      for (const [i, { recording, window }] of some.entries()) {
        const part = recording.samples.subarray(window.start, window.end);
        const { decibels, statistics } = this.extract(recordingOf(part, recording.sampleRateHz));
        const target = inputs.subarray(i * size, (i + 1) * size);
        normalisedInput(decibels, trainStatistics ?? speaker ?? statistics, { frames, target });
      }
      const probabilities = clipProbabilities(this.bundle.network, inputs, { bands: mel.bands, frames });
      for (const i of some.keys()) rows.push(probabilities.subarray(i * labels.length, (i + 1) * labels.length));
    }
    return rows;
  }
}

/** A part of a recording, in samples. */
interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** A recording, and what the network gets of it. */
interface CutRecording {
  readonly recording: Recording;
  readonly windows: readonly Stretch[];
}

/** A file whose answer is not given yet: cut, or why it is not. */
type Awaiting =
  | { readonly path: string; readonly cut: CutRecording; readonly reason?: undefined }
  | { readonly path: string; readonly cut?: undefined; readonly reason: string };

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
