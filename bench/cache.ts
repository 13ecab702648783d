/**
 * What the feature cache costs with many clips: seconds to open it, memory of its index, and microseconds to read a clip.
 *
 *     node --expose-gc --require tsx/cjs bench/cache.ts [clips] [folder]
 *
 * The clips whose index is read are a spectrogram of 2 s each, of which files have holes in place: a million take 21 MB of the
 * disk. Those that are read are whole.
 */
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '../src/common/random.js';
import { sha256 } from '../src/common/sha256.js';
import { withCommas } from '../src/common/text.js';
import { BATCH_ENDING, entryBytes, indexBytes } from '../src/features/extraction/batch-file.js';
import { cacheKey, FeatureCache } from '../src/features/extraction/cache.js';
import { folderOf } from '../src/features/extraction/cache-folder.js';
import { KEY_WORDS } from '../src/features/extraction/entry-table.js';
import { FEATURE_DEFAULTS } from '../src/features/features.js';

const SETTING = { features: FEATURE_DEFAULTS };
const FILE_BYTES = 64 * 2 ** 20;

/** Clips that are read, and how often. */
const READ = 2000;
const ROUNDS = 5;

/** Features of a clip of TESS, as large as they are. */
const FEATURES = {
  matrix: { values: Float32Array.from({ length: 128 * 87 }, seededRandom(1)), bands: 128, frames: 87 },
  statistics: { mean: [-40], std: [15] },
  sampleRateHz: 24414,
  durationSeconds: 2,
};

/** Files of so many entries, with indices, and holes where the entries would be. */
function writeIndices(directory: string, clips: number): number {
  const folder = join(directory, folderOf(SETTING));
  mkdirSync(folder, { recursive: true });
  const random = seededRandom(2);
  const key = () => Uint32Array.from({ length: KEY_WORDS }, () => Math.floor(random() * 2 ** 32));
  const { length: bytes } = entryBytes(key(), FEATURES);
  const each = Math.ceil(FILE_BYTES / bytes);
  let files = 0;
  for (let from = 0; from < clips; from += each) {
    const entries = Array.from({ length: Math.min(each, clips - from) }, () => ({ key: key(), bytes }));
    const file = openSync(join(folder, `${files++}${BATCH_ENDING}`), 'w');
    writeSync(file, indexBytes(entries), 0, undefined, bytes * entries.length);
    closeSync(file);
  }
  return files;
}

function measureOpening(directory: string, clips: number): void {
  const files = writeIndices(directory, clips);
  global.gc?.();
  const before = process.memoryUsage();
  const begun = performance.now();
  const cache = new FeatureCache(directory, SETTING);
  cache.find('0'.repeat(64));
  const seconds = (performance.now() - begun) / 1000;
  global.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  const kept = (heapUsed + arrayBuffers - before.heapUsed - before.arrayBuffers) / clips;
  console.log(
    `${withCommas(clips)} clips in ${files} files: opened in ${seconds.toFixed(2)} s, ${kept.toFixed(0)} bytes a clip`,
  );
  cache.close();
}

function measureReading(directory: string): void {
  const keys = Array.from({ length: READ }, (_, i) => cacheKey(sha256(`clip ${i}`), SETTING));
  const cache = new FeatureCache(directory, SETTING);
  for (const key of keys) cache.write(new Map([[key, FEATURES]]));
  cache.flush();
  const random = seededRandom(3);
  const order = keys.map((key) => ({ entry: cache.find(key)!, at: random() })).sort((a, b) => a.at - b.at);
  for (let round = 1; round <= ROUNDS; round++) {
    const begun = performance.now();
    for (const { entry } of order) if (!cache.read(entry)) throw new Error('an entry is gone');
    const microseconds = ((performance.now() - begun) / READ) * 1000;
    console.log(`read ${READ} clips in any order, round ${round}: ${microseconds.toFixed(0)} µs a clip`);
  }
  cache.close();
}

const [, , clips = '1000000', folder = tmpdir()] = process.argv;
const directory = mkdtempSync(join(folder, 'ser-cache-'));
try {
  measureOpening(join(directory, 'indices'), Number(clips));
  measureReading(join(directory, 'entries'));
} finally {
  rmSync(directory, { recursive: true });
}
