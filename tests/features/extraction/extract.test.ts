import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { getEventListeners } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Source } from '../../../src/audio/segment.js';
import { FEATURE_CACHE_LIMIT_VARIABLE } from '../../../src/common/cache-directory.js';
import { sha256 } from '../../../src/common/sha256.js';
import type { ClipFeatures } from '../../../src/features/clip-features.js';
import { cacheKey, FeatureCache } from '../../../src/features/extraction/cache.js';
import type { CacheSetting } from '../../../src/features/extraction/cache-folder.js';
import { type ExtractionOptions, extractFeatures, openCache } from '../../../src/features/extraction/extract.js';
import type { Extraction } from '../../../src/features/extraction/worker.js';
import { FEATURE_DEFAULTS } from '../../../src/features/features.js';
import { MEL_DEFAULTS } from '../../../src/features/mel.js';
import { wav } from '../../audio/wav.js';

const EMODB = join(__dirname, '../../../data/emodb');
const CLIPS = readdirSync(EMODB)
  .sort()
  .slice(0, 40)
  .map((name) => join(EMODB, name));

/** The results without the numbers of their entries, which depend on the cache. */
async function extracted(paths: readonly (string | Source)[], options?: ExtractionOptions): Promise<Extraction[]> {
  const results: Extraction[] = [];
  for await (const { entry, ...result } of extractFeatures(paths, options)) results.push(result as Extraction);
  return results;
}

/** Of a usable recording. */
const matrixOf = (result: Extraction) => (result as ClipFeatures).matrix;

/** Worker threads of this process, at work or not. */
const threads = () => (process.report.getReport() as unknown as { workers: unknown[] }).workers.length;

describe('extractFeatures()', function () {
  this.timeout(60000);
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'ser-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  /** Files of the cache. */
  const files = () =>
    readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.features'))
      .map((name) => join(root, name));

  /** Clips that another process finds in the cache. */
  const kept = (setting: CacheSetting = { features: FEATURE_DEFAULTS }) => {
    const cache = new FeatureCache(root, setting);
    return CLIPS.filter((path) => cache.find(cacheKey(sha256(readFileSync(path)), setting)) !== undefined);
  };

  it('gives the same for 1 and for 3 workers, with and without a cache, in the order of the paths', async () => {
    const one = await extracted(CLIPS, { workers: 1 });
    assert.equal(one.length, CLIPS.length);
    // An order of its own, and 21 of 40, so that batches are others.
    const some = CLIPS.filter((_, i) => i % 2 === 1 || i === 0).reverse();
    const three = await extracted(some, { workers: 3, cacheDirectory: root });
    assert.deepEqual(
      three,
      some.map((path) => one[CLIPS.indexOf(path)]),
    );
    assert.deepEqual(await extracted(some, { workers: 2, cacheDirectory: root }), three);
  });

  it('takes a second time from the cache, also for other clips beside them, and makes what is damaged again', async () => {
    const first = await extracted(CLIPS.slice(0, 20), { cacheDirectory: root });
    assert.deepEqual([files().length, kept()], [1, CLIPS.slice(0, 20)]);
    // What is read comes from the cache: with other features put there, those come out.
    const setting = { features: FEATURE_DEFAULTS };
    const cache = new FeatureCache(root, setting);
    const marked = { ...(first[4] as ClipFeatures), durationSeconds: 77 };
    cache.write(new Map([[cacheKey(sha256(readFileSync(CLIPS[4])), setting), marked]]));
    assert.deepEqual((await extracted(CLIPS.slice(4, 5), { cache }))[0], marked);
    cache.close();
    for (const path of files()) truncateSync(path, 100);
    assert.deepEqual(await extracted(CLIPS.slice(0, 20), { cacheDirectory: root }), first);
    assert.deepEqual([files().length, kept()], [1, CLIPS.slice(0, 20)]);
    assert.deepEqual(await extracted(CLIPS.slice(0, 20), { cacheDirectory: root }), first);
  });

  it('keeps nothing twice that is in the cache behind much that is not', async () => {
    const bytes = (directory: string) =>
      readdirSync(directory, { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.features'))
        .reduce((sum, name) => sum + statSync(join(directory, name)).size, 0);
    const [once, twice] = [join(root, 'once'), join(root, 'twice')];
    const whole = await extracted(CLIPS, { cacheDirectory: once });
    await extracted(CLIPS.slice(20), { cacheDirectory: twice });
    const entries: (number | undefined)[] = [];
    // Of the first batch, nothing is there: the second, half of which is, is not looked for.
    const results: Extraction[] = [];
    for await (const { entry, ...result } of extractFeatures(CLIPS, { cacheDirectory: twice })) {
      entries.push(entry);
      results.push(result as Extraction);
    }
    assert.deepEqual(results, whole);
    assert.equal(new Set(entries).size, CLIPS.length);
    assert.ok(Math.abs(bytes(twice) - bytes(once)) < 1000, `${bytes(twice)} and ${bytes(once)} bytes`);
  });

  it('gives the numbers of entries, by which the same can be read again, found or made just now', async () => {
    const options = { workers: 2, cacheDirectory: root };
    await extracted(CLIPS.slice(0, 3), options);
    const cache = openCache(options)!;
    const bad = join(root, 'bad.wav');
    writeFileSync(bad, 'no recording');
    const reread: unknown[] = [];
    for await (const { entry, ...result } of extractFeatures([...CLIPS, bad], { ...options, cache })) {
      assert.equal(entry === undefined, 'reason' in result);
      const { sha256: hash, ...features } = result;
      if (entry !== undefined) reread.push(cache.read(entry), features);
    }
    assert.equal(reread.length, 2 * CLIPS.length);
    for (let i = 0; i < reread.length; i += 2) assert.deepEqual(reread[i], reread[i + 1]);
    assert.deepEqual(kept(), CLIPS);
    cache.close();
  });

  it('gives no numbers without a cache', async () => {
    for await (const result of extractFeatures(CLIPS.slice(0, 2))) assert.ok(!('entry' in result));
  });

  it('makes again what is removed between being found and being read', async () => {
    const options = { workers: 1, cacheDirectory: root };
    const first = await extracted(CLIPS.slice(0, 20), options);
    const cache = openCache(options)!;
    assert.equal(cache.find('0'.repeat(64)), undefined, 'it knows what there is');
    for (const path of files()) rmSync(path);
    assert.deepEqual(await extracted(CLIPS.slice(0, 20), { ...options, cache }), first);
    cache.close();
    assert.deepEqual(kept(), CLIPS.slice(0, 20));
  });

  it('refuses a bound in the environment that is none', async () => {
    const before = process.env[FEATURE_CACHE_LIMIT_VARIABLE];
    process.env[FEATURE_CACHE_LIMIT_VARIABLE] = 'much';
    try {
      await assert.rejects(extracted(CLIPS.slice(0, 1), { cacheDirectory: root }), {
        name: 'UsageError',
        message: 'SPEECH_EMOTION_FEATURE_CACHE_LIMIT must be a size such as 20GB, or none, current value is much',
      });
    } finally {
      if (before === undefined) delete process.env[FEATURE_CACHE_LIMIT_VARIABLE];
      else process.env[FEATURE_CACHE_LIMIT_VARIABLE] = before;
    }
  });

  it('gives copies under a condition, the same for all workers and from the cache, apart from the recordings', async () => {
    const some = CLIPS.slice(0, 20);
    const condition = { name: 'white-noise-10dB', seed: 7 };
    const asTheyAre = await extracted(some, { cacheDirectory: root });
    const one = await extracted(some, { condition, workers: 1 });
    for (const [i, each] of one.entries()) assert.notDeepEqual(matrixOf(each), matrixOf(asTheyAre[i]));
    const reversed = await extracted(some.toReversed(), { condition, workers: 2, cacheDirectory: root });
    assert.deepEqual(reversed.map(matrixOf), one.toReversed().map(matrixOf));
    assert.deepEqual(await extracted(some.toReversed(), { condition, workers: 2, cacheDirectory: root }), reversed);
    assert.deepEqual(await extracted(some, { cacheDirectory: root }), asTheyAre);
    const [other] = await extracted(some.slice(0, 1), { condition: { ...condition, seed: 8 }, cacheDirectory: root });
    assert.notDeepEqual(matrixOf(other), matrixOf(one[0]));
  });

  it('does without a cache that cannot be written, and says so once', async () => {
    const file = join(root, 'a file');
    writeFileSync(file, '');
    const said: string[] = [];
    const say = (line: string) => said.push(line);
    for await (const result of extractFeatures(CLIPS.slice(0, 20), { cacheDirectory: file, say }))
      assert.ok('matrix' in result && result.entry === undefined);
    assert.equal(said.length, 1);
    assert.match(said[0], /^Features are not kept for another time: Cannot write .*a part of the path is a file/);
  });

  it('does not read hours of audio to look them up', async () => {
    const path = join(root, 'long.wav');
    const bytes = 10 * 3600 * 16000 * 2;
    writeFileSync(path, wav([0.5], { dataSize: bytes }));
    truncateSync(path, 44 + bytes);
    const before = process.memoryUsage().rss;
    const [result] = await extracted([path], { cacheDirectory: root, workers: 1 });
    assert.ok('reason' in result && /too long/.test(result.reason));
    // A thread is started for it.
    assert.ok(process.memoryUsage().rss - before < 200e6);
    assert.equal(files().length, 0);
  });

  it('takes other options', async () => {
    const [result] = await extracted(CLIPS.slice(0, 1), {
      features: { name: 'mel', options: { ...MEL_DEFAULTS, bands: 20, hopLength: 1024 } },
    });
    assert.ok('matrix' in result);
    assert.deepEqual([result.matrix.bands, result.matrix.frames], [20, 44]);
  });

  it('yields the reason for an unusable recording, in its place', async () => {
    const bad = join(root, 'bad.wav');
    writeFileSync(bad, 'no recording');
    const results = await extracted([CLIPS[0], bad, join(root, 'none.wav'), CLIPS[1]], { workers: 2 });
    assert.deepEqual(
      results.map((result) =>
        'reason' in result ? result.reason.replace(root, '').replace('\\', '/').slice(0, 30) : '',
      ),
      ['', '/bad.wav: not a recording, but', '/none.wav: there is no such fi', ''],
    );
  });

  it('fails with a fault of the program, its message and its place, instead of calling clips unusable', async () => {
    const script = join(root, 'fault.cjs');
    // What every thread runs before anything else: then it fails where it looks for silence.
    writeFileSync(
      script,
      `Float32Array.prototype.some = function faultySome() { throw new TypeError('a fault of the program'); };`,
    );
    const before = process.env.NODE_OPTIONS;
    process.env.NODE_OPTIONS = `${before ?? ''} --require ${JSON.stringify(script)}`;
    try {
      await assert.rejects(extracted(CLIPS.slice(0, 2), { workers: 1, cacheDirectory: root }), (error: Error) => {
        assert.deepEqual([error.name, error.message], ['TypeError', 'a fault of the program']);
        assert.match(error.stack ?? '', /faultySome/);
        return true;
      });
    } finally {
      if (before === undefined) delete process.env.NODE_OPTIONS;
      else process.env.NODE_OPTIONS = before;
    }
    assert.equal(files().length, 0);
  });

  it('fails with what is wrong with the options', async () => {
    const cases: [change: Partial<typeof MEL_DEFAULTS>, rule: string][] = [
      [{ hopLength: 0 }, 'mel spectrogram: hopLength must be a positive integer, current value is 0'],
      [{ fftSize: 1000 }, 'spectrogram: fftSize must be a power of two from 8, current value is 1000'],
      [
        { sampleRateHz: 22050.5 },
        'mel spectrogram: sampleRateHz must be an integer from 4000 to 384000, current value is 22050.5',
      ],
    ];
    for (const [change, rule] of cases)
      await assert.rejects(
        extracted(CLIPS.slice(0, 2), {
          workers: 1,
          features: { name: 'mel', options: { ...MEL_DEFAULTS, ...change } },
        }),
        {
          name: 'RangeError',
          message: `Cannot compute a ${rule}`,
        },
      );
  });

  it('has nothing to do for no paths', async () => {
    assert.deepEqual(await extracted([]), []);
  });

  it('refuses an impossible number of workers', async () => {
    for (const workers of [0, 1.5, Number.NaN])
      await assert.rejects(extracted(CLIPS, { workers }), {
        name: 'RangeError',
        message: `Cannot extract features: workers must be a positive integer, current value is ${workers}`,
      });
  });

  it("stops with the signal's reason, before and during the work, and keeps what it has", async () => {
    const reason = new Error('enough');
    await assert.rejects(extracted(CLIPS, { signal: AbortSignal.abort(reason) }), reason);
    const controller = new AbortController();
    const results: Extraction[] = [];
    const work = async () => {
      for await (const result of extractFeatures(CLIPS, {
        workers: 1,
        cacheDirectory: root,
        signal: controller.signal,
      })) {
        results.push(result);
        controller.abort(reason);
      }
    };
    await assert.rejects(work(), reason);
    assert.equal(results.length, 1);
    assert.ok(kept().length >= 16 && kept().length < CLIPS.length);
  });

  it('leaves nothing with the signal where it is not aborted', async () => {
    const { signal } = new AbortController();
    await extracted(CLIPS.slice(0, 1), { signal });
    assert.equal(getEventListeners(signal, 'abort').length, 0);
  });

  it('stops a worker in the middle of its work', async () => {
    const path = join(root, 'long.wav');
    // Twenty minutes, sixteen times, in one batch: about twenty seconds' work, of which nothing comes out before the end.
    const bytes = 20 * 60 * 8000 * 2;
    writeFileSync(path, wav([0.5], { sampleRateHz: 8000, dataSize: bytes }));
    truncateSync(path, 44 + bytes);
    const controller = new AbortController();
    const before = threads();
    const begun = performance.now();
    setTimeout(() => controller.abort(), 500);
    await assert.rejects(extracted(new Array(16).fill(path), { workers: 1, signal: controller.signal }), {
      name: 'AbortError',
    });
    assert.ok(performance.now() - begun < 2500);
    // Neither the worker is left nor another in its place.
    assert.equal(threads(), before);
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.equal(threads(), before);
  });

  it('keeps segments in the cache, by the content of their recording and their times', async () => {
    const [path, copy] = ['talk.wav', 'copy.wav'].map((name) => join(root, name));
    const sound = Array.from({ length: 16000 }, (_, i) => 0.5 * Math.sin((i * i) / 9000));
    const content = wav(sound, { sampleRateHz: 8000 });
    writeFileSync(path, content);
    const segments = [{ startSeconds: 0, endSeconds: 1 }, { startSeconds: 1 }, { startSeconds: 0.5, endSeconds: 1.5 }];
    const sources = (of: string) => [of, ...segments.map((segment) => ({ path: of, segment }))];
    const options = { workers: 1, cacheDirectory: root };
    const first = await extracted(sources(path), options);
    assert.deepEqual(
      first.map((each) => 'matrix' in each && each.durationSeconds),
      [2, 1, 1, 1],
    );
    assert.equal(new Set(first.map((each) => 'matrix' in each && each.matrix.values.join())).size, 4);
    // From the cache: no worker is started for a copy, but for another beginning there is one.
    const before = threads();
    writeFileSync(copy, content);
    assert.deepEqual(await extracted(sources(copy), options), first);
    for await (const _ of extractFeatures(sources(copy), options)) assert.equal(threads(), before);
    const other = [{ path: copy, segment: { startSeconds: 0.25, endSeconds: 1 } }];
    for await (const _ of extractFeatures(other, options)) assert.equal(threads(), before + 1);
    writeFileSync(copy, wav([...sound].reverse(), { sampleRateHz: 8000 }));
    assert.notDeepEqual(await extracted(sources(copy), options), first);
  });

  it('starts no more workers than there are batches, and none for what is in the cache', async () => {
    const before = threads();
    const started = async (paths: readonly string[]) => {
      const counts: number[] = [];
      for await (const _ of extractFeatures(paths, { workers: 3, cacheDirectory: root })) counts.push(threads());
      return Math.max(...counts) - before;
    };
    assert.equal(await started(CLIPS.slice(0, 16)), 1);
    assert.equal(await started(CLIPS.slice(0, 16)), 0);
    assert.equal(await started(CLIPS), 3);
  });

  it('works ahead of the reader, but by one batch for each worker and no more', async () => {
    const pause = () => new Promise((resolve) => setTimeout(resolve, 50));
    /** Clips in the file that is being written, of 44 kB each. */
    const written = () => {
      const [name = ''] = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((each) =>
        each.endsWith('.tmp'),
      );
      return Math.round((name ? statSync(join(root, name)).size : 0) / (128 * 87 * 4 + 72));
    };
    for await (const _ of extractFeatures(CLIPS, { workers: 1, cacheDirectory: root })) {
      for (let i = 0; i < 100 && written() < 32; i++) await pause();
      for (let i = 0; i < 10; i++) await pause();
      assert.equal(written(), 32, 'two of three batches');
      break;
    }
  });

  it('ends its workers where the reader leaves early', async () => {
    const before = threads();
    for await (const _ of extractFeatures(CLIPS, { workers: 2 })) {
      assert.equal(threads(), before + 2);
      break;
    }
    assert.equal(threads(), before);
  });

  it('fails with what the reader throws, also where answers of the workers are on their way then', async () => {
    const full = new Error('the disk is full');
    const work = async () => {
      for await (const _ of extractFeatures([...CLIPS, ...CLIPS], { workers: 2 })) {
        // Longer than the batches in work take: their answers wait in the event loop.
        const begun = performance.now();
        while (performance.now() - begun < 1000);
        throw full;
      }
    };
    await assert.rejects(work(), full);
    await new Promise((resolve) => setTimeout(resolve, 50));
  });

  it('needs no more memory for 9,000 recordings than for 3,000', async () => {
    const script = join(root, 'memory.cts');
    writeFileSync(
      script,
      `const { extractFeatures } = require(${JSON.stringify(join(__dirname, '../../../src/features/extraction/extract.ts'))});
      const [clip, count, cache] = process.argv.slice(2);
      (async () => {
        let frames = 0;
        const paths = Array(Number(count)).fill(clip);
        for await (const result of extractFeatures(paths, { workers: 2, cacheDirectory: cache })) frames += result.matrix.frames;
        console.log(frames, process.resourceUsage().maxRSS);
      })();`,
    );
    const measure = async (count: number) => {
      const args = ['--require', require.resolve('tsx/cjs'), script, CLIPS[0], String(count), join(root, 'cache')];
      const [frames, kilobytes] = (await promisify(execFile)(process.execPath, args)).stdout.split(' ').map(Number);
      assert.equal(frames, 87 * count);
      return kilobytes / 1024;
    };
    const [few, many] = [await measure(3000), await measure(9000)];
    // 6,000 spectrograms of 44 KB are 255 MiB.
    assert.ok(many - few < 60, `${few.toFixed(0)} MiB for 3,000, ${many.toFixed(0)} MiB for 9,000`);
  });
});
