import assert from 'node:assert/strict';
import { seededRandom } from '../../src/common/random.js';
import { recallDifferences, signFlipTest } from '../../src/evaluation/paired-test.js';
import golden from '../golden/statistics.json';

describe('recallDifferences() and signFlipTest()', () => {
  for (const { first, second, difference, p } of golden.paired) {
    const exact = first.length <= 10;
    it(`exchange the answers of whole speakers like scipy and scikit-learn: ${first.length} speakers`, () => {
      const differences = recallDifferences(first, second);
      assert.equal(differences.length, first.length);
      assert.ok(Math.abs(differences.reduce((sum, each) => sum + each, 0) - difference) < 1e-12);
      const found = signFlipTest(differences, seededRandom(1));
      // Beyond 16, both draw signs.
      assert.ok(Math.abs(found - p) < (exact ? 1e-12 : 0.005), `${found} ${p}`);
      assert.ok(Math.abs(signFlipTest(recallDifferences(second, first), seededRandom(1)) - found) < 1e-12);
    });
  }

  it('gives at least 2 / 2ⁿ, and 1 where nothing differs', () => {
    for (const n of [1, 2, 5, 16]) assert.equal(signFlipTest(new Array(n).fill(0.1), Math.random), 2 / 2 ** n);
    assert.equal(signFlipTest([0, 0, 0], Math.random), 1);
    assert.equal(signFlipTest([0.1, -0.1], Math.random), 1);
  });

  it('draws signs by the seed where there are more, and never gives 0', () => {
    const many = new Array(40).fill(0.1);
    assert.equal(signFlipTest(many, seededRandom(1)), 1 / (2 ** 16 + 1));
    const mixed = many.map((value, i) => (i % 3 === 0 ? -value : value));
    assert.equal(signFlipTest(mixed, seededRandom(1)), signFlipTest(mixed, seededRandom(1)));
  });

  it('leaves classes out that do not occur', () => {
    const [a, b] = [
      [
        [
          [2, 0, 0],
          [0, 2, 0],
          [0, 0, 0],
        ],
      ],
      [
        [
          [1, 0, 1],
          [0, 2, 0],
          [0, 0, 0],
        ],
      ],
    ];
    assert.deepEqual(recallDifferences(a, b), [0.25]);
  });

  it('refuses other clips, and no differences', () => {
    assert.throws(() => recallDifferences([[[1]]], [[[2]]]), { name: 'RangeError', message: /the same clips/ });
    assert.throws(() => recallDifferences([[[1]]], []), { name: 'RangeError', message: /the same clips/ });
    assert.throws(() => signFlipTest([], Math.random), { name: 'RangeError', message: /there are none/ });
  });
});
