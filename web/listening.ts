import { joined } from '../src/common/joined.js';
import type { TrainedModel } from '../src/model/emotion-model.js';
import { type RunningAnswer, RunningPrediction } from '../src/model/running.js';
import { END, KEPT_SECONDS, type Piece, type SoundReply } from './messages.js';
import { nextTask } from './next-task.js';
import { Pictures } from './pictures.js';

/** Time between two answers, in seconds: of a sound that goes on, and of a recording, where it is the hop of `predict`. */
const LIVE_HOP = 0.5;
const HOP = 1;

/** Samples of a recording that pictures are made of at a time. */
const PIECE = 2 ** 16;

/** A sound that is no longer is also heard as a whole, in one pass. */
const WHOLE_SECONDS = 30;

/** Listens to one sound, and tells what its pictures grow by and what the model says. */
export class Listening {
  private readonly pictures: Pictures;
  private readonly running: RunningPrediction;
  /** The sound, as far as it is kept, and how much of it has been dropped, in samples. */
  private pieces: Float32Array[] = [];
  private dropped = 0;
  private length = 0;
  private isCancelled = false;

  constructor(
    private readonly model: TrainedModel,
    private readonly sampleRateHz: number,
    private readonly how: { readonly isLive: boolean; readonly reply: (reply: SoundReply) => void },
  ) {
    const hopSeconds = how.isLive ? LIVE_HOP : HOP;
    this.pictures = new Pictures(sampleRateHz);
    this.running = new RunningPrediction(model, { sampleRateHz, hopSeconds, latestOnly: how.isLive });
  }

  /** Another sound has begun, or another model is there: nothing more is told of this one. */
  cancel(): void {
    this.isCancelled = true;
  }

  /** All of the sound; undefined if some of it is no longer kept. */
  get whole(): { samples: Float32Array; sampleRateHz: number } | undefined {
    return this.dropped === 0 && this.length > 0
      ? { samples: joined(this.pieces), sampleRateHz: this.sampleRateHz }
      : undefined;
  }

  /** A stretch of the sound; undefined if it is no longer kept. */
  stretch(startSeconds: number, endSeconds: number): { samples: Float32Array; sampleRateHz: number } | undefined {
    const from = Math.round(startSeconds * this.sampleRateHz) - this.dropped;
    if (from < 0) return undefined;
    const samples = joined(this.pieces).slice(from, Math.round(endSeconds * this.sampleRateHz) - this.dropped);
    return { samples, sampleRateHz: this.sampleRateHz };
  }

  /** Listens to what comes through a port, until its end. */
  async listen(port: MessagePort): Promise<void> {
    const waiting: Piece[] = [];
    let [hasEnded, isBusy] = [false, false];
    const goOn = async () => {
      if (isBusy) return;
      isBusy = true;
      while (waiting.length > 0 && !this.isCancelled) {
        // What has come in while something was computed waits as messages: it is taken together, or answers would fall behind.
        await nextTask();
        const pieces = waiting.splice(0);
        const samples = joined(pieces.map((piece) => piece.samples));
        for (const piece of pieces) this.keep(piece.samples);
        this.show(this.pictures.hear(samples));
        this.tell(await this.running.hear(samples), pieces[pieces.length - 1].spoken);
      }
      isBusy = false;
    };
    await new Promise<void>((resolve, reject) => {
      port.onmessage = ({ data }: MessageEvent<Piece | typeof END>) => {
        if (data === END) hasEnded = true;
        else waiting.push(data);
        goOn().then(() => {
          if (!isBusy && (this.isCancelled || (hasEnded && waiting.length === 0))) resolve();
        }, reject);
      };
    });
    port.close();
    this.show(this.pictures.end());
    await this.finish();
  }

  /** Listens to a recording that is all there. */
  async hear(samples: Float32Array): Promise<void> {
    this.pieces = [samples];
    this.length = samples.length;
    for (let from = 0; from < samples.length; from += PIECE) {
      this.show(this.pictures.hear(samples.subarray(from, from + PIECE)));
      await nextTask();
      if (this.isCancelled) return;
    }
    this.show(this.pictures.end());
    const hop = Math.round(HOP * this.sampleRateHz);
    for (let from = 0; from < samples.length && !this.isCancelled; from += hop) {
      const now = Date.now();
      this.tell(await this.running.hear(samples.subarray(from, from + hop)), now);
      await nextTask();
    }
    await this.finish();
  }

  private keep(piece: Float32Array): void {
    this.pieces.push(piece);
    this.length += piece.length;
    const most = KEPT_SECONDS * this.sampleRateHz;
    while (this.length - this.dropped - this.pieces[0].length >= most) this.dropped += this.pieces.shift()!.length;
  }

  private async finish(): Promise<void> {
    if (this.isCancelled) return;
    const now = Date.now();
    this.tell(await this.running.end(), now);
    const seconds = this.length / this.sampleRateHz;
    const sound = seconds <= WHOLE_SECONDS ? this.whole : undefined;
    this.how.reply({ kind: 'heard', seconds, whole: sound && (await this.answerToAll(sound)) });
  }

  /** Undefined where there is none, as to silence. */
  private async answerToAll(sound: { samples: Float32Array; sampleRateHz: number }) {
    for await (const answer of this.model.predictEach([sound])) {
      if ('reason' in answer) return undefined;
      const { windows: _, ...whole } = answer;
      return whole;
    }
  }

  private show({ waveform, decibels }: { waveform: Float32Array; decibels: Float32Array }): void {
    if (!this.isCancelled) this.how.reply({ kind: 'pictures', waveform, decibels });
  }

  private tell(answers: readonly RunningAnswer[], spoken: number): void {
    if (this.isCancelled) return;
    for (const answer of answers) this.how.reply({ kind: 'answer', answer, spoken });
  }
}
