import { join } from 'node:path';
import { useBackend } from '../backend/backend.js';
import { writeFile } from '../common/files.js';
import { grouped } from '../common/grouped.js';
import type { Corpus } from '../corpora/clip.js';
import type { FoldsBy } from '../dataset/folds.js';
import type { Assessment } from '../evaluation/predictions.js';
import { saveBundle } from '../model/bundle-files.js';
import { NETWORKS } from '../networks/networks.js';
import { fitToAll } from '../training/estimator.js';
import type { RunConfig } from './config.js';
import { describeEnvironment } from './environment.js';
import { modelSettings } from './fit.js';
import { RUN_FILES } from './folder.js';
import { type CardFacts, modelCard } from './model-card.js';
import { prepare } from './prepare.js';
import type { RunOptions } from './run.js';

/** What there is once every fold is done. */
export interface FoldsDone {
  /** Of any of the folds: where they differ does not matter here. */
  readonly config: RunConfig;
  readonly corpus: Corpus;
  readonly by: FoldsBy;
  readonly groups?: number;
  /** The speakers or texts that each fold was tested with. */
  readonly tested: readonly (readonly string[])[];
  /** What they came to, put together. */
  readonly pooled: Assessment;
}

/**
 * The model that folds were made to judge: the same network, fitted to all clips, in a folder's `model`, with its card. Only
 * what is fitted by a formula can be: elsewhere nothing would be left to say when training is to end.
 *
 * @returns what its card tells; undefined where the network is fitted in another way
 */
export async function writeFinalModel(
  { config, corpus, by, groups, tested, pooled }: FoldsDone,
  { directory, ...options }: RunOptions & { readonly directory: string },
): Promise<CardFacts | undefined> {
  const { fitting } = NETWORKS[config.network];
  if (fitting.by !== 'closed form') return undefined;
  const environment = describeEnvironment(await useBackend(options.backend, { report: options.reporter?.say }));
  const { split, dataset, copies, ...prepared } = await prepare(config, corpus, options);
  const learnt = [...prepared.clips.keys()];
  const clipsBy = grouped(learnt, (i) => prepared.clips[i][by]);
  const ascending = (clips: readonly number[]) => [...clips].sort((a, b) => a - b);
  const folds = tested.map((names) => ascending(names.flatMap((name) => clipsBy.get(name) ?? [])));
  const network = fitToAll(fitting, { dataset, copies, folds }, prepared.shape);
  const shared = { ...prepared, config: { ...config, testSpeakers: [], testTexts: undefined } };
  const facts: CardFacts = {
    ...{ directory, corpus, environment, folds: { by, groups } },
    prepared: shared,
    fitted: { history: [], bestEpoch: 0, finished: true },
    figures: [{ name: 'left out', ...pooled }],
  };
  try {
    const settings = modelSettings({ ...shared, split }, { corpus: corpus.name, environment, learnt });
    await saveBundle(join(directory, RUN_FILES.model), network, settings);
  } finally {
    network.dispose();
  }
  writeFile(join(directory, RUN_FILES.modelCard), modelCard(facts));
  return facts;
}
