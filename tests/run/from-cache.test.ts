import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { useBackend } from '../../src/backend/backend.js';
import { loadCorpus } from '../../src/corpora/corpora.js';
import { gathered } from '../../src/dataset/examples.js';
import { configFor, type RunConfig } from '../../src/run/config.js';
import { readRun } from '../../src/run/finished.js';
import { type PrepareOptions, prepare } from '../../src/run/prepare.js';
import { type RunOptions, resume, run } from '../../src/run/run.js';
import { BACKEND, smallCorpus } from '../cli/ser.js';

describe('a run whose features have no room in memory', function () {
  this.timeout(120_000);
  const root = mkdtempSync(join(tmpdir(), 'ser-'));
  const data = join(root, 'small');
  const cacheDirectory = join(root, 'cache');
  const quick = { data, epochs: 2, sizes: { filters: [4], denseUnits: [4] } };
  before(async () => {
    smallCorpus(data);
    await useBackend(BACKEND);
  });
  after(() => rmSync(root, { recursive: true }));

  const carriedOut = (name: string, config: RunConfig, options: RunOptions) =>
    run(config, { directory: join(root, name), backend: BACKEND, cacheDirectory, report: false, ...options });
  /** What a run leaves, but for times. */
  const results = (name: string) => {
    const { history, metrics, probabilities } = readRun(join(root, name));
    // Named after their content.
    const weights = readdirSync(join(root, name, 'model')).filter((file) => file.startsWith('weights-'));
    assert.equal(weights.length, 1);
    return { history: history.map(({ seconds, ...figures }) => figures), metrics, probabilities, weights };
  };

  const configurations: Record<string, RunConfig> = {
    original: configFor('original', quick),
    'compact, with augmentations': configFor('compact', { data, epochs: 2 }),
    'original, by the training set': configFor('original', { ...quick, normalise: 'train' }),
    'original, by speaker': configFor('original', { ...quick, normalise: 'speaker' }),
    functionals: configFor('functionals', { data }),
    'encoder, at two speeds': configFor('encoder', { data, speeds: [1.18] }),
  };
  for (const [name, config] of Object.entries(configurations))
    it(`gives the same to the last bit: ${name}`, async () => {
      await carriedOut(`${name} in memory`, config, { inMemoryBytes: Number.POSITIVE_INFINITY });
      await carriedOut(`${name} from the cache`, config, { inMemoryBytes: 0 });
      assert.deepEqual(results(`${name} from the cache`), results(`${name} in memory`));
    });

  it('goes on after an interruption with the same result', async () => {
    const controller = new AbortController();
    const epoch = () => controller.abort();
    const reporter = { say() {}, progress: () => ({ update() {}, stop() {} }), epoch };
    const config = configurations.original;
    await carriedOut('interrupted', config, { inMemoryBytes: 0, signal: controller.signal, reporter });
    await resume(join(root, 'interrupted'), { cacheDirectory, inMemoryBytes: 0, report: false });
    assert.deepEqual(results('interrupted'), results('original in memory'));
  });

  it('says what to do where the cache is emptied before they are read', async () => {
    const cache = join(root, 'another cache');
    const stop = () => rmSync(cache, { recursive: true });
    const reporter = { say() {}, progress: () => ({ update() {}, stop }), epoch() {} };
    await assert.rejects(
      carriedOut('emptied', configurations.original, { cacheDirectory: cache, inMemoryBytes: 0, reporter }),
      { name: 'InputError', message: /: its features are no longer in the cache; .*`resume` goes on$/ },
    );
  });

  describe('prepare()', () => {
    const inputsWith = async (options: PrepareOptions) => {
      const { dataset } = await prepare(configurations.original, await loadCorpus(data), options);
      return { dataset, inputs: () => gathered(dataset, [3, 0, 17]) };
    };

    it('reads what has no room in memory from the cache whenever it is wanted, and keeps the rest', async () => {
      const cache = join(root, 'a third cache');
      const all = await inputsWith({ cacheDirectory: cache });
      // Room for a few of the clips, which come first.
      const some = await inputsWith({ cacheDirectory: cache, inMemoryBytes: 2 ** 18 });
      const expected = all.inputs();
      assert.deepEqual(some.inputs(), expected);
      rmSync(cache, { recursive: true });
      const none = await inputsWith({ cacheDirectory: join(root, 'a fourth cache'), inMemoryBytes: 2 ** 18 });
      rmSync(join(root, 'a fourth cache'), { recursive: true });
      assert.deepEqual(all.inputs(), expected);
      assert.doesNotThrow(() => gathered(none.dataset, [0]));
      assert.throws(() => none.inputs(), /no longer in the cache/);
    });

    it('keeps vectors apart by what has computed them', async () => {
      const cache = join(root, 'a fifth cache');
      const config = configFor('encoder', { data });
      const backends = BACKEND === 'native' ? (['wasm', 'native'] as const) : (['wasm'] as const);
      for (const backend of backends) {
        await useBackend(backend);
        await prepare(config, await loadCorpus(data), { cacheDirectory: cache });
      }
      const abouts = readdirSync(cache).map((folder) => readFileSync(join(cache, folder, 'about.json'), 'utf8'));
      const told = abouts.map((about) => about.match(/whisper-base-3 \(weights [0-9a-f]{8}, computed by (\w+)\)/)?.[1]);
      assert.deepEqual(told.sort(), BACKEND === 'native' ? ['tensorflow', 'wasm'] : ['wasm']);
    });

    it('keeps all in memory where there is no cache to read from', async () => {
      // A file where the folder of the cache should be.
      const { inputs } = await inputsWith({ cacheDirectory: join(data, 'labels.csv'), inMemoryBytes: 0 });
      assert.equal(inputs()[0].length, 3 * 128 * 87);
    });
  });
});
