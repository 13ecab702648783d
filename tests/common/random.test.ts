import assert from 'node:assert/strict';
import { deriveSeed, seededRandom, shuffled } from '../../src/common/random.js';

describe('random', () => {
  it('seededRandom() repeats itself for a seed, and not for another', () => {
    const take = (seed: number) => Array.from({ length: 5 }, seededRandom(seed));
    assert.deepEqual(take(7), take(7));
    assert.notDeepEqual(take(7), take(8));
  });

  it('seededRandom() gives the published values of mulberry32', () => {
    const published: [seed: number, values: number[]][] = [
      [0, [0.26642920868471265, 0.0003297457005828619, 0.2232720274478197]],
      [42, [0.6011037519201636, 0.44829055899754167, 0.8524657934904099]],
      [-1, [0.8964226141106337, 0.189478256739676, 0.7156526781618595]],
    ];
    for (const [seed, values] of published) assert.deepEqual(Array.from(values, seededRandom(seed)), values);
  });

  it('seededRandom() is uniform in [0, 1)', () => {
    const random = seededRandom(1);
    const bins = new Array(10).fill(0);
    for (let i = 0; i < 100000; i++) bins[Math.floor(random() * 10)]++;
    for (const count of bins) assert.ok(Math.abs(count - 10000) < 400, String(bins));
  });

  it('deriveSeed() depends on the seed and on the purpose', () => {
    const seeds = [deriveSeed(1, 'a'), deriveSeed(2, 'a'), deriveSeed(1, 'b'), deriveSeed(1, 'epoch 1')];
    assert.equal(new Set(seeds).size, 4);
    assert.equal(deriveSeed(1, 'a'), seeds[0]);
  });

  it('shuffled() returns a copy with the same items without modifying the original', () => {
    const items = Object.freeze([1, 2, 3, 4, 5, 6]);
    const copy = shuffled(items, seededRandom(3));
    assert.notDeepEqual(copy, items);
    assert.deepEqual([...copy].sort(), items);
  });

  it('shuffled() puts each item equally often in each place, and nothing else there', () => {
    const random = seededRandom(1);
    const counts = Array.from({ length: 4 }, () => [0, 0, 0, 0]);
    for (let i = 0; i < 12000; i++)
      for (const [place, item] of shuffled([0, 1, 2, 3], random).entries()) counts[item][place]++;
    // Five standard deviations.
    for (const count of counts.flat()) assert.ok(Math.abs(count - 3000) < 240, String(counts));
    assert.deepEqual(shuffled([], random), []);
  });
});
