import assert from 'node:assert/strict';
import { calibrationError, reliability } from '../../src/evaluation/calibration.js';
import { conditionMetrics, robustness } from '../../src/evaluation/robustness.js';
import golden from '../golden/stress.json';

describe('robustness()', () => {
  const labels = ['a', 'b', 'c', 'd'];
  const { truth: targets, clean, noisy, worstClass, ...expected } = golden.answers;
  const answers = { targets, labels, clean: Float32Array.from(clean) };
  const probabilities = Float32Array.from(noisy);

  it("equals scikit-learn's figures", () => {
    const found = robustness(answers, probabilities);
    for (const [name, value] of Object.entries(expected))
      assert.ok(Math.abs(Number(found[name as keyof typeof found]) - value) < 1e-9, name);
    assert.equal(found.worstClass, labels[worstClass]);
    assert.equal(found.calibrationError, calibrationError(reliability(targets, probabilities, 4)));
    assert.ok(found.drop > 0.1 && found.flipped > 0.1);
  });

  it('finds nothing where nothing has changed', () => {
    const { drop, flipped, ...metrics } = robustness(answers, answers.clean);
    assert.deepEqual([drop, flipped], [0, 0]);
    assert.deepEqual(metrics, conditionMetrics(targets, answers.clean, labels));
  });

  it('refuses no clips, and answers of another shape', () => {
    assert.throws(() => conditionMetrics([], new Float32Array(), labels), { name: 'RangeError', message: /no clips/ });
    assert.throws(() => robustness(answers, probabilities.subarray(4)), { name: 'RangeError', message: /80 x 4/ });
  });
});
