import assert from 'node:assert/strict';
import { seededRandom } from '../../src/common/random.js';
import { CONDITIONS } from '../../src/conditions/conditions.js';
import { underCondition } from '../../src/conditions/under-condition.js';
import { testSound } from './sounds.js';

describe('underCondition()', () => {
  const sound = testSound();
  const recording = { ...sound, channels: 2, durationSeconds: 0.5, warning: 'odd' };

  it('is the condition, and leaves all else as it was', () => {
    const { perturb } = CONDITIONS.telephone;
    const samples = perturb(sound, seededRandom(0));
    assert.deepEqual(underCondition(recording, { name: 'telephone', seed: 1 }), { ...recording, samples });
  });

  it('draws by seed and samples, wherever in memory these are', () => {
    const settings = { name: 'white-noise-10dB', seed: 1 };
    const { samples } = underCondition(recording, settings);
    const within = Float32Array.of(9, 9, ...sound.samples, 9).subarray(2, -1);
    assert.deepEqual(underCondition({ ...recording, samples: within }, settings).samples, samples);
    const noise = ({ samples }: { samples: Float32Array }, of: Float32Array) =>
      samples.map((value, i) => value - of[i]);
    const drawn = noise({ samples }, sound.samples);
    assert.notDeepEqual(noise(underCondition(recording, { ...settings, seed: 2 }), sound.samples), drawn);
    // Other noise, not the same one at another level.
    const softer = sound.samples.map((value) => value / 2);
    const other = noise(underCondition({ ...recording, samples: softer }, settings), softer);
    const product = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * b[i], 0);
    const correlation = product(drawn, other) / Math.sqrt(product(drawn, drawn) * product(other, other));
    assert.ok(Math.abs(correlation) < 0.1, `${correlation}`);
  });

  it('refuses what is no condition', () => {
    assert.throws(() => underCondition(recording, { name: 'toString', seed: 1 }), {
      name: 'RangeError',
      message: /the condition must be one of white-noise-20dB, .*, current value is toString/,
    });
  });
});
