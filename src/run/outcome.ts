import type { Corpus } from '../corpora/clip.js';
import type { vectorsOf } from '../dataset/dataset.js';
import type { DescriptorWeights, MappedClips } from '../plots/figures.js';
import type { Fitted } from '../training/estimator.js';
import type { CostMeter } from './cost.js';
import type { NamedBlend } from './ensemble.js';
import type { Environment } from './environment.js';
import type { Evaluation } from './evaluate.js';
import type { Prepared } from './prepare.js';

/** Time that each step took; the features' is next to nothing where they come from the cache. */
export interface Seconds {
  readonly features: number;
  readonly training: number;
  readonly evaluation: number;
  readonly total: number;
}

/** What a network said about the clips that it was tested with, and how good that is. */
export interface Tested {
  readonly prepared: Pick<Prepared, 'clips' | 'split' | 'labels'>;
  readonly probabilities: Evaluation['probabilities'];
  readonly metrics: Pick<Evaluation['metrics'], 'test'>;
}

/** All that a finished run has to tell. */
export interface Outcome extends Evaluation {
  readonly directory: string;
  readonly corpus: Corpus;
  /** What was prepared, without the features, which are no longer needed. */
  readonly prepared: Omit<Prepared, 'dataset'>;
  /** Where the network takes vectors: the clips that a map of them shows, and theirs, row-major, shape `(clips, size)`. */
  readonly mapped?: { readonly clips: MappedClips; readonly vectors: ReturnType<typeof vectorsOf> };
  readonly environment: Environment;
  readonly fitted: Omit<Fitted, 'network'>;
  /** Of an ensemble. */
  readonly blend?: NamedBlend;
  /** What each number says to the network, where numbers have names. */
  readonly descriptors?: readonly DescriptorWeights[];
  readonly seconds: Seconds;
  /** Measures what it costs, until all is written. */
  readonly meter: CostMeter;
}
