import assert from 'node:assert/strict';
import { mean, median, quantile, standardDeviation } from '../../src/common/statistics.js';
import golden from '../golden/statistics.json';

describe('mean()', () => {
  it('is the sum divided by the number of values, also for typed arrays', () => {
    assert.equal(mean([1, 2, 6]), 3);
    assert.equal(mean([-5]), -5);
    assert.equal(mean(Float32Array.of(0.5, 1.5)), 1);
  });

  it('adds up in double precision, also what is stored in single precision', () => {
    assert.equal(mean(Float32Array.of(2 ** 24, 1, 1)), (2 ** 24 + 2) / 3);
  });

  it('refuses no values', () => {
    assert.throws(() => mean([]), { name: 'RangeError', message: 'Cannot compute a mean: there are no values' });
  });
});

describe('standardDeviation()', () => {
  it('equals that of numpy with ddof=1', () => {
    assert.ok(Math.abs(standardDeviation(golden.values) - golden.deviation) < 1e-12);
  });

  it('is 0 of a single value, and refuses none', () => {
    assert.equal(standardDeviation([3]), 0);
    assert.throws(() => standardDeviation([]), { name: 'RangeError', message: /there are no values/ });
  });
});

describe('median()', () => {
  it('is the middle value, or the mean of the two in the middle', () => {
    assert.equal(median([7]), 7);
    assert.equal(median([9, 1, 4]), 4);
    assert.equal(median([9, 1, 4, 2]), 3);
  });

  it('sorts by value, not by digits, and leaves the order of what it was given', () => {
    const values = [10, 9, 100, -1, -2];
    assert.equal(median(values), 9);
    assert.deepEqual(values, [10, 9, 100, -1, -2]);
  });

  it('refuses no values', () => {
    assert.throws(() => median([]), { name: 'RangeError', message: 'Cannot compute a median: there are no values' });
  });
});

describe('quantile()', () => {
  it('is the least value, the greatest, and in between what numpy.quantile interpolates', () => {
    const values = [9, 1, 4, 2];
    assert.deepEqual(
      [0, 0.1, 0.5, 0.9, 1].map((share) => Number(quantile(values, share).toFixed(12))),
      [1, 1.3, 3, 7.5, 9],
    );
    assert.deepEqual(values, [9, 1, 4, 2]);
    assert.equal(quantile([7], 0.3), 7);
  });

  it('refuses no values, and shares that are none', () => {
    assert.throws(() => quantile([], 0.5), {
      name: 'RangeError',
      message: 'Cannot compute a quantile: there are no values',
    });
    for (const share of [-0.1, 1.1, Number.NaN])
      assert.throws(() => quantile([1, 2], share), {
        name: 'RangeError',
        message: `Cannot compute a quantile: the share must be from 0 to 1, current value is ${share}`,
      });
  });
});
