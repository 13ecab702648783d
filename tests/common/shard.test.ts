import assert from 'node:assert/strict';
import { shardOf, WHOLE } from '../../src/common/shard.js';

describe('shardOf()', () => {
  const items = [...'abcdefghij'];

  it('takes contiguous parts that are as even as can be, and together the whole', () => {
    for (const of of [1, 2, 3, 4, 10, 11, 16]) {
      const parts = Array.from({ length: of }, (_, i) => shardOf(items, { part: i + 1, of }));
      assert.deepEqual(parts.flat(), items);
      const lengths = parts.map(({ length }) => length);
      assert.ok(Math.max(...lengths) - Math.min(...lengths) <= 1, `${of}: ${lengths}`);
    }
    assert.deepEqual(shardOf(items, { part: 2, of: 3 }), ['d', 'e', 'f']);
    assert.deepEqual(shardOf(items, WHOLE), items);
  });

  it('leaves some empty where there are more than items', () => {
    assert.deepEqual(shardOf(['a'], { part: 1, of: 2 }), []);
    assert.deepEqual(shardOf([], { part: 2, of: 2 }), []);
  });
});
