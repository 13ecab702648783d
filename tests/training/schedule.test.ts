import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { learningRates } from '../../src/training/schedule.js';

/** Made by scripts/golden_schedule.py with PyTorch. */
const golden: { largest: number; rates: number[] }[] = JSON.parse(
  readFileSync(join(__dirname, '../golden/schedule.json'), 'utf8'),
);

describe('learningRates()', () => {
  it("one-cycle: are those of PyTorch's OneCycleLR", () => {
    for (const { largest, rates } of golden) {
      const rate = learningRates('one-cycle', largest, rates.length);
      for (const [step, expected] of rates.entries())
        assert.ok(Math.abs(rate(step) - expected) < 1e-12 + 1e-9 * expected, `step ${step} of ${rates.length}`);
    }
  });

  it('constant: are the same at every step', () => {
    const rate = learningRates('constant', 0.01, 100);
    assert.deepEqual([0, 50, 99].map(rate), [0.01, 0.01, 0.01]);
  });
});
