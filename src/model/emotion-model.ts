/**
 * A trained model at work on sound; runs in a browser as well as in Node.
 *
 * In: samples, or where a decoder is given, recordings. Out: emotions with their probabilities, also over time.
 */
import type { AnyRecording } from '../audio/decode.js';
import type { BackendInfo } from '../backend/info.js';
import { InputError, reasonOf, UsageError } from '../common/errors.js';
import { type Examples, gathered } from '../dataset/examples.js';
import { INPUTS, type Input } from '../dataset/inputs.js';
import { type Encoder, FRAMES_PER_STATE } from '../encoder/encoder.js';
import { type ClipFeatures, checkRecording } from '../features/clip-features.js';
import { cutFrames, meanOfCopies, meanOverTime } from '../features/cut.js';
import { atSpeed, extractorFor, type FeatureSettings, featureNamed } from '../features/features.js';
import { bandMeans, bandStatistics, NO_STATISTICS, type Statistics } from '../features/normalise.js';
import type { Spectrogram } from '../features/spectrogram.js';
import type { Waveform } from '../kernels/kernels.js';
import { type Activation, activationsOf } from '../networks/activations.js';
import { CLIPS_TOGETHER, clipProbabilities } from '../networks/probabilities.js';
import { answerOf, type WindowPrediction } from './answer.js';
import { GIVEN, recordingOf, type Sound } from './audio.js';
import type { Bundle } from './bundle.js';
import type { ModelSettings } from './settings.js';

export { UNCERTAIN, type WindowPrediction } from './answer.js';

/** What a recording sounds like, as a whole and over time. */
export interface Prediction extends WindowPrediction {
  /** Stretch by stretch, together all of the recording; itself alone where it is too short for more than one. */
  readonly windows: readonly WindowPrediction[];
}

/** A prediction, or why there is none. */
export type Answer = Prediction | { readonly reason: string };

/** The answer to a file. */
export type FilePrediction = { readonly path: string } & Answer;

/** Audio to predict from: the path of a recording, or sound in memory. */
export type Audio = string | Sound;

/** One of many recordings: itself, or what provides it when its turn comes. */
export type LazyAudio = Audio | (() => Audio | Promise<Audio>);

/** How long recordings are cut into windows. */
export interface WindowOptions {
  /** Length of a window, at most what the network takes; default: that, in tenths of a second, or 2 s if it takes any length. */
  readonly windowSeconds?: number;
  /** Time between the starts of two windows, at most a window, so that nothing between two is unheard; default: 1 s. */
  readonly hopSeconds?: number;
}

export const WINDOW_DEFAULTS = { windowSeconds: 2, hopSeconds: 1 } as const;

/** How recordings are answered. */
export interface PredictionOptions extends WindowOptions {
  /** Answers with a lower probability are {@link UNCERTAIN}, those about windows too; default: 0, so that none is. */
  readonly uncertainBelow?: number;
}

/** Reads a recording; throws InputError if it cannot. */
export type Decode = (path: string) => Promise<AnyRecording>;

/** What a model may need beside its own folder. */
export interface ModelParts {
  /** Reads recordings; without it, only samples can be predicted from. */
  readonly decode?: Decode;
  /** The encoder that its settings name. */
  readonly encoder?: Encoder;
}

/** A recording on its way through a network. */
export interface Inside {
  /** The network's name, see `NETWORKS`. */
  readonly network: string;
  /** What is computed of the recording. */
  readonly features: Spectrogram;
  /** What the encoder makes of that; absent where there is none. */
  readonly states?: Spectrogram;
  /** What each layer makes of that, the network's inputs first. */
  readonly activations: readonly Activation[];
}

/** What is asked for emotions: one network, or several that answer as one. */
export interface TrainedModel {
  /** What the model was trained on and how audio is prepared for it; `labels` are the emotions that it knows. */
  readonly settings: ModelSettings;
  /** What computes. */
  readonly backend: BackendInfo;

  /**
   * Tells the emotion of a recording, all of which is heard.
   *
   * A recording shorter than a window and a hop is taken whole if the network takes as much, a longer one in windows, of which
   * the last ends where the recording does. Either way it is prepared as a clip is for training and evaluation: its features
   * are computed and normalised as a whole, and windows are cut out of them. A model normalised by speaker takes the
   * recording's own statistics for its speaker's, unless it takes one vector of each: then see {@link predictEach}.
   *
   * @throws InputError if the recording cannot be read, is truncated, too short, silent or no sound at all, or is not enough
   * @throws UsageError if an option is out of range
   */
  predict(audio: Audio, options?: PredictionOptions): Promise<Prediction>;

  /** Tells the emotion of many files, see {@link TrainedModel.predictEach}. */
  predictFiles(paths: readonly string[], options?: PredictionOptions): AsyncGenerator<FilePrediction>;

  /**
   * Tells the emotion of many recordings, one after the other; an unusable one yields its reason.
   *
   * A model normalised by speaker takes all of them as one speaker's: its statistics are gathered in a first pass, so that
   * each recording is asked for twice.
   */
  predictEach(recordings: readonly LazyAudio[], options?: PredictionOptions): AsyncGenerator<Answer>;

  /**
   * Options with this model's own where none are given.
   *
   * @throws UsageError if one is out of range
   */
  completeOptions(options: PredictionOptions): Required<PredictionOptions>;

  /**
   * What becomes of a recording on its way to the answer, taken as a whole, for people to look at: of each network that answers.
   *
   * @throws InputError as {@link TrainedModel.predict}
   */
  inside(audio: Audio): Promise<readonly Inside[]>;

  /** Frees the networks' memory. */
  dispose(): void;
}

/** A trained model of one network, ready for recordings. */
export class EmotionModel implements TrainedModel {
  /** What is made of a recording at each speed: its own, and those of copies. */
  private readonly copies: readonly {
    readonly speed: number;
    readonly extract: (recording: AnyRecording) => ClipFeatures;
  }[];
  /** Of the features; undefined where they have one frame. */
  private readonly secondsPerFrame: number | undefined;
  /** The longest recording that the network hears at once: any, where it takes a clip as it is. */
  private readonly longestSeconds: number;

  /**
   * @param backend - what computes
   * @throws UsageError if the encoder that it needs is not given
   */
  constructor(
    private readonly bundle: Bundle,
    readonly backend: BackendInfo,
    private readonly parts: ModelParts = {},
  ) {
    const { features, encoder: needed, input, frames, normalisation, speeds = [] } = bundle.settings;
    const { encoder } = parts;
    if (needed && encoder?.name !== needed.name)
      throw new UsageError(`Cannot use this model without its encoder: ${needed.name} must be given`);
    const extractor = (settings: FeatureSettings) => {
      const extract = extractorFor(settings);
      const encoded = needed && encoder ? (recording: AnyRecording) => encodedBy(encoder, extract(recording)) : extract;
      return normalisation === 'bands'
        ? (recording: AnyRecording) => withBandMeans(encoded(recording), INPUTS[input])
        : encoded;
    };
    this.copies = [
      { speed: 1, extract: extractor(features) },
      ...speeds.map((speed) => ({ speed, extract: extractor(atSpeed(features, speed)) })),
    ];
    const secondsPerFrame = featureNamed(features.name).secondsPerFrame(features.options);
    this.secondsPerFrame =
      needed && secondsPerFrame !== undefined ? FRAMES_PER_STATE * secondsPerFrame : secondsPerFrame;
    this.longestSeconds =
      input === 'picture' && this.secondsPerFrame !== undefined
        ? frames * this.secondsPerFrame
        : Number.POSITIVE_INFINITY;
  }

  /** See {@link TrainedModel.settings}. */
  get settings(): ModelSettings {
    return this.bundle.settings;
  }

  /** See {@link TrainedModel.predict}. */
  async predict(audio: Audio, options: PredictionOptions = {}): Promise<Prediction> {
    const checked = this.completeOptions(options);
    const cut = this.cut(await this.usable(audio), checked);
    const speaker = this.bySpeaker ? this.statisticsOf([cut.whole.features().matrix]) : undefined;
    return this.answers([cut], speaker, checked)[0];
  }

  /** See {@link TrainedModel.predictFiles}. */
  async *predictFiles(paths: readonly string[], options: PredictionOptions = {}): AsyncGenerator<FilePrediction> {
    let next = 0;
    for await (const answer of this.predictEach(paths, options)) yield { path: paths[next++], ...answer };
  }

  /** See {@link TrainedModel.predictEach}. */
  async *predictEach(recordings: readonly LazyAudio[], options: PredictionOptions = {}): AsyncGenerator<Answer> {
    const checked = this.completeOptions(options);
    const statistics = this.bySpeaker ? await this.speakerStatistics(recordings) : undefined;
    // The network takes a few windows together in hardly more time than one.
    let waiting: Awaiting[] = [];
    for (const audio of recordings) {
      const recording = await this.usableOrReason(audio);
      waiting.push(typeof recording === 'string' ? { reason: recording } : this.cut(recording, checked));
      const count = waiting.reduce((sum, each) => sum + ('reason' in each ? 0 : this.asked(each).length), 0);
      if (count < CLIPS_TOGETHER && waiting.length < CLIPS_TOGETHER) continue;
      yield* this.answered(waiting, statistics, checked);
      waiting = [];
    }
    yield* this.answered(waiting, statistics, checked);
  }

  /** See {@link TrainedModel.completeOptions}. */
  completeOptions(options: PredictionOptions): Required<PredictionOptions> {
    const longest = this.longestSeconds;
    const usual = Number.isFinite(longest) ? Math.max(SHORTEST_WINDOW, Math.floor(longest * 10) / 10) : undefined;
    const windowSeconds = options.windowSeconds ?? usual ?? WINDOW_DEFAULTS.windowSeconds;
    const { hopSeconds = WINDOW_DEFAULTS.hopSeconds, uncertainBelow = 0 } = options;
    if (!(windowSeconds >= SHORTEST_WINDOW && windowSeconds <= longest && Number.isFinite(windowSeconds)))
      throw new UsageError(
        `Cannot cut windows: the window must be between ${SHORTEST_WINDOW} s and what the network takes, ${longest.toFixed(2)} s, current value is ${windowSeconds}`,
      );
    if (!(hopSeconds >= 0.01 && Number.isFinite(hopSeconds)))
      throw new UsageError(`Cannot cut windows: the hop must be at least 0.01 s, current value is ${hopSeconds}`);
    if (!(uncertainBelow >= 0 && uncertainBelow <= 1))
      throw new UsageError(
        `Cannot tell what is uncertain: the threshold must be a probability from 0 to 1, current value is ${uncertainBelow}`,
      );
    return { windowSeconds, hopSeconds, uncertainBelow };
  }

  /** See {@link TrainedModel.inside}. */
  async inside(audio: Audio): Promise<readonly Inside[]> {
    const recording = await this.usable(audio);
    const features = this.copies.map(({ extract }) => extract(recording));
    const { matrix } = features[0];
    const speaker = this.bySpeaker ? this.statisticsOf([matrix]) : undefined;
    const examples = this.examplesOf([ofCopies(features)], speaker);
    const activations = activationsOf(this.bundle.network, gathered(examples, [0]), examples.shapes);
    const network = this.settings.trainedOn.network;
    if (!this.parts.encoder) return [{ network, features: matrix, activations }];
    return [{ network, features: extractorFor(this.settings.features)(recording).matrix, states: matrix, activations }];
  }

  /** See {@link TrainedModel.dispose}. */
  dispose(): void {
    this.bundle.network.dispose();
    this.parts.encoder?.dispose();
  }

  private get bySpeaker(): boolean {
    return this.settings.normalisation === 'speaker';
  }

  /** Statistics of all usable recordings together; undefined if there is none. */
  private async speakerStatistics(recordings: readonly LazyAudio[]): Promise<Statistics | undefined> {
    const spectrograms: Spectrogram[] = [];
    for (const audio of recordings) {
      const recording = await this.usableOrReason(audio);
      if (typeof recording === 'string') continue;
      spectrograms.push(ofCopies(this.copies.map(({ extract }) => extract(recording))).matrix);
    }
    return spectrograms.length > 0 ? this.statisticsOf(spectrograms) : undefined;
  }

  /**
   * What the recordings of a speaker are normalised by.
   *
   * @throws InputError if the network takes a vector of each, and there is only one: nothing would be left of it
   */
  private statisticsOf(recordings: readonly Spectrogram[]): Statistics {
    if (this.settings.input !== 'vector') return bandStatistics(recordings);
    if (recordings.length < 2)
      throw new InputError(
        'Cannot normalise by speaker: this model compares the recordings of a speaker, so there must be at least 2 in one call, current number is 1',
      );
    return bandStatistics(recordings.map(meanOverTime));
  }

  /** Computes a recording's features and cuts them into windows at every hop, the last one flush with the end. */
  private cut(recording: AnyRecording, { windowSeconds, hopSeconds }: Required<WindowOptions>): CutRecording {
    const { samples, sampleRateHz } = recording;
    const features = this.copies.map(({ extract }) => extract(recording));
    const whole: Stretch = {
      startSeconds: 0,
      endSeconds: samples.length / sampleRateHz,
      features: () => ofCopies(features),
    };
    const window = Math.round(windowSeconds * sampleRateHz);
    // What lies between two windows would not be heard.
    const hop = Math.min(Math.round(hopSeconds * sampleRateHz), window);
    if (samples.length < window + hop && whole.endSeconds <= this.longestSeconds) return { whole, windows: [] };
    const starts: number[] = [];
    for (let start = 0; start + window <= samples.length; start += hop) starts.push(start);
    if (starts[starts.length - 1] + window < samples.length) starts.push(samples.length - window);
    const windows = starts.map((start): Stretch => {
      const end = start + window;
      return {
        startSeconds: start / sampleRateHz,
        endSeconds: end / sampleRateHz,
        features: () =>
          ofCopies(
            this.copies.map(({ speed, extract }, c) =>
              this.secondsPerFrame === undefined
                ? extract(recordingOf({ samples: partOf(samples, start, window), sampleRateHz }))
                : stretchOf(features[c], {
                    startFrame: start / sampleRateHz / speed / this.secondsPerFrame,
                    frames: Math.min(1 + Math.floor(windowSeconds / speed / this.secondsPerFrame), this.mostFrames),
                    isLast: end === samples.length,
                  }),
            ),
          ),
      };
    });
    return { whole, windows };
  }

  /** Frames that the network takes at most. */
  private get mostFrames(): number {
    return this.settings.input === 'picture' ? this.settings.frames : Number.POSITIVE_INFINITY;
  }

  /** What the network is asked about a recording. */
  private asked({ whole, windows }: CutRecording): readonly Stretch[] {
    if (this.settings.answers === 'whole') return [whole, ...windows];
    return windows.length > 0 ? windows : [whole];
  }

  /** What became of recordings, in their order. */
  private *answered(
    waiting: readonly Awaiting[],
    speaker: Statistics | undefined,
    options: Required<PredictionOptions>,
  ): Generator<Answer> {
    const cut = waiting.flatMap((each) => ('reason' in each ? [] : each));
    const answers = this.answers(cut, speaker, options);
    for (const each of waiting) yield 'reason' in each ? each : answers.shift()!;
  }

  private answers(
    cut: readonly CutRecording[],
    speaker: Statistics | undefined,
    { uncertainBelow }: Required<PredictionOptions>,
  ): Prediction[] {
    const { labels, answers } = this.settings;
    const answer = (row: ArrayLike<number>) => answerOf(row, labels, uncertainBelow);
    const all = cut.map((recording) => this.asked(recording));
    const rows = this.probabilities(all.flat(), speaker);
    return cut.map(({ whole: { startSeconds, endSeconds } }, r) => {
      const results = all[r].map((stretch) => ({
        startSeconds: stretch.startSeconds,
        endSeconds: stretch.endSeconds,
        ...answer(rows.shift()!),
      }));
      if (answers === 'whole') {
        const [whole, ...windows] = results;
        return { ...whole, windows: windows.length > 0 ? windows : [whole] };
      }
      const mean = labels.map((label) => results.reduce((sum, r) => sum + r.probabilities[label], 0) / results.length);
      return { startSeconds, endSeconds, ...answer(mean), windows: results };
    });
  }

  /** The network's output for one stretch after the other. */
  private probabilities(stretches: readonly Stretch[], speaker: Statistics | undefined): Float32Array[] {
    const { labels, input } = this.settings;
    // What is padded to the longest one is computed alone, so that the others make no difference.
    const together = INPUTS[input].shapes({ bands: 1, frames: 1 }).length > 1 ? 1 : CLIPS_TOGETHER;
    const rows: Float32Array[] = [];
    for (let from = 0; from < stretches.length; from += together) {
      const some = stretches.slice(from, from + together);
      const each = some.map((stretch) => stretch.features());
      const probabilities = this.computed(this.examplesOf(each, speaker));
      for (const i of some.keys()) rows.push(probabilities.subarray(i * labels.length, (i + 1) * labels.length));
    }
    return rows;
  }

  /** Features as the network takes them: normalised, and all of one shape. */
  private examplesOf(some: readonly ClipFeatures[], speaker: Statistics | undefined): Examples {
    const { input, frames, normalisation, trainStatistics } = this.settings;
    const none = normalisation === 'none' ? NO_STATISTICS : undefined;
    const kind = INPUTS[input];
    const parts = some.map(({ matrix }) => kind.part(matrix));
    const width = kind.frames(() => Math.max(...parts.map((part) => part.frames)), frames);
    return {
      count: some.length,
      shapes: kind.shapes({ bands: parts[0].bands, frames: width }),
      write: (i, into) =>
        kind.write(parts[i], none ?? trainStatistics ?? speaker ?? some[i].statistics, { frames: width, into }),
    };
  }

  /** A network that somebody else has made may be one that cannot be computed, or does not answer with numbers. */
  private computed(examples: Examples): Float32Array {
    let probabilities: Float32Array;
    try {
      probabilities = clipProbabilities(this.bundle.network, examples);
    } catch (error) {
      throw new InputError(`Cannot use the model: its network cannot be computed: ${reasonOf(error)}`, {
        cause: error,
      });
    }
    if (!probabilities.every(Number.isFinite))
      throw new InputError(
        'Cannot use the model: it answers with something else than numbers; its weights are damaged',
      );
    return probabilities;
  }

  private async usable(audio: Audio): Promise<AnyRecording> {
    const recording = typeof audio === 'string' ? await this.decoded(audio) : recordingOf(audio);
    checkRecording(recording, typeof audio === 'string' ? audio : GIVEN);
    return recording;
  }

  private decoded(path: string): Promise<AnyRecording> {
    if (!this.parts.decode)
      throw new UsageError(`Cannot read ${path}: this model was made without a decoder; give samples and their rate`);
    return this.parts.decode(path);
  }

  /** The recording, or in one line why it cannot be used. */
  private async usableOrReason(audio: LazyAudio): Promise<AnyRecording | string> {
    try {
      return await this.usable(typeof audio === 'function' ? await audio() : audio);
    } catch (error) {
      if (error instanceof InputError) return reasonOf(error);
      throw error;
    }
  }
}

const SHORTEST_WINDOW = 0.1;

/** A part of a recording. */
interface Stretch {
  readonly startSeconds: number;
  readonly endSeconds: number;
  /** Made when they are asked for, so that a long recording's windows are not all in memory. */
  readonly features: () => ClipFeatures;
}

/** A recording, as a whole and in windows; no windows where it is too short for more than one. */
interface CutRecording {
  readonly whole: Stretch;
  readonly windows: readonly Stretch[];
}

/** A recording whose answer is not given yet: cut, or why it is not. */
type Awaiting = CutRecording | { readonly reason: string };

/** The states of a recording in place of its features. */
function encodedBy(encoder: Encoder, features: ClipFeatures): ClipFeatures {
  const [matrix] = encoder.states([features.matrix]);
  return { ...features, matrix };
}

/** Features with the statistics that take the mean of each band out of them. */
function withBandMeans(features: ClipFeatures, { part }: Pick<Input, 'part'>): ClipFeatures {
  return { ...features, statistics: bandMeans(part(features.matrix)) };
}

/** What is taken of a recording and its copies: their mean, or itself where there are none. */
function ofCopies(features: readonly ClipFeatures[]): ClipFeatures {
  const [first] = features;
  return features.length === 1 ? first : { ...first, matrix: meanOfCopies(features.map(({ matrix }) => matrix)) };
}

/** So many samples from one on. */
function partOf(samples: Float32Array | Waveform, start: number, count: number): Float32Array {
  if (samples instanceof Float32Array) return samples.subarray(start, start + count);
  const part = new Float32Array(count);
  samples.copyTo(start, part);
  return part;
}

/** A window's frames out of a recording's, with the recording's statistics; the last ones end where the recording does. */
function stretchOf(
  features: ClipFeatures,
  { startFrame, frames, isLast }: { startFrame: number; frames: number; isLast: boolean },
): ClipFeatures {
  const first = isLast ? Math.max(0, features.matrix.frames - frames) : Math.round(startFrame);
  return { ...features, matrix: cutFrames(features.matrix, first, frames) };
}
