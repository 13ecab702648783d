import assert from 'node:assert/strict';
import { useBackend } from '../../src/backend/backend.js';
import { seededRandom } from '../../src/common/random.js';
import type { FeatureDataset } from '../../src/dataset/dataset.js';
import { arrayExamples } from '../../src/dataset/examples.js';
import type { Split } from '../../src/dataset/splits.js';
import { AUGMENTATIONS } from '../../src/features/augmentations.js';
import { RUN_DEFAULTS } from '../../src/run/config.js';
import { fitNetwork, modelSettings } from '../../src/run/fit.js';
import type { Prepared } from '../../src/run/prepare.js';

type Augmentation = (typeof AUGMENTATIONS)[string];

const TRAIN = [0, 1, 2, 3, 4, 5, 6];

/** Clip i begins with the number i. */
function prepared(augment: string[] = []): Prepared {
  const random = seededRandom(1);
  const values = Float32Array.from({ length: 12 * 8 * 4 }, (_, i) => (i % 32 === 0 ? i / 32 : random()));
  const labels = ['anger', 'fear'];
  const targets = Array.from({ length: 12 }, (_, i) => i % 2);
  const examples = arrayExamples([{ values, shape: [8, 4] }]);
  const dataset: FeatureDataset = {
    ...{ ...examples, targets, labels },
    writeAltered(clip, into, alter) {
      examples.write(clip, into);
      into[0].set(alter({ values: into[0].slice(), bands: 8, frames: 4 }).values);
    },
  };
  const given: Partial<Prepared> = {
    config: { ...RUN_DEFAULTS, epochs: 2, batchSize: 4, sizes: { filters: [4], denseUnits: [] }, augment },
    dataset,
    labels,
    clips: targets.map((target, i) => ({
      ...{
        path: `${i}.wav`,
        corpus: 'tess',
        emotion: labels[target],
        speaker: i < 4 ? 'OAF' : 'YAF',
        text: 'dog',
        label: '',
      },
    })),
    split: { train: TRAIN, validation: [8, 9, 10], test: [7, 11] } as unknown as Split,
    shape: { bands: 8, frames: 4, classes: 2, seed: 1 },
  };
  return given as Prepared;
}

/** An action while there are augmentations of these names. */
async function having<T>(augmentations: Record<string, Augmentation>, action: () => Promise<T>): Promise<T> {
  const table = AUGMENTATIONS as Record<string, Augmentation>;
  Object.assign(table, augmentations);
  try {
    return await action();
  } finally {
    for (const name of Object.keys(augmentations)) delete table[name];
  }
}

/** The history of a fit, without the times. */
async function history(of: Prepared) {
  const { network, history } = await fitNetwork(of);
  network.dispose();
  return history.map((record) => ({ ...record, seconds: 0 }));
}

describe('fitNetwork()', () => {
  before(() => useBackend('auto'));

  it('augments each training clip in each epoch, by the names in their order, and no other clip', async () => {
    const calls: [name: string, clip: number][] = [];
    const noting =
      (name: string): Augmentation =>
      (features, random) => {
        const { values, bands, frames } = features;
        assert.deepEqual([values.length, bands, frames], [32, 8, 4]);
        assert.ok(random() < 1);
        calls.push([name, values[0]]);
        return features;
      };
    const augmentations = { first: noting('first'), second: noting('second'), unused: noting('unused') };
    const same = await having(augmentations, () => history(prepared(['second', 'first'])));
    assert.equal(calls.length, 2 * 2 * TRAIN.length);
    for (const epoch of [calls.slice(0, 14), calls.slice(14)])
      for (const name of ['first', 'second'])
        assert.deepEqual(epoch.flatMap(([called, clip]) => (called === name ? [clip] : [])).sort(), TRAIN);
    for (const [i, [name, clip]] of calls.entries()) {
      assert.equal(name, i % 2 === 0 ? 'second' : 'first');
      assert.equal(clip, calls[i - (i % 2)][1]);
    }
    assert.deepEqual(same, await history(prepared()));
  });

  it('trains with what augmentations make of clips', async () => {
    const silenced = await having({ silence: (features) => ({ ...features, values: new Float32Array(32) }) }, () =>
      history(prepared(['silence'])),
    );
    assert.notDeepEqual(silenced, await history(prepared()));
  });
});

describe('modelSettings()', () => {
  it('says what prediction needs, and where the model comes from', () => {
    const trainStatistics = { mean: [1], std: [2] };
    const environment = { project: '1.2.3', backend: { name: 'wasm', tfjs: '4.5.6', threads: 1 } } as const;
    const settings = modelSettings({ ...prepared(), trainStatistics }, { corpus: 'tess', environment });
    assert.deepEqual(settings, {
      labels: ['anger', 'fear'],
      features: RUN_DEFAULTS.features,
      input: 'picture',
      frames: 4,
      normalisation: 'clip',
      trainStatistics,
      answers: 'windows',
      trainedOn: {
        corpus: 'tess',
        protocol: 'speaker',
        seed: 42,
        network: 'original',
        clips: 7,
        speakers: 2,
        languages: ['en'],
      },
      versions: { project: '1.2.3', tfjs: '4.5.6' },
    });
    const elsewhere = modelSettings(prepared(), { corpus: 'tess', environment, learnt: [0, 1] });
    assert.deepEqual([elsewhere.trainedOn.clips, elsewhere.trainedOn.speakers], [2, 1]);
  });

  it('says that what is fitted by a formula has learnt from the validation set, too, unless that is the test set', () => {
    const environment = { project: '1.2.3', backend: { name: 'wasm', tfjs: '4.5.6', threads: 1 } } as const;
    const { config, split, ...rest } = prepared();
    const clipsHeard = (validationBy: Split['validationBy']) =>
      modelSettings(
        { ...rest, config: { ...config, network: 'encoder' }, split: { ...split, validationBy } },
        { corpus: 'tess', environment },
      ).trainedOn.clips;
    assert.deepEqual([clipsHeard('speaker'), clipsHeard('test set')], [10, 7]);
  });
});
