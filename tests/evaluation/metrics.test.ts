import assert from 'node:assert/strict';
import { argMax, chanceLevel, classMetrics, confusionMatrix, evaluate } from '../../src/evaluation/metrics.js';
import golden from '../golden/metrics.json';

const close = (a: number, b: number, tolerance = 1e-9) => assert.ok(Math.abs(a - b) <= tolerance, `${a} != ${b}`);

describe('evaluate', () => {
  for (const expected of golden.cases)
    it(`evaluate() equals scikit-learn: ${expected.name}`, () => {
      const labels = expected.recall.map((_, c) => `class ${c}`);
      const metrics = evaluate(expected.truth, Float32Array.from(expected.probabilities.flat()), labels);
      close(metrics.accuracy, expected.accuracy);
      close(metrics.uar, expected.uar);
      close(metrics.macroF1, expected.macroF1);
      // scikit-learn renormalises the float32 probabilities to a sum of 1.
      close(metrics.loss, expected.loss, 1e-6);
      assert.deepEqual(metrics.confusion, expected.confusion);
      labels.forEach((label, c) => {
        close(metrics.perClass[label].precision, expected.precision[c]);
        close(metrics.perClass[label].recall, expected.recall[c]);
        close(metrics.perClass[label].f1, expected.f1[c]);
        assert.equal(metrics.perClass[label].support, expected.support[c]);
      });
    });

  it('classMetrics() counts classes with a single clip or a single prediction, and gives 0 where there is none', () => {
    // True classes a, a, b, and none of c; predicted a, b, b; c is never predicted.
    assert.deepEqual(
      classMetrics([
        [1, 1, 0],
        [0, 1, 0],
        [0, 0, 0],
      ]),
      [
        { precision: 1, recall: 1 / 2, f1: 2 / 3, support: 2 },
        { precision: 1 / 2, recall: 1, f1: 2 / 3, support: 1 },
        { precision: 0, recall: 0, f1: 0, support: 0 },
      ],
    );
  });

  it('evaluate() keeps the loss finite for a certain mistake, and above zero for certainty, as Keras does', () => {
    close(evaluate([0], Float32Array.from([1, 0]), ['a', 'b']).loss, -Math.log(1 - 1e-7), 1e-12);
    close(evaluate([0], Float32Array.from([0, 1]), ['a', 'b']).loss, -Math.log(1e-7), 1e-6);
  });

  it('evaluate() refuses an empty set and probabilities of another shape', () => {
    assert.throws(() => evaluate([], new Float32Array(0), ['a', 'b']), { name: 'RangeError', message: /no clips/ });
    assert.throws(() => evaluate([0], new Float32Array(3), ['a', 'b']), { name: 'RangeError', message: /1 x 2.*is 3/ });
  });

  it('confusionMatrix() refuses targets and prediction of different length', () => {
    assert.throws(() => confusionMatrix([0, 1, 1], [0, 1, 1, 0], 2), {
      name: 'RangeError',
      message: 'Targets and predictions differ in length: 3 != 4',
    });
  });

  it('argMax() takes the first of equal probabilities', () => {
    assert.deepEqual(argMax(Float32Array.from([0.2, 0.4, 0.4, 0.5, 0.1, 0.4]), 3), [1, 0]);
  });

  it('chanceLevel() counts only the classes that occur', () => {
    close(chanceLevel(evaluate([0, 1], Float32Array.from([1, 0, 0, 0, 1, 0]), ['a', 'b', 'c'])), 1 / 2);
  });
});
