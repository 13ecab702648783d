import assert from 'node:assert/strict';
import { blended, fittedBlend, fittedShares } from '../../src/networks/blend.js';
import golden from '../golden/blend.json';

const near = (found: number, expected: number, tolerance: number) =>
  assert.ok(Math.abs(found - expected) < tolerance, `${found} != ${expected}`);

/** Some clips' probabilities of the first of two classes, as rows. */
const rowsOf = (...first: number[]) => Float32Array.from(first.flatMap((p) => [p, 1 - p]));

describe('fittedBlend() and blended()', () => {
  for (const { name, targets, members, shares, temperature, probabilities } of golden.cases)
    it(`equal scipy's optimisers: ${name}`, () => {
      const rows = members.map((member) => Float32Array.from(member));
      const blend = fittedBlend(rows, targets);
      for (const [m, share] of blend.shares.entries()) near(share, shares[m], 1e-3);
      near(blend.temperature, temperature, 1e-2);
      const found = blended(rows, { shares, temperature }, probabilities.length / targets.length);
      for (const [i, p] of found.entries()) near(p, probabilities[i], 1e-6);
    });
});

describe('fittedShares()', () => {
  it('gives nothing to a member that others know better, and shares that add up to 1', () => {
    const shares = fittedShares([rowsOf(0.9, 0.2, 0.8), rowsOf(0.5, 0.5, 0.5), rowsOf(0.6, 0.4, 0.6)], [0, 1, 0]);
    near(shares[0], 1, 1e-9);
    near(
      shares.reduce((a, b) => a + b),
      1,
      1e-12,
    );
  });

  it('gives equal shares to members that say the same or are right as often, and more to the better one', () => {
    assert.deepEqual(fittedShares([rowsOf(0.7, 0.4), rowsOf(0.7, 0.4)], [0, 1]), [0.5, 0.5]);
    const [first, second] = fittedShares([rowsOf(0.9, 0.9), rowsOf(0.1, 0.1)], [0, 1]);
    near(first, second, 1e-9);
    // p of right answers: 0.9 in two of three cases, or 0.1; the average is as often right as it is sure.
    const [better] = fittedShares([rowsOf(1, 1, 1), rowsOf(0, 0, 0)], [0, 0, 1]);
    near(better, 2 / 3, 1e-6);
  });

  it('is not misled by what a member holds for impossible', () => {
    for (const share of fittedShares([rowsOf(0, 1), rowsOf(0, 1)], [0, 0])) near(share, 0.5, 1e-9);
  });

  it('refuses no clips', () => {
    assert.throws(() => fittedShares([new Float32Array(), new Float32Array()], []), {
      name: 'RangeError',
      message: /at least one clip/,
    });
  });
});

describe('blended()', () => {
  it('averages by the shares where the temperature is 1, and leaves its members as they are', () => {
    const members = [rowsOf(0.9, 0.4), rowsOf(0.5, 0)];
    const before = members.map((rows) => [...rows]);
    const found = blended(members, { shares: [0.75, 0.25], temperature: 1 }, 2);
    for (const [i, p] of [0.8, 0.2, 0.3, 0.7].entries()) near(found[i], p, 1e-6);
    assert.deepEqual(
      members.map((rows) => [...rows]),
      before,
    );
  });

  it('is less sure at a higher temperature, of the same answer', () => {
    const [p, q] = blended([rowsOf(0.9)], { shares: [1], temperature: 2 }, 2);
    near(p / q, 3, 1e-5);
    near(p + q, 1, 1e-6);
  });
});
