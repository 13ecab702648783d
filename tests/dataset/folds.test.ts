import assert from 'node:assert/strict';
import type { Clip } from '../../src/corpora/clip.js';
import { foldsOf } from '../../src/dataset/folds.js';

const clips = ['b', 'a', 'c', 'e', 'd', 'a'].map(
  (speaker, i): Clip => ({ path: `${i}`, corpus: 'c', speaker, text: `t${i % 2}`, emotion: 'fear', label: 'f' }),
);

describe('foldsOf()', () => {
  it('leaves each speaker or text out once, in alphabetical order', () => {
    assert.deepEqual(foldsOf(clips, { by: 'speaker', seed: 1 }), [['a'], ['b'], ['c'], ['d'], ['e']]);
    assert.deepEqual(foldsOf(clips, { by: 'text', seed: 1 }), [['t0'], ['t1']]);
  });

  it('draws groups of nearly the same number, each name in one, by the seed and not by the order of the clips', () => {
    const drawn = (seed: number, list = clips) => foldsOf(list, { by: 'speaker', groups: 2, seed });
    for (let seed = 0; seed < 20; seed++) {
      const groups = drawn(seed);
      assert.deepEqual(groups.map(({ length }) => length).sort(), [2, 3]);
      assert.deepEqual(groups.flat().sort(), ['a', 'b', 'c', 'd', 'e']);
      assert.deepEqual(drawn(seed, [...clips].reverse()), groups);
    }
    assert.notDeepEqual(drawn(1), drawn(2));
    assert.equal(foldsOf(clips, { by: 'speaker', groups: 5, seed: 1 }).length, 5);
  });

  it('refuses a single speaker, and more groups than there are speakers', () => {
    assert.throws(() => foldsOf(clips.slice(1, 2), { by: 'speaker', seed: 1 }), {
      name: 'InputError',
      message: 'Cannot leave speakers out: there must be at least 2, and there is only a',
    });
    assert.throws(() => foldsOf(clips, { by: 'text', groups: 3, seed: 1 }), {
      name: 'InputError',
      message: /groups of texts: there can be at most 2, one for each, current number is 3/,
    });
  });
});
