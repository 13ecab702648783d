import { statSync } from 'node:fs';
import { join } from 'node:path';
import { useBackend } from '../backend/backend.js';
import { featureCacheDirectory } from '../common/cache-directory.js';
import { type Shard, shardOf, WHOLE } from '../common/shard.js';
import type { Clip } from '../corpora/clip.js';
import { requireFewSkipped } from '../dataset/collect.js';
import type { SkippedClip } from '../dataset/dataset.js';
import { loadEncoder } from '../encoder/load.js';
import { extractFeatures } from '../features/extraction/extract.js';
import { NETWORKS } from '../networks/networks.js';
import { type FoldsConfig, memberConfigs, type RunConfig, readFoldsConfig } from './config.js';
import { extractionsOf } from './copies.js';
import { corpusFor } from './corpus.js';
import { RUN_FILES } from './folder.js';
import { holdsFolds } from './folds.js';
import type { PrepareOptions } from './prepare.js';
import { SILENT } from './reporter.js';
import type { RunOptions } from './run.js';

/** How features are put into the cache ahead of a run. */
export interface CachingOptions extends PrepareOptions, Pick<RunOptions, 'backend'> {
  /** The part of the clips whose features are wanted; default: all. */
  readonly shard?: Shard;
}

/** What is in the cache now. */
export interface CachedFeatures {
  readonly cacheDirectory: string;
  /** The clips that were asked for. */
  readonly clips: readonly Clip[];
  /** Those of them that are unusable. */
  readonly skipped: readonly SkippedClip[];
}

/**
 * The configuration of a run, or what folds share.
 *
 * @param path - the file, or the folder of the run or folds
 * @throws InputError if there is none, or it is damaged
 */
export function configAt(path: string): FoldsConfig {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory();
  return readFoldsConfig(isFolder ? join(path, holdsFolds(path) ? RUN_FILES.folds : RUN_FILES.config) : path);
}

/**
 * Extracts all features and vectors that a run of a configuration reads, so that it finds them in the cache; an ensemble's members
 * are runs. Processes that do a shard each, at any time and in any order, leave what one leaves that does all.
 *
 * @throws InputError if there is no such corpus, or more clips are unusable than the run allows; the signal's reason if it is
 *   aborted: what was extracted so far is kept
 */
export async function cacheFeatures(config: RunConfig, options: CachingOptions = {}): Promise<CachedFeatures> {
  const { shard = WHOLE, cacheDirectory = featureCacheDirectory(), reporter = SILENT } = options;
  const corpus = await corpusFor(config);
  const clips = shardOf(corpus.clips, shard);
  const members = memberConfigs(config);
  const configs = members.length > 0 ? members : [config];
  if (configs.some(({ network }) => NETWORKS[network].encoder))
    await useBackend(options.backend, { report: reporter.say });
  const unusable = new Map<Clip, string>();
  for (const each of configs)
    for (const [clip, reason] of await cacheForms(each, clips, { ...options, cacheDirectory }))
      unusable.set(clip, reason);
  const skipped = [...unusable].map(([clip, reason]) => ({ clip, reason }));
  requireFewSkipped(skipped, { of: corpus.clips.length, maxSkipped: config.maxSkipped });
  return { cacheDirectory, clips, skipped };
}

/** Extracts all forms of clips that a network takes, and tells which of them are unusable. */
async function cacheForms(
  config: RunConfig,
  clips: readonly Clip[],
  { reporter = SILENT, ...options }: PrepareOptions,
): Promise<Map<Clip, string>> {
  const { encoder: encoderName } = NETWORKS[config.network];
  const encoder = encoderName && (await loadEncoder(encoderName));
  const forms = extractionsOf(config, encoder);
  const extraction = { ...options, say: reporter.say };
  const bar = reporter.progress(`features of ${config.network}`, forms.length * clips.length);
  const unusable = new Map<Clip, string>();
  let done = 0;
  try {
    for (const form of forms) {
      let next = 0;
      for await (const result of extractFeatures(clips, { ...form, ...extraction })) {
        if ('reason' in result) unusable.set(clips[next], result.reason);
        next++;
        bar.update(++done);
      }
    }
  } finally {
    bar.stop();
    encoder?.dispose();
  }
  return unusable;
}
