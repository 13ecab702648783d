/**
 * From recordings on disk to their features, over worker threads and a cache.
 *
 * In: paths, or segments of recordings, and which features are wanted. Out: features in their order, or why a recording has none.
 */

import type { Segment, Source } from '../../audio/segment.js';
import { featureCacheLimit } from '../../common/cache-directory.js';
import { reasonOf } from '../../common/errors.js';
import { sha256, sha256OfFile } from '../../common/sha256.js';
import type { ConditionSettings } from '../../conditions/under-condition.js';
import type { ClipFeatures } from '../clip-features.js';
import { FEATURE_DEFAULTS, type FeatureSettings } from '../features.js';
import { cacheKey, FeatureCache, segmentKey } from './cache.js';
import { contentOf, hashReader } from './content.js';
import { overThreads, type Run, type ThreadOptions } from './threads.js';
import type { Batch, Extraction } from './worker.js';

/** How features are extracted from many recordings. */
export interface ExtractionOptions extends ThreadOptions {
  /** Default: {@link FEATURE_DEFAULTS}. */
  readonly features?: FeatureSettings;
  /** The condition that recordings are put under first; default: they stay as they are. */
  readonly condition?: ConditionSettings;
  /** Share of a recording that may be missing; default: 0. */
  readonly allowTruncated?: number;
  /** What is made of them; only that is kept in the cache. Default: they stay as they are. */
  readonly derivation?: Derivation;
  /** Folder of the caches; without it nothing is kept. */
  readonly cacheDirectory?: string;
  /** Bytes that all caches in it may take together; default: as the environment says, or else a tenth of the disk. */
  readonly cacheLimitBytes?: number;
  /** Told what the user should know, such as that more is needed than the caches may take. */
  readonly say?: (line: string) => void;
  /** The cache, where it is open already, see {@link openCache}; default: the one in `cacheDirectory`. */
  readonly cache?: FeatureCache;
}

/** What becomes of features where more than a worker thread is needed, e.g. the vectors of an encoder. */
export interface Derivation {
  /** Says what is computed, and by what: features derived otherwise are not taken from the cache. */
  readonly name: string;
  /** From features of some recordings to what is kept of each. */
  readonly derive: (features: readonly ClipFeatures[]) => ClipFeatures[];
}

/**
 * What came of a recording, and the SHA-256 of the content that it came of; unusable ones may have none. What is in the cache
 * has the number of its entry there.
 */
export type ExtractedRecording = Extraction & { readonly sha256?: string; readonly entry?: number };

/**
 * Opens the cache that an extraction with these options uses, to read from it again later; undefined where there is none.
 * Whoever opens it closes it.
 *
 * @throws UsageError if the environment has a bound for it that is no size
 */
export function openCache({
  features = FEATURE_DEFAULTS,
  condition,
  derivation,
  cacheDirectory,
  cacheLimitBytes: limitBytes = featureCacheLimit(),
  say,
}: Omit<ExtractionOptions, 'cache'>): FeatureCache | undefined {
  if (cacheDirectory === undefined) return undefined;
  return new FeatureCache(cacheDirectory, { features, condition, derivation: derivation?.name }, { limitBytes, say });
}

/**
 * Extracts the features of recordings over worker threads, in their order. A recording is decoded once, by each worker, for
 * segments of it that follow one another.
 *
 * Results are handed over as they come, so that memory does not grow with the number of recordings. A recording that
 * cannot be used yields its reason instead of an error.
 *
 * @param recordings - paths, or where segments are meant, sources
 * @throws RangeError if `workers` is not a positive integer; the signal's reason if it is aborted
 */
export async function* extractFeatures(
  recordings: readonly (string | Source)[],
  options: ExtractionOptions = {},
): AsyncGenerator<ExtractedRecording> {
  const {
    features = FEATURE_DEFAULTS,
    condition,
    allowTruncated = 0,
    derivation,
    cache = openCache(options),
  } = options;
  const keep = keeper(cache, options.say);
  const sources = {
    ...{ features, condition, allowTruncated, derivation, cache, keep },
    ...{ hashOf: hashReader(), foundNone: cache === undefined },
  };
  try {
    // A second run needs no threads: what is in the cache is read here.
    yield* overThreads(recordings, { ...options, name: 'extractBatch' }, (some, run: RunBatch) =>
      extractOrRead(some.map(sourceOf), sources, run),
    );
  } finally {
    keep();
    if (!options.cache) cache?.close();
  }
}

/**
 * Writes features into the cache, or without any, makes what was written whole. Says so once if that is not possible: the cache
 * saves time, nothing else, and a full disk must not cost the features that were just computed.
 */
function keeper(cache: FeatureCache | undefined, say: ExtractionOptions['say']) {
  let told = false;
  return (made?: ReadonlyMap<string, ClipFeatures>): void => {
    try {
      if (made) cache?.write(made);
      else cache?.flush();
    } catch (error) {
      if (!told) say?.(`Features are not kept for another time: ${reasonOf(error)}`);
      told = true;
    }
  };
}

/** Where the results of a batch come from. */
interface Sources {
  readonly features: FeatureSettings;
  readonly condition?: ConditionSettings;
  readonly allowTruncated: number;
  readonly derivation?: Derivation;
  readonly cache?: FeatureCache;
  readonly keep: ReturnType<typeof keeper>;
  readonly hashOf: (path: string) => string;
  /**
   * Whether nothing of the latest batch was in the cache: then what follows is not looked for, which needs its SHA-256, but given to
   * the threads at once. They are many, and this one has to serve them all.
   */
  foundNone: boolean;
}

type RunBatch = Run<Batch, Extraction[]>;

/** Takes what is in the cache from there, has the rest extracted, and keeps it. */
async function extractOrRead(
  recordings: readonly Source[],
  sources: Sources,
  run: RunBatch,
): Promise<ExtractedRecording[]> {
  const { features, condition, allowTruncated, derivation, cache, keep, hashOf } = sources;
  const keyOf: KeyOf = (hash, segment) => {
    const key = cacheKey(hash, { features, condition, derivation: derivation?.name }, allowTruncated);
    return segment ? segmentKey(key, segment) : key;
  };
  const unseen = sources.foundNone;
  const looked: readonly (Missing | (ExtractedRecording & ClipFeatures))[] = unseen
    ? recordings
    : recordings.map((recording) => lookUp(recording, { keyOf, hashOf, cache }));
  const files = looked.filter((entry): entry is Missing => 'path' in entry);
  sources.foundNone = files.length === recordings.length;
  // Lets signals and progress through even where there is nothing to wait for.
  const answers =
    files.length > 0
      ? await run({ files, features, condition, allowTruncated }, contentsOf(files))
      : await new Promise<[]>((go) => setImmediate(go, []));
  const results = derivation ? derived(answers, derivation) : answers;
  const keys = answers.map((answer, i) =>
    'matrix' in answer && answer.sha256 !== undefined ? keyOf(answer.sha256, files[i].segment) : undefined,
  );
  const made = new Map<string, ClipFeatures>();
  for (const [i, key] of keys.entries()) {
    const result = results[i];
    if (key === undefined || 'reason' in result) continue;
    if (unseen && isKept(cache, key)) sources.foundNone = false;
    else made.set(key, result);
  }
  keep(made);
  const hashed = await Promise.all(
    results.map(async (each, i) => {
      const key = keys[i];
      const entry = key === undefined ? undefined : cache?.find(key);
      const result = await withHash(each, { ...files[i], ...answers[i] }, hashOf);
      return entry === undefined ? result : { ...result, entry };
    }),
  );
  let next = 0;
  return looked.map((entry) => ('path' in entry ? hashed[next++] : entry));
}

/** Whether something is in the cache, and can be read. */
function isKept(cache: FeatureCache | undefined, key: string): boolean {
  const entry = cache?.find(key);
  return entry !== undefined && cache?.read(entry) !== undefined;
}

/** Memory that is of no use here any more. */
function contentsOf(files: readonly Missing[]): ArrayBuffer[] {
  return files.flatMap(({ content }) => (content?.buffer as ArrayBuffer | undefined) ?? []);
}

/** What was too long to be looked up is read once more, if it is usable; it may be gone by now. */
async function withHash(
  result: Extraction,
  { path, segment, sha256: hash }: Source & { readonly sha256?: string },
  hashOf: Sources['hashOf'],
): Promise<ExtractedRecording> {
  if ('reason' in result) return result;
  const read = async () => (segment ? hashOf(path) : sha256OfFile(path));
  return { ...result, sha256: hash ?? (await read().catch(() => undefined)) };
}

/** What is derived from the usable recordings, in their places. */
function derived(answers: readonly Extraction[], { derive }: Derivation): Extraction[] {
  const results = derive(answers.flatMap((answer) => ('matrix' in answer ? [answer] : [])));
  let next = 0;
  return answers.map((answer) => ('matrix' in answer ? results[next++] : answer));
}

/** A recording that is not in the cache; without its SHA-256 where it is not to be kept there, and without content where that is long. */
interface Missing extends Source {
  readonly content?: Uint8Array;
  readonly sha256?: string;
}

/** The name of a recording's features in the cache, or of a segment's, from the SHA-256 of the recording's content. */
type KeyOf = (hash: string, segment?: Segment) => string;

function lookUp(
  recording: Source,
  { keyOf, hashOf, cache }: Pick<Sources, 'hashOf' | 'cache'> & { readonly keyOf: KeyOf },
): (ClipFeatures & { readonly sha256: string; readonly entry: number }) | Missing {
  if (!cache) return recording;
  const { path, segment } = recording;
  try {
    const content = segment ? undefined : contentOf(path);
    if (!segment && !content) return recording;
    const hash = content ? sha256(content) : hashOf(path);
    const entry = cache.find(keyOf(hash, segment));
    const features = entry === undefined ? undefined : cache.read(entry);
    if (entry !== undefined && features) return { ...features, sha256: hash, entry };
    return { ...recording, ...(content && { content: new Uint8Array(content) }), sha256: hash };
  } catch {
    // Decoding will say why it cannot be read.
    return recording;
  }
}

/** What is meant by a path, or by a source; a clip has more properties, which no worker needs. */
function sourceOf(recording: string | Source): Source {
  if (typeof recording === 'string') return { path: recording };
  const { path, segment } = recording;
  return segment ? { path, segment } : { path };
}
