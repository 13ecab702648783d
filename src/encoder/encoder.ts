/**
 * A frozen, pre-trained encoder: it has learnt from much speech what to listen to, and is not trained any further.
 *
 * In: log-mel spectrograms. Out: states, 512 numbers for every 20 ms, whose mean over time describes a recording.
 */
import * as tf from '@tensorflow/tfjs-core';
import { InputError } from '../common/errors.js';
import type { ClipFeatures } from '../features/clip-features.js';
import { meanOverTime } from '../features/cut.js';
import { LOG_MEL } from '../features/log-mel.js';
import { clipStatistics } from '../features/normalise.js';
import type { Spectrogram } from '../features/spectrogram.js';
import { readSafetensors, type StoredTensor } from './safetensors.js';
import { encode, foldedWeights, MOST_POSITIONS, STATE_SIZE, sinusoids, type WhisperWeights } from './whisper.js';

/** What is known of an encoder. */
export interface EncoderDefinition {
  /** For people: what it is, and what it has learnt from. */
  readonly description: string;
  /** The published model that it is a part of, by its name on Hugging Face. */
  readonly cutFrom: string;
  readonly file: string;
  readonly sha256: string;
  readonly licence: string;
}

/** The encoders that come with the project, by name. */
export const ENCODERS = {
  'whisper-base-3': {
    description:
      "the first three of six blocks of the encoder of OpenAI's Whisper (base), which heard 680,000 hours of speech from the internet with its transcripts, and no labels of emotions",
    cutFrom: 'openai/whisper-base',
    file: 'whisper-base-3.safetensors',
    sha256: '56c54f3dfa6bf5db59ea01fdbab220d078774c5b7983badc6c4dbc6f406d4f9d',
    licence: 'MIT, Copyright (c) 2022 OpenAI',
  },
} as const satisfies Readonly<Record<string, EncoderDefinition>>;

export type EncoderName = keyof typeof ENCODERS;

/**
 * The tensors of an encoder's file.
 *
 * @throws InputError if it is another file, or damaged
 */
export async function encoderTensors(name: EncoderName, weights: Uint8Array): Promise<Map<string, StoredTensor>> {
  const { sha256, file } = ENCODERS[name];
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', weights as BufferSource));
  const found = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  if (found !== sha256)
    throw new InputError(
      `The weights of the encoder ${name} are damaged: ${file} must have the SHA-256 ${sha256}, it has ${found}`,
    );
  return readSafetensors(weights, file);
}

/** Mel frames that become one state. */
export const FRAMES_PER_STATE = 2;

/** The network's pass, on the backend in use. */
export interface Forward {
  /**
   * @param mel - shape `(frames, 80)`
   * @returns states, shape `(⌈frames / 2⌉, 512)`
   */
  readonly run: (mel: Float32Array, frames: number) => Float32Array;
  readonly dispose: () => void;
}

/** After so many stretches the pass is recorded: that takes about as long as it saves with as many more of 2 s. */
const RECORDED_AFTER = 40;

export interface EncoderOptions {
  /** Makes a faster pass of the weights, where the backend has one. */
  readonly record?: (weights: WhisperWeights) => Forward;
}

/** An encoder at work; the backend must be set. */
export class Encoder {
  private forward: Forward;
  private recorded = false;
  private runs = 0;

  /**
   * @param weights - content of the encoder's file
   * @throws InputError if it is not that file's, or damaged
   */
  static async from(name: EncoderName, weights: Uint8Array, options: EncoderOptions = {}): Promise<Encoder> {
    return new Encoder(name, foldedWeights(await encoderTensors(name, weights)), options);
  }

  /** What its vectors depend on: its name, its weights, and what computes, which rounds in its own way. */
  get version(): string {
    return `${this.name} (weights ${ENCODERS[this.name].sha256.slice(0, 8)}, computed by ${tf.getBackend()})`;
  }

  private constructor(
    readonly name: EncoderName,
    private readonly weights: WhisperWeights,
    private readonly options: EncoderOptions,
  ) {
    this.forward = plainForward(weights);
  }

  /**
   * The states of recordings, in their order. A long one is encoded in stretches of 30 s, the most that the encoder knows.
   *
   * @param mels - log-mel spectrograms
   * @returns for each a matrix of shape `(512, ⌈frames / 2⌉)`
   */
  states(mels: readonly Spectrogram[]): Spectrogram[] {
    return mels.map((mel) => joinedStates(stretchesOf(mel).map(({ rows, frames }) => this.encoded(rows, frames))));
  }

  /**
   * What is kept of recordings for training: the mean of their states over time, as a vector. It does not depend on what else
   * the encoder has done.
   */
  vectors(features: readonly ClipFeatures[]): ClipFeatures[] {
    // The recorded pass rounds otherwise than the plain one.
    this.record();
    const states = this.states(features.map(({ matrix }) => matrix));
    return features.map((each, i) => {
      const matrix = meanOverTime(states[i]);
      return { ...each, matrix, statistics: clipStatistics(matrix) };
    });
  }

  dispose(): void {
    this.forward.dispose();
  }

  private encoded(rows: Float32Array, frames: number): Float32Array {
    if (this.runs++ === RECORDED_AFTER) this.record();
    return this.forward.run(rows, frames);
  }

  private record(): void {
    if (this.recorded || !this.options.record) return;
    const plain = this.forward;
    this.forward = this.options.record(this.weights);
    plain.dispose();
    this.recorded = true;
  }
}

/** The pass operation by operation. */
function plainForward(weights: WhisperWeights): Forward {
  return {
    run: (rows, frames) =>
      tf.tidy(() => {
        const positions = Math.ceil(frames / FRAMES_PER_STATE);
        const mel = tf.tensor2d(rows, [frames, LOG_MEL.bands]);
        const places = tf.tensor2d(sinusoids(positions), [positions, STATE_SIZE]);
        return encode(weights, mel, places).dataSync<'float32'>().slice();
      }),
    dispose: () => tf.dispose([...weights.values()]),
  };
}

/** A spectrogram frame by frame, cut to what the encoder takes at once. */
function stretchesOf({ values, bands, frames }: Spectrogram): { rows: Float32Array; frames: number }[] {
  const stretches = [];
  for (let first = 0; first < frames; first += FRAMES_PER_STATE * MOST_POSITIONS) {
    const count = Math.min(frames - first, FRAMES_PER_STATE * MOST_POSITIONS);
    const rows = new Float32Array(count * bands);
    for (let band = 0; band < bands; band++)
      for (let t = 0; t < count; t++) rows[t * bands + band] = values[band * frames + first + t];
    stretches.push({ rows, frames: count });
  }
  return stretches;
}

/** States, position by position, as a matrix with a row for each of the 512 numbers. */
function joinedStates(parts: readonly Float32Array[]): Spectrogram {
  const frames = parts.reduce((sum, part) => sum + part.length / STATE_SIZE, 0);
  const values = new Float32Array(STATE_SIZE * frames);
  let first = 0;
  for (const part of parts) {
    const positions = part.length / STATE_SIZE;
    for (let t = 0; t < positions; t++)
      for (let k = 0; k < STATE_SIZE; k++) values[k * frames + first + t] = part[t * STATE_SIZE + k];
    first += positions;
  }
  return { values, bands: STATE_SIZE, frames };
}
