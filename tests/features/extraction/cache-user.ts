/** A process that reads and writes a feature cache with a small bound as fast as it can; for cache-folder.test.ts. */
import fs from 'node:fs';
import { mock } from 'node:test';
import { sha256 } from '../../../src/common/sha256.js';
import { cacheKey, FeatureCache } from '../../../src/features/extraction/cache.js';
import { FEATURE_DEFAULTS } from '../../../src/features/features.js';

// As if everything had been used two hours earlier: what was used within the last hour is not removed.
const { utimesSync } = fs;
mock.method(fs, 'utimesSync', (path: string, accessed: number, modified: number) =>
  utimesSync(path, accessed - 7200, modified - 7200),
);

/** What the test sends. */
export interface Work {
  readonly directory: string;
  readonly limitBytes: number;
  /** How often the cache is opened, and for each recording. */
  readonly rounds: number;
  readonly recordings: number;
  /** The recordings are gone through in an order of their own. */
  readonly step: number;
}

/** What came of it: how often features were found, made, and gone after they were found; and the first that was wrong. */
export interface Done {
  readonly found: number;
  readonly made: number;
  readonly gone: number;
  readonly wrong?: string;
}

/** The features of a recording, which nobody needs a recording for. */
const featuresOf = (recording: number) => ({
  matrix: { values: Float32Array.from({ length: 600 }, (_, i) => recording + i / 1000), bands: 20, frames: 30 },
  statistics: { mean: [recording], std: [1 + recording] },
  sampleRateHz: 8000 + recording,
  durationSeconds: recording,
});

function use({ directory, limitBytes, rounds, recordings, step }: Work): Done {
  const setting = { features: FEATURE_DEFAULTS };
  let [found, made, gone] = [0, 0, 0];
  let wrong: string | undefined;
  for (let round = 0; round < rounds; round++) {
    const cache = new FeatureCache(directory, setting, { limitBytes });
    for (let i = 0; i < recordings; i++) {
      const recording = (round + i * step) % recordings;
      const key = cacheKey(sha256(`recording ${recording}`), setting);
      const expected = featuresOf(recording);
      const entry = cache.find(key);
      const read = entry === undefined ? undefined : cache.read(entry);
      if (entry !== undefined && !read) gone++;
      if (read) {
        found++;
        if (JSON.stringify(read) !== JSON.stringify(expected)) wrong ??= `recording ${recording} in round ${round}`;
      } else {
        made++;
        cache.write(new Map([[key, expected]]));
        // What was written can be read, whatever the others remove.
        const again = cache.find(key);
        if (again === undefined || JSON.stringify(cache.read(again)) !== JSON.stringify(expected))
          wrong ??= `recording ${recording} in round ${round}, just written`;
      }
      if (i % 10 === 9) cache.flush();
    }
    cache.flush();
    cache.close();
  }
  return { found, made, gone, wrong };
}

process.on('message', (work: Work) => {
  process.send!(use(work));
  process.disconnect();
});
process.send!('ready');
