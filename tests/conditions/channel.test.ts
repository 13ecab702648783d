import assert from 'node:assert/strict';
import { seededRandom } from '../../src/common/random.js';
import { clipping, cut, delayed, gain, tilt } from '../../src/conditions/recording.js';
import { reverberation } from '../../src/conditions/reverberation.js';
import { muLaw, telephone } from '../../src/conditions/telephone.js';
import golden from '../golden/stress.json';
import { amplitudeAt, floatsOf, powerOf, RATE, testSound, tone } from './sounds.js';

const random = seededRandom(1);
const sound = testSound();
const decibels = (ratio: number) => 20 * Math.log10(ratio);

describe('muLaw()', () => {
  it("equals audioop's for every 14-bit number", () => {
    const found = Array.from({ length: 16384 }, (_, i) => 32768 * muLaw((i - 8192) / 8192));
    assert.deepEqual(
      found.map((value) => value + 0),
      golden.muLaw,
    );
  });

  it('clips what is louder', () => {
    assert.deepEqual([muLaw(3), muLaw(-3)], [muLaw(1), muLaw(-1)]);
  });
});

describe('telephone()', () => {
  const passed = (hz: number, rate?: number) => {
    const sampleRateHz = rate ?? RATE;
    return amplitudeAt(hz, { samples: telephone(tone(hz, sampleRateHz), random), sampleRateHz });
  };

  it('lets 300 to 3,400 Hz pass, whatever the sample rate', () => {
    for (const hz of [310, 1000, 3300]) assert.ok(Math.abs(decibels(passed(hz) / 0.5)) < 0.2, `${hz}: ${passed(hz)}`);
    for (const rate of [8000, 22050, 44100]) assert.ok(Math.abs(decibels(passed(1000, rate) / 0.5)) < 0.2, `${rate}`);
  });

  it('lets nothing else pass', () => {
    for (const hz of [100, 190, 3650, 5000]) assert.ok(decibels(passed(hz) / 0.5) < -60, `${hz}: ${passed(hz)}`);
  });

  it('leaves noise as far below the sound as µ-law does, 38 dB, and shifts nothing', () => {
    const samples = telephone(tone(1000), random);
    const original = tone(1000).samples;
    const middle = (array: Float32Array) => array.subarray(RATE / 4, (3 * RATE) / 4);
    const error = Float64Array.from(middle(samples), (sample, i) => sample - middle(original)[i]);
    const snr = 10 * Math.log10(powerOf(middle(original)) / powerOf(error));
    assert.ok(snr > 33 && snr < 45, `${snr}`);
  });
});

describe('reverberation()', () => {
  for (const seconds of [0.3, 0.8])
    it(`has a reverberation time of ${seconds} s, by Schroeder's integration, and keeps the direct sound`, () => {
      const rate = 22050;
      const click = { samples: new Float32Array(2 * rate), sampleRateHz: rate };
      click.samples[0] = 1;
      const response = reverberation(seconds)(click, seededRandom(5));
      assert.ok(Math.abs(response[0] - 1) < 1e-6);
      // The direct sound and the rest have the same energy.
      assert.ok(Math.abs(powerOf(response.subarray(1)) * (response.length - 1) - 1) < 1e-3);
      // The energy that is still to come, in decibels, falls evenly: a line fitted from -5 to -35 dB.
      const left = new Float64Array(response.length);
      for (let i = response.length - 2; i > 0; i--) left[i] = left[i + 1] + response[i] ** 2;
      const curve = Array.from(left.subarray(1), (energy, i) => [i / rate, 10 * Math.log10(energy / left[1])]);
      const fitted = curve.filter(([, level]) => level <= -5 && level >= -35);
      const meanOf = (k: number) => fitted.reduce((sum, point) => sum + point[k], 0) / fitted.length;
      const [t, level] = [meanOf(0), meanOf(1)];
      const slope =
        fitted.reduce((sum, point) => sum + (point[0] - t) * (point[1] - level), 0) /
        fitted.reduce((sum, point) => sum + (point[0] - t) ** 2, 0);
      assert.ok(Math.abs(-60 / slope / seconds - 1) < 0.05, `${-60 / slope}`);
    });

  it('adds nothing before the sound, and no delay', () => {
    const output = reverberation(0.3)(sound, seededRandom(6));
    for (let i = 0; i < 2000; i++) assert.ok(Math.abs(output[i]) < 1e-6);
    // The sound is where it has been: its correlation with the output is highest without a shift.
    const correlation = (shift: number) => sound.samples.reduce((sum, s, i) => sum + s * (output[i + shift] ?? 0), 0);
    const best = [-40, -20, -5, -1, 0, 1, 5, 20, 40].sort((a, b) => correlation(b) - correlation(a))[0];
    assert.equal(best, 0);
  });
});

describe('gain()', () => {
  it('multiplies by what its decibels say', () => {
    for (const [db, factor] of [
      [20, 10],
      [-20, 0.1],
      [6, 1.99526],
    ]) {
      const output = gain(db)(sound, random);
      for (const i of [2100, 5000, 9000]) assert.ok(Math.abs(output[i] / sound.samples[i] / factor - 1) < 1e-5);
    }
  });
});

describe('clipping()', () => {
  for (const { share, limit } of golden.clipping)
    it(`cuts ${share} of the samples off at numpy's quantile`, () => {
      const output = clipping(share)(sound, random);
      assert.ok(Math.abs(output.reduce((most, x) => Math.max(most, Math.abs(x)), 0) - limit) < 1e-6);
      const changed = output.filter((x, i) => x !== sound.samples[i]).length;
      const heard = sound.samples.filter((x) => x !== 0).length;
      assert.ok(Math.abs(changed / heard - share) < 0.001, `${changed / heard}`);
      for (const [i, x] of output.entries()) if (Math.abs(sound.samples[i]) < limit) assert.equal(x, sound.samples[i]);
    });
});

describe('tilt()', () => {
  for (const { slope, output } of golden.tilt)
    it(`of ${slope} dB per octave equals scipy's linear-phase filter`, () => {
      const found = tilt(slope)(sound, random);
      const expected = floatsOf(output);
      const error = Float64Array.from(expected, (value, i) => value - found[16 * i]);
      assert.ok(10 * Math.log10(powerOf(error) / powerOf(expected)) < -50);
    });

  it('changes each octave by so many decibels, and 1 kHz not at all', () => {
    for (const [hz, expected] of [
      [250, -6],
      [1000, 0],
      [4000, 6],
    ]) {
      const found = decibels(amplitudeAt(hz, { samples: tilt(3)(tone(hz), random), sampleRateHz: RATE }) / 0.5);
      assert.ok(Math.abs(found - expected) < 0.05, `${hz}: ${found}`);
    }
  });
});

describe('shifts', () => {
  it('cut() leaves out the first samples, but never all', () => {
    assert.deepEqual(cut(0.05)(sound, random), sound.samples.slice(800));
    assert.deepEqual(cut(0.05)({ samples: Float32Array.of(1, 2, 3), sampleRateHz: RATE }, random), Float32Array.of(3));
  });

  it('delayed() puts silence first', () => {
    const output = delayed(0.05)(sound, random);
    assert.equal(output.length, sound.samples.length + 800);
    assert.deepEqual([output.subarray(0, 800), output.subarray(800)], [new Float32Array(800), sound.samples]);
  });
});
