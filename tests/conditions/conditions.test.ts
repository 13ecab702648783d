import assert from 'node:assert/strict';
import { seededRandom } from '../../src/common/random.js';
import { CONDITIONS } from '../../src/conditions/conditions.js';
import { testSound } from './sounds.js';

const sound = testSound();

describe('CONDITIONS', () => {
  for (const [name, { kind, description, perturb }] of Object.entries(CONDITIONS)) {
    it(`${name}: is described, gives the same for the same seed, and leaves the sound as it was`, () => {
      assert.ok(kind.length > 0 && description.length > 0);
      const before = sound.samples.slice();
      const output = perturb(sound, seededRandom(7));
      assert.deepEqual(sound.samples, before);
      assert.notDeepEqual(output, before);
      assert.ok(output.every(Number.isFinite));
      assert.deepEqual(perturb(sound, seededRandom(7)), output);
      const random = ['noise', 'reverberation'].includes(kind);
      assert.equal(
        perturb(sound, seededRandom(8)).every((sample, i) => sample === output[i]),
        !random,
      );
      if (kind !== 'shift') assert.equal(output.length, before.length);
    });

    it(`${name}: takes a single sample, silence, and any sample rate`, () => {
      for (const sampleRateHz of [4000, 44_101, 384_000])
        for (const samples of [Float32Array.of(0.5), new Float32Array(500), sound.samples.subarray(2000, 4000)]) {
          const output = perturb({ samples, sampleRateHz }, seededRandom(1));
          assert.ok(output.length > 0 && output.every(Number.isFinite), `${sampleRateHz} ${samples.length}`);
          if (samples.every((sample) => sample === 0)) assert.ok(output.every((sample) => Math.abs(sample) < 1e-3));
        }
    });
  }
});
