import { CONDITIONS } from '../conditions/conditions.js';
import type { ConditionSettings } from '../conditions/under-condition.js';
import type { Encoder } from '../encoder/encoder.js';
import type { ExtractionOptions } from '../features/extraction/extract.js';
import { atSpeed, type FeatureSettings } from '../features/features.js';
import { NETWORKS } from '../networks/networks.js';
import type { RunConfig } from './config.js';

/** One form in which every recording is learnt from. */
export interface Form {
  readonly features: FeatureSettings;
  readonly condition?: ConditionSettings;
}

/**
 * The forms of a run's recordings, all of which are learnt from: those that answers are averaged over, recordings as they are first,
 * and the others.
 */
export function formsOf({ features, speeds, conditions, seed }: RunConfig): {
  readonly answered: readonly Form[];
  readonly learnt: readonly Form[];
} {
  return {
    answered: [{ features }, ...speeds.map((speed) => ({ features: atSpeed(features, speed) }))],
    learnt: conditions.map((name) => ({ features, condition: { name, seed } })),
  };
}

/**
 * What is extracted of a run's recordings: in each of their forms, those that answers are averaged over first, the features that
 * the network takes, or the vectors of its encoder.
 *
 * @param encoder - the network's, if it has one
 */
export function extractionsOf(
  config: RunConfig,
  encoder: Encoder | undefined,
): (Form & Pick<ExtractionOptions, 'allowTruncated' | 'derivation'>)[] {
  const { answered, learnt } = formsOf(config);
  return [...answered, ...learnt].map((form) => ({
    ...form,
    allowTruncated: config.allowTruncated,
    derivation: encoder && { name: encoder.version, derive: (some) => encoder.vectors(some) },
  }));
}

/** What was learnt from beside the recordings as they are, in a sentence; undefined where nothing was, or by members of an ensemble. */
export function copiesInWords({ network, speeds, conditions }: RunConfig): string | undefined {
  const described = conditions.map((name) => `${name} (${CONDITIONS[name].description})`);
  const ways = [
    ...(speeds.length > 0
      ? [`played at ${speeds.join(' and ')} times their speed, which answers are averaged over`]
      : []),
    ...(described.length > 0 ? [`under these conditions: ${described.join(', ')}`] : []),
  ];
  if (ways.length === 0 || !NETWORKS[network].encoder) return undefined;
  return `The network has learnt from each training recording as it is, and from copies of it ${ways.join('; and ')}.`;
}
