import assert from 'node:assert/strict';
import { seededRandom } from '../../src/common/random.js';
import { bootstrapInterval } from '../../src/evaluation/bootstrap.js';
import { meanRecall } from '../../src/evaluation/metrics.js';
import golden from '../golden/statistics.json';

type Confusion = number[][];

/** UAR of clips put together. */
function uarOf(drawn: readonly Confusion[]): number {
  return meanRecall(drawn[0].map((row, r) => row.map((_, c) => drawn.reduce((sum, each) => sum + each[r][c], 0))));
}

describe('bootstrapInterval()', () => {
  const { speakers, uar, uniform, draws, interval, interval80, scipy } = golden.bootstrap;

  it("equals numpy's and scikit-learn's for the same draws of speakers", () => {
    assert.ok(Math.abs(uarOf(speakers) - uar) < 1e-12);
    for (const [expected, level] of [[interval, undefined] as const, [interval80, 0.8] as const]) {
      let next = 0;
      const { low, high } = bootstrapInterval(speakers, uarOf, { random: () => uniform[next++], draws, level });
      assert.equal(next, uniform.length);
      assert.ok(Math.abs(low - expected[0]) < 1e-12 && Math.abs(high - expected[1]) < 1e-12, `${low} ${high}`);
    }
  });

  it("is scipy's up to the draws, and the same for the same seed", () => {
    const once = bootstrapInterval(speakers, uarOf, { random: seededRandom(1) });
    assert.ok(Math.abs(once.low - scipy[0]) < 0.01 && Math.abs(once.high - scipy[1]) < 0.01, JSON.stringify(once));
    assert.deepEqual(bootstrapInterval(speakers, uarOf, { random: seededRandom(1) }), once);
    assert.notDeepEqual(bootstrapInterval(speakers, uarOf, { random: seededRandom(2) }), once);
  });

  it('is wider over speakers than over clips, where speakers differ', () => {
    const random = seededRandom(3);
    const share = (drawn: readonly number[][]) => drawn.flat().reduce((sum, x) => sum + x, 0) / drawn.flat().length;
    const bySpeaker = [new Array(20).fill(1), new Array(20).fill(0), new Array(20).fill(1)];
    const byClip = bySpeaker.flat().map((x) => [x]);
    const width = (clusters: number[][]) => {
      const { low, high } = bootstrapInterval(clusters, share, { random });
      return high - low;
    };
    assert.ok(width(bySpeaker) > 2 * width(byClip));
  });

  it('refuses fewer than two clusters', () => {
    assert.throws(() => bootstrapInterval([1], () => 0, { random: Math.random }), {
      name: 'RangeError',
      message: /at least 2 clusters, current number is 1/,
    });
  });
});
