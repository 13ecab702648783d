import assert from 'node:assert/strict';
import { seededRandom } from '../../src/common/random.js';
import { GrowingColumns } from '../../web/growing-columns.js';

/** The least and the greatest of so many columns at a time, by hand. */
function extremes(all: Float32Array, perColumn: number): number[] {
  const found: number[] = [];
  for (let from = 0; from < all.length; from += 2 * perColumn) {
    const part = [...all.subarray(from, from + 2 * perColumn)];
    found.push(Math.min(...part.filter((_, i) => i % 2 === 0)), Math.max(...part.filter((_, i) => i % 2 === 1)));
  }
  return found;
}

describe('GrowingColumns', () => {
  it('holds as many columns as there is room for, each of ever more of those given', () => {
    const random = seededRandom(1);
    const all = Float32Array.from({ length: 2 * 1000 }, () => random());
    const columns = new GrowingColumns(8, 2, (a, b, place) => (place === 0 ? Math.min(a, b) : Math.max(a, b)));
    for (let given = 0; given < 1000; ) {
      const count = Math.min(1000 - given, Math.floor(random() * 20));
      columns.add(all.subarray(2 * given, 2 * (given + count)));
      given += count;
      assert.equal(columns.given, given);
      // As few neighbours together as there is room for.
      let perColumn = 1;
      while (given > 8 * perColumn) perColumn *= 2;
      assert.equal(columns.perColumn, perColumn);
      const expected = extremes(all.subarray(0, 2 * given), perColumn);
      assert.deepEqual([...columns.values.subarray(0, 2 * columns.count)], expected);
    }
    assert.equal(columns.values.length, 16);
  });

  it('tells from where on it has changed', () => {
    const columns = new GrowingColumns(4, 1, (a, b) => a + b);
    assert.equal(columns.add(Float32Array.of(1, 2, 3)), 0);
    assert.equal(columns.add(Float32Array.of(4)), 2);
    assert.equal(columns.add(Float32Array.of()), 3);
    assert.equal(columns.add(Float32Array.of(5)), 0, 'neighbours have become one');
    assert.deepEqual([...columns.values.subarray(0, columns.count)], [3, 7, 5]);
    assert.equal(columns.add(Float32Array.of(6, 7)), 2);
    assert.deepEqual([...columns.values.subarray(0, columns.count)], [3, 7, 11, 7]);
  });
});
