import { sourceName } from '../audio/segment.js';
import { InputError } from '../common/errors.js';
import { problemLines } from '../common/problems.js';
import { percent } from '../common/text.js';
import type { Clip } from '../corpora/clip.js';
import { TOO_SHORT_SECONDS } from '../features/clip-features.js';
import { cutFrames } from '../features/cut.js';
import type { FeatureCache } from '../features/extraction/cache.js';
import { type ExtractionOptions, extractFeatures, openCache } from '../features/extraction/extract.js';
import type { Statistics } from '../features/normalise.js';
import type { Spectrogram } from '../features/spectrogram.js';
import type { CollectedFeatures, Collection, SkippedClip } from './dataset.js';

export interface CollectionOptions extends Omit<ExtractionOptions, 'cache'> {
  /** Frames that the network takes; of a longer clip, only they are kept. */
  readonly frames: number;
  /** Where in a clip they begin; default: with it. */
  readonly from?: { readonly frame: number; readonly seconds: number };
  /** Share of the clips that may be unusable; one more and the job stops. */
  readonly maxSkipped: number;
  /** Bytes of features that stay in memory; the others are read from the cache when they are asked for. Default: {@link IN_MEMORY_BYTES}. */
  readonly inMemoryBytes?: number;
  /** Told after each clip. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Features of small corpora are not read from the cache again: 32 MiB. Of large ones as much is in memory as of these. */
export const IN_MEMORY_BYTES = 2 ** 25;

/**
 * Extracts the features of a corpus's clips, leaving out the unusable ones. Those that have no room in memory stay in the
 * cache, so that memory hardly grows with the number of clips; without a cache, all are in memory.
 *
 * @throws InputError listing the unusable clips if there are more than `maxSkipped` allows
 */
export async function collectFeatures(clips: readonly Clip[], options: CollectionOptions): Promise<Collection> {
  const { frames, from = { frame: 0, seconds: 0 }, maxSkipped, onProgress, ...extraction } = options;
  const { inMemoryBytes = IN_MEMORY_BYTES } = options;
  const cache = openCache(extraction);
  const kept: Clip[] = [];
  const features: CollectedFeatures[] = [];
  const skipped: SkippedClip[] = [];
  const store = new BlockStore();
  const cut = (matrix: Spectrogram) => cutFrames(matrix, from.frame, frames);
  const source = cache && { cache, cut };
  let next = 0;
  try {
    for await (const result of extractFeatures(clips, { ...extraction, cache })) {
      const clip = clips[next++];
      if ('reason' in result) skipped.push({ clip, reason: result.reason });
      else if (result.durationSeconds - from.seconds <= TOO_SHORT_SECONDS)
        skipped.push({
          clip,
          reason: `${sourceName(clip)}: too short: it ends before, or just after, ${from.seconds} s`,
        });
      else {
        kept.push(clip);
        const matrix = cut(result.matrix);
        const { entry } = result;
        const room = store.bytes + matrix.values.byteLength <= inMemoryBytes;
        features.push(
          source && entry !== undefined && !room
            ? new FeaturesInCache(result, clip, entry, source)
            : { ...result, matrix: store.add(matrix) },
        );
      }
      onProgress?.(next, clips.length);
    }
  } finally {
    cache?.close();
  }
  requireFewSkipped(skipped, { of: clips.length, maxSkipped });
  return { clips: kept, features, skipped };
}

/**
 * Makes sure that not too many clips are left out.
 *
 * @throws InputError listing the unusable clips if there are more than `maxSkipped` allows
 */
export function requireFewSkipped(
  skipped: readonly SkippedClip[],
  { of: clips, maxSkipped }: { of: number; maxSkipped: number },
): void {
  if (skipped.length > maxSkipped * clips)
    throw new InputError(
      [
        `${skipped.length} of ${clips} clips are unusable, and at most ${percent(maxSkipped, { digits: 2, zeros: false })} may be (\`maxSkipped\`):`,
        ...problemLines(
          skipped.map(({ clip, reason }) => ({ path: sourceName(clip), reason })),
          '`ser inspect --json` lists all',
        ).map((line) => `  ${line}`),
      ].join('\n'),
    );
}

/**
 * Numbers in a block: 40 MiB. What is larger than 32 MiB, the C library takes from the system by itself and gives back at
 * once; smaller arrays would stay with the process. Memory that is not written to costs nothing.
 */
const BLOCK_LENGTH = 10 * 2 ** 20;

/** Matrices in blocks that many of them share. */
class BlockStore {
  private block = new Float32Array();
  private used = 0;

  /** Of all matrices. */
  bytes = 0;

  /** Moves a matrix into a block. */
  add(matrix: Spectrogram): Spectrogram {
    const { length } = matrix.values;
    if (this.used + length > this.block.length) {
      this.block = new Float32Array(Math.max(BLOCK_LENGTH, length));
      this.used = 0;
    }
    const values = this.block.subarray(this.used, this.used + length);
    values.set(matrix.values);
    this.used += length;
    this.bytes += matrix.values.byteLength;
    return { ...matrix, values };
  }
}

/** Where features are read from, and which part of them. */
interface CacheSource {
  readonly cache: FeatureCache;
  readonly cut: (matrix: Spectrogram) => Spectrogram;
}

/**
 * Features of a clip whose matrix is read from the cache each time that it is asked for. There may be a million of these: what
 * can be made when it is asked for is not kept.
 */
class FeaturesInCache implements CollectedFeatures {
  readonly sampleRateHz: number;
  readonly durationSeconds: number;
  readonly sha256?: string;
  private readonly mean: number;
  private readonly std: number;

  constructor(
    features: CollectedFeatures,
    private readonly clip: Clip,
    private readonly entry: number,
    private readonly source: CacheSource,
  ) {
    this.sampleRateHz = features.sampleRateHz;
    this.durationSeconds = features.durationSeconds;
    this.sha256 = features.sha256;
    [this.mean] = features.statistics.mean;
    [this.std] = features.statistics.std;
  }

  get statistics(): Statistics {
    return { mean: [this.mean], std: [this.std] };
  }

  /** @throws InputError if it is no longer in the cache */
  get matrix(): Spectrogram {
    const { cache, cut } = this.source;
    const features = cache.read(this.entry);
    if (!features)
      throw new InputError(
        `${sourceName(this.clip)}: its features are no longer in the cache; they are read again and again, so do not empty it meanwhile, and give it room for them; what is done is kept, and \`resume\` goes on`,
      );
    return cut(features.matrix);
  }
}
