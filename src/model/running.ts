import { InputError, reasonOf } from '../common/errors.js';
import { joined } from '../common/joined.js';
import type { WindowPrediction } from './answer.js';
import type { PredictionOptions, TrainedModel } from './emotion-model.js';

/** What a stretch of a sound sounds like, or why there is no answer, as where it is silent. */
export type RunningAnswer =
  | WindowPrediction
  | (Pick<WindowPrediction, 'startSeconds' | 'endSeconds'> & { readonly reason: string });

export interface RunningOptions extends PredictionOptions {
  /** Rate of the pieces, in Hz. */
  readonly sampleRateHz: number;
  /**
   * Where a piece completes several windows, only the last of them is answered: for a sound that goes on meanwhile, so that the
   * answers do not fall behind; default: false.
   */
  readonly latestOnly?: boolean;
}

/**
 * A model that listens to a sound while it goes on: an answer at every hop, about the window that ends there.
 *
 * Each window is a recording of its own: the answer is that of {@link TrainedModel.predict} to its samples. Where `predict` is given
 * all of a long recording, it takes windows out of the features of the whole, which nobody has while it goes on: its answers are
 * similar, not the same. Only a window's samples are kept.
 *
 * @example
 * const running = new RunningPrediction(model, { sampleRateHz: 48000 });
 * for await (const piece of microphone) for (const answer of await running.hear(piece)) show(answer);
 * for (const answer of await running.end()) show(answer);
 */
export class RunningPrediction {
  private readonly window: number;
  private readonly hop: number;
  /** The samples that are still needed, and the number of the first of them. */
  private kept: Float32Array = new Float32Array();
  private first = 0;
  /** Where the next window begins, and where the last one ended. */
  private next = 0;
  private answered = 0;
  private readonly prediction: Required<PredictionOptions>;

  /** @throws UsageError if an option is out of range */
  constructor(
    private readonly model: Pick<TrainedModel, 'predict' | 'completeOptions'>,
    private readonly options: RunningOptions,
  ) {
    this.prediction = model.completeOptions(options);
    const { windowSeconds, hopSeconds } = this.prediction;
    this.window = Math.round(windowSeconds * options.sampleRateHz);
    this.hop = Math.max(1, Math.min(Math.round(hopSeconds * options.sampleRateHz), this.window));
  }

  /**
   * The next piece of the sound: mono samples in [-1, 1], as many as there are. To be awaited before the piece after it is given.
   *
   * @returns the answers about the windows that it completes; there may be none
   * @throws InputError if the samples are none, see {@link TrainedModel.predict}
   */
  async hear(samples: Float32Array): Promise<RunningAnswer[]> {
    this.kept = joined([this.kept, samples]);
    const answers: RunningAnswer[] = [];
    const complete = Math.floor((this.heard - this.window - this.next) / this.hop);
    if (this.options.latestOnly && complete > 0) this.next += complete * this.hop;
    for (; this.next + this.window <= this.heard; this.next += this.hop) answers.push(await this.answer(this.next));
    // A last window, flush with the end, may begin before the next one.
    const needed = Math.max(this.first, Math.min(this.next, this.heard - this.window));
    this.kept = this.kept.slice(needed - this.first);
    this.first = needed;
    return answers;
  }

  /** There are no more pieces. @returns the answer about the last window, flush with the end, unless it is given already */
  async end(): Promise<RunningAnswer[]> {
    return this.answered < this.heard ? [await this.answer(Math.max(0, this.heard - this.window))] : [];
  }

  /** Samples so far. */
  private get heard(): number {
    return this.first + this.kept.length;
  }

  private async answer(start: number): Promise<RunningAnswer> {
    const { sampleRateHz } = this.options;
    const samples = this.kept.subarray(start - this.first, start - this.first + this.window);
    this.answered = start + samples.length;
    const place = { startSeconds: start / sampleRateHz, endSeconds: this.answered / sampleRateHz };
    try {
      const { windows: _, ...prediction } = await this.model.predict({ samples, sampleRateHz }, this.prediction);
      return { ...prediction, ...place };
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      return { ...place, reason: reasonOf(error) };
    }
  }
}
