import assert from 'node:assert/strict';
import { arrayExamples, type Dataset } from '../../src/dataset/examples.js';
import { discriminantLayer } from '../../src/networks/discriminant.js';
import golden from '../golden/discriminant.json';

function datasetOf(
  values: readonly number[],
  { size, targets }: { readonly size: number; readonly targets: readonly number[] },
): Dataset {
  const examples = arrayExamples([{ values: Float32Array.from(values), shape: [size] }]);
  return { ...examples, targets, labels: ['a', 'b', 'c'] };
}

describe('discriminantLayer()', () => {
  // Made by scripts/golden_discriminant.py.
  for (const { size, shrinkage, values, targets, probabilities } of golden)
    it(`gives scikit-learn's probabilities: ${targets.length} rows of ${size}, shrinkage ${shrinkage}`, () => {
      const vectors = datasetOf(values, { size, targets });
      const { kernel, bias } = discriminantLayer(vectors, shrinkage);
      for (const [i, expected] of probabilities.entries()) {
        const logits = Array.from(bias, (b, c) => {
          let logit = b;
          for (let k = 0; k < size; k++) logit += values[i * size + k] * kernel[k * 3 + c];
          return logit;
        });
        const largest = Math.max(...logits);
        const shares = logits.map((logit) => Math.exp(logit - largest));
        const sum = shares.reduce((a, b) => a + b);
        for (const [c, share] of shares.entries()) assert.ok(Math.abs(share / sum - expected[c]) < 1e-6);
      }
    });

  it('goes by the nearest mean where each class has a single row', () => {
    const vectors = datasetOf([0, 0, 4, 0, 0, 4], { size: 2, targets: [0, 1, 2] });
    const { kernel, bias } = discriminantLayer(vectors, 0.3);
    const answer = (x: number, y: number) => {
      const logits = Array.from(bias, (b, c) => b + x * kernel[c] + y * kernel[3 + c]);
      return logits.indexOf(Math.max(...logits));
    };
    assert.deepEqual([answer(1, 1.5), answer(3, 1), answer(1, 3)], [0, 1, 2]);
  });

  it('refuses a class without rows', () => {
    const vectors = datasetOf([1, 2, 3], { size: 1, targets: [0, 2, 2] });
    assert.throws(() => discriminantLayer(vectors, 0.3), {
      name: 'RangeError',
      message: /every class must occur in the training set, class 1 does not/,
    });
  });
});
