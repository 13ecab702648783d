import { sourceName } from '../audio/segment.js';
import { featureCacheDirectory } from '../common/cache-directory.js';
import { InputError, UsageError } from '../common/errors.js';
import type { FileProblem } from '../common/problems.js';
import type { Clip, Corpus } from '../corpora/clip.js';
import { leftOutOf } from '../corpora/left-out.js';
import { requireSpeakers } from '../corpora/speakers.js';
import { collectFeatures, IN_MEMORY_BYTES } from '../dataset/collect.js';
import {
  averaged,
  type CollectedFeatures,
  type Collection,
  type FeatureDataset,
  labelsOf,
  normalisedDataset,
  type SkippedClip,
} from '../dataset/dataset.js';
import { type Dataset, oneAfterTheOther } from '../dataset/examples.js';
import { type Split, splitClips, splitOf } from '../dataset/splits.js';
import { loadEncoder } from '../encoder/load.js';
import type { Statistics } from '../features/normalise.js';
import type { NetworkShape } from '../networks/network.js';
import { NETWORKS } from '../networks/networks.js';
import type { RunConfig } from './config.js';
import { extractionsOf, formsOf } from './copies.js';
import { heardPart } from './heard-part.js';
import { type Reporter, SILENT } from './reporter.js';

/** How clips are prepared; none of it changes the result. */
export interface PrepareOptions {
  /** Worker threads for the features; default: one for each core. */
  readonly workers?: number;
  /** Where features are kept between runs; default: the user's cache folder. */
  readonly cacheDirectory?: string;
  /** Bytes that they may take; default: as the environment says, or else a tenth of the disk. */
  readonly cacheLimitBytes?: number;
  /** Bytes of features that stay in memory, the others are read from the cache; default: 32 MiB, shared by all forms of the clips. */
  readonly inMemoryBytes?: number;
  readonly reporter?: Reporter;
  /** Ends the extraction of features; those so far are kept. */
  readonly signal?: AbortSignal;
}

/** Clips, ready for a network to be fitted to them. */
export interface Prepared {
  readonly config: RunConfig;
  /** The usable clips, which all indices refer to. */
  readonly clips: readonly Clip[];
  readonly recordings: readonly Pick<CollectedFeatures, 'durationSeconds' | 'sampleRateHz' | 'sha256'>[];
  readonly skipped: readonly SkippedClip[];
  /** The recordings of the corpus that are no clips, and why. */
  readonly leftOut?: readonly FileProblem[];
  readonly split: Split;
  /** Class names in the order of the network's outputs. */
  readonly labels: readonly string[];
  readonly dataset: FeatureDataset;
  /** Where copies of the recordings are learnt from: all clips in one form, then all in the next one, and so on. */
  readonly copies?: Dataset;
  /** With the normalisation `train`: what prediction needs again. */
  readonly trainStatistics?: Statistics;
  /** What the network is built from. */
  readonly shape: NetworkShape;
}

/**
 * The first stage of a run: extracts the features of a corpus, divides its clips, and makes of them what the network takes.
 *
 * @throws InputError if too many clips are unusable, or they cannot be divided; UsageError of an ensemble, whose members are
 *   prepared one by one; the signal's reason if it is aborted
 */
export async function prepare(config: RunConfig, corpus: Corpus, options: PrepareOptions = {}): Promise<Prepared> {
  const { workers, signal, cacheDirectory = featureCacheDirectory(), cacheLimitBytes } = options;
  const { inMemoryBytes = IN_MEMORY_BYTES, reporter = SILENT } = options;
  const { input, encoder: encoderName, fitting } = NETWORKS[config.network];
  if (fitting.by === 'members')
    throw new UsageError(
      `Cannot prepare clips for ${config.network}: each of its members, ${fitting.members.join(' and ')}, takes others; see run()`,
    );
  const encoder = encoderName && (await loadEncoder(encoderName));
  const { first, frames: heard, startSeconds } = heardPart(config);
  const { answered } = formsOf(config);
  const forms = extractionsOf(config, encoder);
  const bar = reporter.progress('features', forms.length * corpus.clips.length);
  const collections: Collection[] = [];
  try {
    for (const [c, form] of forms.entries())
      collections.push(
        await collectFeatures(corpus.clips, {
          ...form,
          frames: heard,
          from: { frame: first, seconds: startSeconds },
          maxSkipped: config.maxSkipped,
          cacheDirectory,
          cacheLimitBytes,
          say: reporter.say,
          inMemoryBytes: inMemoryBytes / forms.length,
          workers,
          signal,
          onProgress: (done) => bar.update(c * corpus.clips.length + done),
        }),
      );
  } finally {
    bar.stop();
    encoder?.dispose();
  }
  const collection = answered.length > 1 ? averaged(collections.slice(0, answered.length)) : collections[0];
  const { clips, features, skipped } = collection;
  const split = splitFor(clips, config);
  const labels = labelsOf(clips);
  const { normalise: normalisation, frames, seed } = config;
  const howTaken = { normalisation, input, frames, labels, train: split.train };
  const { dataset, trainStatistics } = normalisedDataset(collection, howTaken);
  const copies =
    collections.length > 1
      ? oneAfterTheOther(collections.map((each) => normalisedDataset(each, howTaken).dataset))
      : undefined;
  const [[bands, width = 1]] = dataset.shapes;
  return {
    config,
    clips,
    recordings: features.map(({ durationSeconds, sampleRateHz, sha256 }) => ({
      durationSeconds,
      sampleRateHz,
      sha256,
    })),
    skipped,
    leftOut: leftOutOf(corpus),
    split,
    labels,
    dataset,
    copies,
    trainStatistics,
    shape: { bands, frames: width, classes: labels.length, seed },
  };
}

/**
 * The split of a configuration: the given one, or as the protocol draws it.
 *
 * @throws InputError if the clips cannot be divided so, a clip is in none of the given sets, or speakers are needed that are
 *   not known
 */
export function splitFor(clips: readonly Clip[], config: RunConfig): Split {
  const { sets, normalise } = config;
  if (normalise === 'speaker') requireSpeakers(clips, 'normalise by speaker');
  if (!sets) return splitClips(clips, config);
  const missing = clips.find((clip) => !Object.hasOwn(sets, sourceName(clip)));
  if (missing)
    throw new InputError(
      `Cannot split as given: every recording must be in a set, and ${sourceName(missing)} is in none`,
    );
  return splitOf(
    clips,
    clips.map((clip) => sets[sourceName(clip)]),
    config,
  );
}
