import assert from 'node:assert/strict';
import { InputError } from '../../src/common/errors.js';
import { answerOf } from '../../src/model/answer.js';
import type { Audio, Prediction } from '../../src/model/emotion-model.js';
import { type Evidence, occlusion } from '../../src/model/occlusion.js';

const RATE = 1000;

/** Says by how much one stretch is louder than another: its log-odds are a known function of the samples. */
const model = {
  async predict(audio: Audio): Promise<Prediction> {
    const { samples } = audio as { samples: Float32Array };
    if (!samples.some((sample) => sample !== 0)) throw new InputError('silent');
    const energy = (from: number, to: number) => samples.slice(from, to).reduce((sum, x) => sum + x * x, 0);
    const odds = 0.01 * (energy(500, 700) - energy(1400, 1500));
    const joy = 1 / (1 + Math.exp(-odds));
    return { startSeconds: 0, endSeconds: 2, ...answerOf([joy, 1 - joy], ['joy', 'grief'], 0), windows: [] };
  },
};
const ones = { samples: new Float32Array(2 * RATE).fill(1), sampleRateHz: RATE };

async function all(generator: AsyncGenerator<Evidence>): Promise<Evidence[]> {
  const found: Evidence[] = [];
  for await (const each of generator) found.push(each);
  return found;
}

describe('occlusion()', () => {
  it('finds what speaks for an emotion, what speaks against it, and by how much', async () => {
    const found = await all(occlusion(model, ones, { stretchSeconds: 0.1 }));
    assert.equal(found.length, 39);
    for (const { startSeconds, endSeconds, logOdds } of found) {
      // By hand: so many samples of both stretches are silenced; fades of 10 ms on both sides take a little more.
      const common = (from: number, to: number) =>
        Math.max(0, Math.min(endSeconds * RATE, to) - Math.max(startSeconds * RATE, from));
      assert.ok(
        Math.abs(logOdds - 0.01 * (common(500, 700) - common(1400, 1500))) < 0.15,
        `${startSeconds}: ${logOdds}`,
      );
    }
    assert.ok(Math.abs(found.find(({ startSeconds }) => startSeconds === 0.55)!.logOdds - 1) > 0.01, 'fades count');
    assert.deepEqual(found.at(-1)!.endSeconds, 2);
    const against = await all(occlusion(model, ones, { stretchSeconds: 0.1, emotion: 'grief' }));
    for (const [i, { logOdds }] of against.entries()) assert.ok(Math.abs(logOdds + found[i].logOdds) < 1e-9);
  });

  it('leaves the samples as they are, and takes hop and stretch as they are given', async () => {
    const { samples } = ones;
    const found = await all(occlusion(model, ones, { stretchSeconds: 0.5, hopSeconds: 0.3 }));
    assert.ok(samples.every((sample) => sample === 1));
    assert.deepEqual(
      found.map(({ startSeconds, endSeconds }) => [startSeconds, endSeconds]),
      [
        [0, 0.5],
        [0.3, 0.8],
        [0.6, 1.1],
        [0.9, 1.4],
        [1.2, 1.7],
        [1.5, 2],
      ],
    );
  });

  it('takes silence for knowing nothing', async () => {
    const [only, ...others] = await all(occlusion(model, ones, { stretchSeconds: 3 }));
    assert.equal(others.length, 0);
    // Of 200 ones against 100: even odds are 1 less.
    assert.ok(Math.abs(only.logOdds - 1) < 1e-6);
  });

  it('refuses options out of range', async () => {
    await assert.rejects(all(occlusion(model, ones, { stretchSeconds: 0 })), {
      name: 'RangeError',
      message: 'Cannot silence stretches: stretchSeconds must be positive, current value is 0',
    });
    await assert.rejects(all(occlusion(model, ones, { hopSeconds: -1 })), RangeError);
    await assert.rejects(all(occlusion(model, ones, { emotion: 'envy' })), {
      name: 'RangeError',
      message:
        'Cannot tell what speaks for an emotion: the model must know it, it knows joy, grief, current value is envy',
    });
  });
});
