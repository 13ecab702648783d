import { sourceName } from '../audio/segment.js';
import { InputError } from '../common/errors.js';
import { problemLines } from '../common/problems.js';
import { percent } from '../common/text.js';
import type { Clip } from '../corpora/clip.js';
import { TOO_SHORT_SECONDS } from '../features/clip-features.js';
import { cutFrames } from '../features/cut.js';
import { type ExtractionOptions, extractFeatures } from '../features/extraction/extract.js';
import type { Spectrogram } from '../features/spectrogram.js';
import type { CollectedFeatures, Collection, SkippedClip } from './dataset.js';

export interface CollectionOptions extends ExtractionOptions {
  /** Frames that the network takes; of a longer clip, only they are kept. */
  readonly frames: number;
  /** Where in a clip they begin; default: with it. */
  readonly from?: { readonly frame: number; readonly seconds: number };
  /** Share of the clips that may be unusable; one more and the job stops. */
  readonly maxSkipped: number;
  /** Told after each clip. */
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Extracts the features of a corpus's clips, leaving out the unusable ones.
 *
 * @throws InputError listing the unusable clips if there are more than `maxSkipped` allows
 */
export async function collectFeatures(clips: readonly Clip[], options: CollectionOptions): Promise<Collection> {
  const { frames, from = { frame: 0, seconds: 0 }, maxSkipped, onProgress, ...extraction } = options;
  const kept: Clip[] = [];
  const features: CollectedFeatures[] = [];
  const skipped: SkippedClip[] = [];
  const store = blockStore();
  let next = 0;
  for await (const result of extractFeatures(clips, extraction)) {
    const clip = clips[next++];
    if ('reason' in result) skipped.push({ clip, reason: result.reason });
    else if (result.durationSeconds - from.seconds <= TOO_SHORT_SECONDS)
      skipped.push({
        clip,
        reason: `${sourceName(clip)}: too short: it ends before, or just after, ${from.seconds} s`,
      });
    else {
      kept.push(clip);
      features.push({ ...result, matrix: store(cutFrames(result.matrix, from.frame, frames)) });
    }
    onProgress?.(next, clips.length);
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

/** Moves matrices into blocks that many of them share. */
function blockStore(): (matrix: Spectrogram) => Spectrogram {
  let block = new Float32Array();
  let used = 0;
  return (matrix) => {
    const { length } = matrix.values;
    if (used + length > block.length) {
      block = new Float32Array(Math.max(BLOCK_LENGTH, length));
      used = 0;
    }
    const values = block.subarray(used, used + length);
    values.set(matrix.values);
    used += length;
    return { ...matrix, values };
  };
}
