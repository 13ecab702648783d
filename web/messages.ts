/** What the page and the worker that computes tell each other. */
import type { WindowPrediction } from '../src/model/answer.js';
import type { Inside } from '../src/model/emotion-model.js';
import type { FolderFile } from '../src/model/model-files.js';
import type { Evidence } from '../src/model/occlusion.js';
import type { RunningAnswer } from '../src/model/running.js';

/** What comes through a port: a piece of a sound, and when the last of it was spoken, as `Date.now()` tells it on every thread. */
export interface Piece {
  readonly samples: Float32Array;
  readonly spoken: number;
}

/** What comes through a port after the last piece. */
export const END = 'end';

/** Of a sound that goes on, so much is kept to look at, in seconds. */
export const KEPT_SECONDS = 120;

/** What the page asks for. Answers have the number of the question, as another one may have been asked meanwhile. */
export type Request =
  /** Take the model in these files, or the one that comes with the page. */
  | { readonly kind: 'load'; readonly folder?: { readonly name: string; readonly files: readonly FolderFile[] } }
  /** Listen to a sound that comes in through a port, as pieces of samples, until {@link END}. */
  | { readonly kind: 'listen'; readonly id: number; readonly sampleRateHz: number; readonly port: MessagePort }
  /** Listen to a recording. */
  | { readonly kind: 'hear'; readonly id: number; readonly samples: Float32Array; readonly sampleRateHz: number }
  /** Listen to the latest sound again, with another model. */
  | { readonly kind: 'again'; readonly id: number }
  /** Show what becomes of a stretch of the latest sound. */
  | { readonly kind: 'look'; readonly id: number; readonly startSeconds: number; readonly endSeconds: number };

/** What is told of a sound. */
export type SoundReply =
  /** More columns of its pictures. */
  | { readonly kind: 'pictures'; readonly waveform: Float32Array; readonly decibels: Float32Array }
  /** The answer to a window, and when the last of it was there, as `Date.now()` tells it on every thread. */
  | { readonly kind: 'answer'; readonly answer: RunningAnswer; readonly spoken: number }
  /** All of it is answered; the answer to the whole, where it is short enough to be heard as one. */
  | { readonly kind: 'heard'; readonly whole?: WindowPrediction; readonly seconds: number };

/** What is told of a stretch that is looked at. */
export type LookReply =
  | { readonly kind: 'inside'; readonly networks: readonly Inside[] }
  | {
      readonly kind: 'evidence';
      readonly evidence: readonly Evidence[];
      readonly emotion: string;
      readonly done: boolean;
    };

export type Reply =
  /** How much of a model is there, from 0 to 1. */
  | { readonly kind: 'loading'; readonly share: number }
  | { readonly kind: 'loaded'; readonly model: LoadedModel }
  | ({ readonly id: number } & (SoundReply | LookReply))
  /** What was asked for cannot be done; all is as it was before. */
  | { readonly kind: 'problem'; readonly reason: string };

/** What a page says of a model. */
export interface LoadedModel {
  readonly name: string;
  readonly labels: readonly string[];
  readonly network: string;
  /** What it has learnt from, in words. */
  readonly learntFrom: string;
  readonly windowSeconds: number;
  /** The model card, in Markdown; undefined if there is none. */
  readonly card?: string;
}
