import assert from 'node:assert/strict';
import { seededRandom } from '../../src/common/random.js';
import { activePower, added, gaussian, speechShaped, white } from '../../src/conditions/noise.js';
import { stftPower } from '../../src/features/stft.js';
import golden from '../golden/stress.json';
import { powerOf, RATE, testSound } from './sounds.js';

const sound = testSound();
/** Edges of bands in Hz. */
const BANDS = [0, 500, 1000, 2000, 3200, 8000];

/** Power in each band. */
function bandPowers(samples: Float32Array): number[] {
  const { values, bands, frames } = stftPower(samples, { fftSize: 512, hopLength: 128 });
  return BANDS.slice(1).map((high, b) => {
    let sum = 0;
    for (let bin = 0; bin < bands; bin++) {
      const hz = (bin * RATE) / 512;
      if (hz >= BANDS[b] && hz < high) for (let t = 0; t < frames; t++) sum += values[bin * frames + t];
    }
    return sum;
  });
}

describe('activePower()', () => {
  it("equals numpy's: silence around the speech makes no difference", () => {
    assert.ok(Math.abs(activePower(sound) / golden.activePower - 1) < 1e-6);
    const longer = { samples: new Float32Array(2 * RATE), sampleRateHz: RATE };
    longer.samples.set(sound.samples);
    assert.equal(activePower(longer), activePower(sound));
  });

  it('takes a rest that fills no frame, and silence, as they are', () => {
    assert.equal(activePower({ samples: Float32Array.of(0.5, -0.5), sampleRateHz: RATE }), 0.25);
    assert.equal(activePower({ samples: new Float32Array(1000), sampleRateHz: RATE }), 0);
  });

  it('refuses no samples', () => {
    assert.throws(() => activePower({ samples: new Float32Array(), sampleRateHz: RATE }), {
      name: 'RangeError',
      message: /there are no samples/,
    });
  });
});

describe('added()', () => {
  for (const [name, noise] of Object.entries({ white, speechShaped }))
    for (const snrDb of [20, 10, 5, 0, -3])
      it(`reaches ${snrDb} dB with ${name} noise, to 0.01 dB of what numpy takes for the speech's power`, () => {
        const noisy = added(noise, snrDb)(sound, seededRandom(1));
        const difference = Float64Array.from(noisy, (sample, i) => sample - sound.samples[i]);
        const reached = 10 * Math.log10(golden.activePower / powerOf(difference));
        assert.ok(Math.abs(reached - snrDb) < 0.01, `${reached}`);
      });

  it('leaves silence silent', () => {
    const silence = { samples: new Float32Array(1000), sampleRateHz: RATE };
    for (const noise of [white, speechShaped])
      assert.deepEqual(added(noise, 0)(silence, seededRandom(1)), silence.samples);
  });
});

describe('noise', () => {
  it('white() has the same power at all frequencies', () => {
    const powers = bandPowers(white({ samples: new Float32Array(8 * RATE), sampleRateHz: RATE }, seededRandom(2)));
    const perHz = powers.map((power, b) => power / (BANDS[b + 1] - BANDS[b]));
    for (const each of perHz) assert.ok(Math.abs(10 * Math.log10(each / perHz[4])) < 0.5, `${perHz}`);
  });

  it("speechShaped() has the speech's power in each band, and is spread over the whole recording", () => {
    const noise = speechShaped(sound, seededRandom(3));
    const [expected, found] = [bandPowers(sound.samples), bandPowers(noise)].map((powers) => {
      const all = powers.reduce((a, b) => a + b);
      return powers.map((power) => 10 * Math.log10(power / all));
    });
    // The last band has next to nothing.
    for (let b = 0; b < 4; b++) assert.ok(Math.abs(found[b] - expected[b]) < 1, `${found} ${expected}`);
    assert.ok(found[4] < -30);
    assert.ok(powerOf(noise.subarray(0, 1500)) > 0.2 * powerOf(noise));
  });

  it('gaussian() has mean 0, deviation 1 and no skew, and a third of it beyond one deviation', () => {
    const random = seededRandom(4);
    const values = Float64Array.from({ length: 40_000 }, () => gaussian(random));
    const moment = (k: number) => values.reduce((sum, value) => sum + value ** k, 0) / values.length;
    for (const [k, expected] of [0, 1, 0, 3].entries())
      assert.ok(Math.abs(moment(k + 1) - expected) < 0.12, `${k + 1}: ${moment(k + 1)}`);
    const beyond = values.filter((value) => Math.abs(value) > 1).length / values.length;
    assert.ok(Math.abs(beyond - 0.3173) < 0.01, `${beyond}`);
  });
});
