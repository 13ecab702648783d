import assert from 'node:assert/strict';
import type { Clip } from '../../src/corpora/clip.js';
import type { Split } from '../../src/dataset/splits.js';
import {
  answersTo,
  assess,
  mistakesOf,
  oneOfEachKind,
  pooledTests,
  predictionRows,
  subsetsOf,
} from '../../src/evaluation/predictions.js';

const clip = (path: string, emotion: string): Clip => ({
  path,
  corpus: 'c',
  speaker: `s ${path}`,
  text: `t ${path}`,
  emotion,
  label: emotion,
});
const clips = [clip('a', 'anger'), clip('b', 'fear'), clip('c', 'anger'), clip('d', 'fear')];
const split = { train: [3], validation: [], test: [0, 1, 2] } as unknown as Split;
const labels = ['anger', 'fear'];
const predictions = {
  clips,
  split,
  labels,
  probabilities: Float32Array.of(0.25, 0.75, 0.25, 0.75, 0, 1, 0.5, 0.5),
};

describe('predictionRows()', () => {
  it('says of each clip its set, what is true, what was predicted, and all probabilities', () => {
    assert.deepEqual(predictionRows(predictions).slice(0, 2), [
      { path: 'a', set: 'test', true: 'anger', predicted: 'fear', anger: 0.25, fear: 0.75 },
      { path: 'b', set: 'test', true: 'fear', predicted: 'fear', anger: 0.25, fear: 0.75 },
    ]);
  });

  it('leaves the set of a clip empty that is in none', () => {
    const rows = predictionRows({ ...predictions, split: { ...split, train: [] } });
    assert.deepEqual(
      rows.map(({ set }) => set),
      ['test', 'test', 'test', ''],
    );
  });
});

describe('answersTo()', () => {
  it("gives a set's classes and probabilities, in the set's order", () => {
    const { targets, probabilities } = answersTo('test', { ...predictions, split: { ...split, test: [3, 0] } });
    assert.deepEqual([targets, probabilities], [[1, 0], Float32Array.of(0.5, 0.5, 0.25, 0.75)]);
  });
});

describe('subsetsOf()', () => {
  it('calls test what is in the validation set as well, as with the protocol `original`', () => {
    const original = { train: [3], validation: [0, 1], test: [0, 1] } as unknown as Split;
    assert.deepEqual(
      subsetsOf(original),
      new Map([
        [3, 'train'],
        [0, 'test'],
        [1, 'test'],
      ]),
    );
  });
});

describe('mistakesOf()', () => {
  it('refuses an emotion that is no class', () => {
    assert.throws(() => mistakesOf({ ...predictions, clips: [clip('a', 'calm'), ...clips.slice(1)] }), {
      name: 'RangeError',
      message: /one of the classes anger, fear, current value is calm/,
    });
  });

  it('lists the wrong predictions of the test set, the most confident first', () => {
    assert.deepEqual(mistakesOf(predictions), [
      {
        path: 'c',
        speaker: 's c',
        text: 't c',
        true: 'anger',
        predicted: 'fear',
        probability: 1,
        trueProbability: 0,
      },
      {
        path: 'a',
        speaker: 's a',
        text: 't a',
        true: 'anger',
        predicted: 'fear',
        probability: 0.75,
        trueProbability: 0.25,
      },
    ]);
  });

  it('takes the set that is asked for; of equal probabilities the first is predicted', () => {
    assert.deepEqual(
      mistakesOf(predictions, 'train').map(({ path, predicted }) => [path, predicted]),
      [['d', 'anger']],
    );
    assert.deepEqual(mistakesOf(predictions, 'validation'), []);
  });
});

describe('oneOfEachKind()', () => {
  it('keeps the first mistake of each pair of true and predicted emotion, in order', () => {
    const [mistake] = mistakesOf(predictions);
    const of = (path: string, targets: string, predicted: string) => ({ ...mistake, path, true: targets, predicted });
    const all = [
      of('1', 'anger', 'fear'),
      of('2', 'fear', 'anger'),
      of('3', 'anger', 'fear'),
      of('4', 'anger', 'calm'),
    ];
    assert.deepEqual(
      oneOfEachKind(all).map(({ path }) => path),
      ['1', '2', '4'],
    );
    assert.deepEqual(oneOfEachKind([]), []);
  });
});

describe('assess()', () => {
  it('measures the clips that it is asked for: metrics, and how sure they are', () => {
    const { metrics, calibrationError, bins } = assess(predictions, [0, 1]);
    assert.deepEqual(
      [metrics.accuracy, metrics.uar, metrics.confusion],
      [
        0.5,
        0.5,
        [
          [0, 1],
          [0, 1],
        ],
      ],
    );
    assert.deepEqual(bins, [{ confidence: 0.75, accuracy: 0.5, clips: 2 }]);
    assert.equal(calibrationError, 0.25);
    assert.throws(() => assess(predictions, []), { name: 'RangeError', message: /no clips/ });
  });
});

describe('pooledTests()', () => {
  it('puts the test sets of folds together, each clip with the answer of its own fold', () => {
    const other = {
      ...predictions,
      split: { ...split, train: [0, 1, 2], test: [3] },
      probabilities: Float32Array.of(9, 9, 9, 9, 9, 9, 0.25, 0.75),
    };
    const pooled = pooledTests([predictions, other]);
    assert.deepEqual(
      pooled.clips.map(({ path }) => path),
      ['a', 'b', 'c', 'd'],
    );
    assert.deepEqual([...pooled.probabilities], [0.25, 0.75, 0.25, 0.75, 0, 1, 0.25, 0.75]);
    assert.deepEqual([pooled.split.train, pooled.split.validation, pooled.split.test], [[], [], [0, 1, 2, 3]]);
    assert.deepEqual(pooled.labels, labels);
  });
});
