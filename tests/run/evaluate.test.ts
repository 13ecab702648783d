import assert from 'node:assert/strict';
import { useBackend } from '../../src/backend/backend.js';
import { seededRandom } from '../../src/common/random.js';
import { arrayExamples, subsetOf } from '../../src/dataset/examples.js';
import { type Split, SUBSETS } from '../../src/dataset/splits.js';
import { originalNetwork } from '../../src/networks/original.js';
import { predictProbabilities } from '../../src/networks/probabilities.js';
import { evaluateNetwork } from '../../src/run/evaluate.js';

describe('evaluateNetwork()', () => {
  before(() => useBackend('auto'));

  it("gives every clip's probabilities, and measures each set by its own clips", () => {
    const random = seededRandom(2);
    const values = Float32Array.from({ length: 20 * 8 * 4 }, () => 4 * random() - 2);
    const targets = Array.from({ length: 20 }, (_, i) => i % 3);
    const dataset = { ...arrayExamples([{ values, shape: [8, 4] }]), targets, labels: ['a', 'b', 'c'] };
    const split = {
      train: [0, 1, 2, 4, 7, 8, 11, 13, 16],
      validation: [3, 5, 6, 19],
      test: [9, 10, 12, 14, 15, 17, 18],
    } as unknown as Split;
    const network = originalNetwork({ bands: 8, frames: 4, classes: 3, seed: 3 }, { filters: [4], denseUnits: [] });
    const { probabilities, metrics } = evaluateNetwork({ network }, { dataset, split });
    assert.equal(probabilities.length, 60);
    for (const set of SUBSETS) {
      // Another way to the same numbers: the set alone, in one batch.
      const expected = predictProbabilities(network, subsetOf(dataset, split[set]));
      const rows = split[set].map((i) => [...probabilities.subarray(3 * i, 3 * i + 3)]);
      for (const [k, p] of rows.flat().entries()) assert.ok(Math.abs(p - expected[k]) < 1e-6, `${p} != ${expected[k]}`);
      const hits = rows.filter((row, k) => row.indexOf(Math.max(...row)) === targets[split[set][k]]).length;
      assert.equal(metrics[set].accuracy, hits / split[set].length);
      const loss = rows.reduce((sum, row, k) => sum - Math.log(row[targets[split[set][k]]]), 0) / rows.length;
      assert.ok(Math.abs(metrics[set].loss - loss) < 1e-12);
    }
    // Else one set's figures could pass for another's.
    assert.equal(new Set(SUBSETS.map((set) => metrics[set].loss)).size, 3);
    // Answers by another network in place of those to the validation set.
    const heldOut = Float32Array.from([0.5, 0.25, 0.25, 0, 1, 0, 0.25, 0.25, 0.5, 1, 0, 0]);
    const other = evaluateNetwork({ network, heldOut }, { dataset, split });
    for (const i of targets.keys()) {
      const place = split.validation.indexOf(i);
      const expected =
        place < 0 ? probabilities.subarray(3 * i, 3 * i + 3) : heldOut.subarray(3 * place, 3 * place + 3);
      assert.deepEqual(other.probabilities.subarray(3 * i, 3 * i + 3), expected);
    }
    assert.deepEqual(other.metrics.test, metrics.test);
    assert.equal(
      other.metrics.validation.accuracy,
      [0, 1, 2, 0].filter((c, k) => c === targets[split.validation[k]]).length / 4,
    );
    network.dispose();
  });
});
