import assert from 'node:assert/strict';
import { deriveSeed, seededRandom, shuffled } from '../../src/common/random.js';

describe('random', () => {
  it('seededRandom() repeats itself for a seed, and not for another', () => {
    const take = (seed: number) => Array.from({ length: 5 }, seededRandom(seed));
    assert.deepEqual(take(7), take(7));
    assert.notDeepEqual(take(7), take(8));
  });

  it('seededRandom() gives the published values of mulberry32', () => {
    const random = seededRandom(0);
    assert.deepEqual([random(), random(), random()], [0.26642920868471265, 0.0003297457005828619, 0.2232720274478197]);
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
});
