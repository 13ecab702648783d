import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { useBackend } from '../../src/backend/backend.js';
import { loadCorpus } from '../../src/corpora/corpora.js';
import type { InputName } from '../../src/dataset/inputs.js';
import { SUBSETS, type Subset, splitClips } from '../../src/dataset/splits.js';
import { loadBundle } from '../../src/model/bundle-files.js';
import type { NetworkDefinition } from '../../src/networks/network.js';
import { NETWORKS } from '../../src/networks/networks.js';
import { readWeights, variablesOf } from '../../src/networks/weights.js';
import { RUN_DEFAULTS, type RunConfig } from '../../src/run/config.js';
import { evaluateNetwork } from '../../src/run/evaluate.js';
import { readRun } from '../../src/run/finished.js';
import { fitNetwork } from '../../src/run/fit.js';
import { prepare, splitFor } from '../../src/run/prepare.js';
import { run } from '../../src/run/run.js';
import { indexOfBest } from '../../src/training/training.js';
import { BACKEND, smallCorpus } from '../cli/ser.js';

describe('the stages of a run', function () {
  this.timeout(120_000);
  const root = mkdtempSync(join(tmpdir(), 'ser-'));
  const data = join(root, 'small');
  const cacheDirectory = join(root, 'cache');
  const sizes = { filters: [8, 8], denseUnits: [8] };
  const config: RunConfig = { ...RUN_DEFAULTS, data, epochs: 5, learningRate: 0.01, sizes };
  before(async () => {
    smallCorpus(data);
    await useBackend(BACKEND);
  });
  after(() => rmSync(root, { recursive: true }));

  const carriedOut = (name: string, change: Partial<RunConfig> = {}) =>
    run({ ...config, ...change }, { directory: join(root, name), backend: BACKEND, cacheDirectory });

  it('called one after another, give what a run gives', async () => {
    const { metrics, epochs, bestEpoch } = await carriedOut('whole');
    const prepared = await prepare(config, await loadCorpus(data), { cacheDirectory, workers: 1 });
    const fitted = await fitNetwork(prepared);
    const evaluation = evaluateNetwork(fitted, prepared);
    assert.deepEqual(evaluation.metrics, metrics);
    assert.deepEqual([fitted.history.length, fitted.bestEpoch, fitted.finished], [epochs, bestEpoch, true]);
    fitted.network.dispose();
  });

  it('the checkpoint holds the weights of the first epoch with the highest validation accuracy, the model the best', async () => {
    const epochs = 8;
    const prepared = await prepare({ ...config, epochs }, await loadCorpus(data), { cacheDirectory });
    const byEpoch: Float32Array[] = [];
    const { network, history } = await fitNetwork(prepared, {
      onEpoch: async (_, training) => {
        byEpoch.push(readWeights(variablesOf(training.network).trainable));
      },
    });
    network.dispose();
    const { directory, bestEpoch } = await carriedOut('checkpoint', { epochs });
    const weightsIn = async (name: string) => {
      const bundle = await loadBundle(join(directory, name));
      const weights = readWeights(variablesOf(bundle.network).trainable);
      bundle.network.dispose();
      return byEpoch.findIndex((each) => each.every((value, i) => value === weights[i]));
    };
    const accurate = indexOfBest(history.map(({ valAccuracy }) => valAccuracy));
    assert.equal(await weightsIn('checkpoint'), accurate);
    assert.equal(await weightsIn('model'), bestEpoch - 1);
    // Else the test would not tell one from the other, or from the last.
    assert.equal(new Set([accurate, bestEpoch - 1, epochs - 1]).size, 3);
  });

  it('prepare() gives what a network takes: so many frames, all of the longest clip, or one', async () => {
    const networks = NETWORKS as Record<string, NetworkDefinition>;
    const corpus = await loadCorpus(data);
    const shapeFor = async (input: InputName) => {
      networks.toy = { ...NETWORKS.original, input };
      try {
        const change = { network: 'toy', frames: 40, seed: 9, normalise: 'train' } as const;
        const { shape, dataset, trainStatistics, recordings } = await prepare({ ...config, ...change }, corpus, {
          cacheDirectory,
        });
        assert.equal(trainStatistics!.mean.length, 128);
        const longest = Math.max(...recordings.map(({ durationSeconds }) => durationSeconds));
        return { shape, shapes: dataset.shapes, longest };
      } finally {
        delete networks.toy;
      }
    };
    const common = { bands: 128, classes: 3, seed: 9 };
    const picture = await shapeFor('picture');
    assert.deepEqual([picture.shape, picture.shapes], [{ ...common, frames: 40 }, [[128, 40]]]);
    const clip = await shapeFor('clip');
    const frames = 1 + Math.floor((clip.longest * 22050) / 512);
    assert.ok(frames > 40);
    assert.deepEqual([clip.shape, clip.shapes], [{ ...common, frames }, [[128, frames], [frames]]]);
    const vector = await shapeFor('vector');
    assert.deepEqual([vector.shape, vector.shapes], [{ ...common, frames: 1 }, [[128]]]);
  });

  describe('a split that is given', () => {
    /** Speaker 03 is validated with, 09 tested with. */
    const given = async (): Promise<Record<string, Subset>> => {
      const { clips } = await loadCorpus(data);
      const of = (speaker: string) => (({ '03': 'validation', '09': 'test' }) as Record<string, Subset>)[speaker];
      return Object.fromEntries(clips.map(({ path, speaker }) => [path, of(speaker) ?? 'train']));
    };

    it('is the one that a run has, writes down and reads again', async () => {
      const sets = await given();
      const { directory } = await carriedOut('given', { sets, epochs: 1 });
      const { split, clips, config: read } = readRun(directory);
      assert.deepEqual(read.sets, sets);
      for (const set of SUBSETS)
        assert.deepEqual(
          split[set].map((i) => clips[i].path),
          clips.flatMap(({ path }) => (sets[path] === set ? [path] : [])),
        );
      assert.equal(split.validationBy, 'speaker');
      const drawn = splitClips(clips, config);
      assert.notDeepEqual(drawn.test, split.test);
      const report = readFileSync(join(directory, 'report.html'), 'utf8');
      assert.match(report, /for which the command has no options/);
    });

    it('is refused where a recording is in no set, or the protocol is not kept', async () => {
      const { clips } = await loadCorpus(data);
      const sets = await given();
      const { [clips[4].path]: _, ...fewer } = sets;
      assert.throws(() => splitFor(clips, { ...config, sets: fewer }), {
        name: 'InputError',
        message: `Cannot split as given: every recording must be in a set, and ${clips[4].path} is in none`,
      });
      const tested = clips.find(({ speaker }) => speaker === '09')!;
      const leaking = { ...sets, [tested.path]: 'train' as const };
      await assert.rejects(carriedOut('leaking', { sets: leaking }), {
        name: 'InputError',
        message: /Cannot split by speaker as given: The split leaks: speaker 09 is on two sides/,
      });
    });
  });
});
