import { subsetOf } from '../dataset/examples.js';
import { featureNamed } from '../features/features.js';
import { linearWeights } from '../networks/linear-weights.js';
import { type DescriptorWeights, descriptorsFigure } from '../plots/figures.js';
import type { Fitted } from '../training/estimator.js';
import type { RunFigure } from './figure.js';
import type { Prepared } from './prepare.js';

/** What each number of a clip says to a network; undefined unless the numbers have names and the network is linear. */
export function weighDescriptors(
  network: Fitted['network'],
  { config, dataset, split }: Pick<Prepared, 'config' | 'dataset' | 'split'>,
): readonly DescriptorWeights[] | undefined {
  const { numbers } = featureNamed(config.features.name);
  const weights = numbers && linearWeights(network, subsetOf(dataset, split.train));
  return weights?.map((each, k) => ({ name: numbers![k], ...each }));
}

/** Of a network whose numbers have names. */
export const descriptors: RunFigure = {
  name: 'descriptors',
  title: 'Which descriptors speak for which emotion',
  caption: () =>
    'What a standard deviation more of a descriptor adds to the logit of each emotion, for the descriptors that say most: red where more of it than usual speaks for the emotion, blue where less does. Rows are in the order of the emotions that they speak for most.',
  draw: ({ descriptors, prepared }) => descriptors && descriptorsFigure(descriptors, prepared.labels),
};
