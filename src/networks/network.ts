import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Dataset } from '../dataset/examples.js';
import type { InputName } from '../dataset/inputs.js';
import type { EncoderName } from '../encoder/encoder.js';
import type { FeatureSettings } from '../features/features.js';
import type { Normalisation } from '../features/normalise.js';

/** What every network is built from. */
export interface NetworkShape {
  /** Mel bands of the input, or numbers of a vector. */
  readonly bands: number;
  /** Frames of the input. */
  readonly frames: number;
  /** Number of classes, the size of the output. */
  readonly classes: number;
  /** Governs the first weights and the dropout. */
  readonly seed: number;
}

/** By steps against the gradient of the loss, epoch after epoch. */
export interface GradientFitting {
  readonly by: 'gradient';
  /**
   * Builds the network: from its inputs to probabilities, shape `(batch, classes)`, by a softmax as its last layer.
   *
   * @param sizes - what differs from its usual sizes
   * @throws RangeError if a size is unknown or out of range
   */
  readonly build: (shape: NetworkShape, sizes?: object) => LayersModel;
  /** Throws the RangeError of {@link build} before there is anything to build from; without it, there are no other sizes. */
  readonly checkSizes?: (sizes: object) => void;
}

/** At once, by a formula. */
export interface ClosedFormFitting {
  readonly by: 'closed form';
  readonly solve: (sets: ClosedFormSets, shape: NetworkShape) => Solution;
}

/** What a network is solved from. */
export interface ClosedFormSets {
  /** Say how sure the network is to be; one or more. */
  readonly trials: readonly Trial[];
  /** What the network is fitted to once they have had their say. */
  readonly final: Dataset;
}

/** What is fitted to one set answers the other one, which it has not learnt from. */
export interface Trial {
  readonly train: Dataset;
  readonly validation: Dataset;
}

/** What comes of that. */
export interface Solution {
  readonly network: LayersModel;
  /** Of each trial's validation set, by a network fitted to its training set; row-major, shape `(clips, classes)`. */
  readonly heldOut: Float32Array;
}

/**
 * Each member by itself, on the same clips, before their probabilities are averaged by shares that are fitted to the
 * validation set. An ensemble's other settings are what its members are given in place of their own; its sizes are theirs.
 */
export interface MembersFitting {
  readonly by: 'members';
  /** Names of networks that take windows of any length, so that all of them take the same ones. */
  readonly members: readonly string[];
}

/** How a network is trained; see `TrainingOptions` in `training`, which has all of it. */
export interface TrainingSettings {
  readonly epochs?: number;
  readonly patience?: number;
  readonly batchSize?: number;
  readonly learningRate?: number;
  readonly schedule?: 'constant' | 'one-cycle';
  readonly weightDecay?: number;
  readonly labelSmoothing?: number;
  readonly classWeights?: 'equal' | 'balanced';
}

/** What a network says about itself: datasets, training, prediction and reports follow it. */
export interface NetworkDefinition {
  /** In one line, for help and reports. */
  readonly description: string;
  /** What is computed of a recording; default: a mel spectrogram. */
  readonly features?: FeatureSettings;
  /** The frozen encoder that features go through first; default: none. */
  readonly encoder?: EncoderName;
  /** How they are normalised unless another way is asked for; default: by clip. */
  readonly normalise?: Normalisation;
  /** Augmentations by name that it is trained with unless others are asked for; default: none. */
  readonly augment?: readonly string[];
  /** How it is trained unless otherwise asked for; default: the Python original's way. */
  readonly training?: TrainingSettings;
  /** What it takes of that. */
  readonly input: InputName;
  readonly fitting: GradientFitting | ClosedFormFitting | MembersFitting;
  /**
   * How a long recording is answered: window by window, the whole being their mean, or as a whole in one pass, with windows
   * only for its course over time.
   */
  readonly answers: 'windows' | 'whole';
}
