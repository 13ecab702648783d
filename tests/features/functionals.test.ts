import assert from 'node:assert/strict';
import { seededRandom } from '../../src/common/random.js';
import { featureNamed } from '../../src/features/features.js';
import golden from '../golden/functionals.json';

const RATE = 16000;
const { create, numbers, schema, secondsPerFrame } = featureNamed('functionals');
const extract = create({});
const valuesOf = (samples: Float32Array, sampleRateHz = RATE) =>
  extract({ samples, sampleRateHz, channels: 1, durationSeconds: samples.length / sampleRateHz }).matrix.values;
const numbersOf = (samples: Float32Array, sampleRateHz = RATE): Record<string, number> =>
  Object.fromEntries([...valuesOf(samples, sampleRateHz)].map((value, k) => [numbers![k], value]));
const floats = (base64: string) => new Float32Array(new Uint8Array(Buffer.from(base64, 'base64')).buffer);
/** Largest difference, each in parts of the number where that is larger than 1. */
const difference = (a: Float32Array, b: Float32Array) =>
  a.reduce((most, value, k) => Math.max(most, Math.abs(value - b[k]) / Math.max(1, Math.abs(value))), 0);
const [speech] = golden.cases.map(({ samples }) => floats(samples));

describe('functionals', () => {
  // Made by scripts/golden_functionals.py.
  for (const { name, samples, numbers: expected } of golden.cases)
    it(`equal numpy's, librosa's and scipy's within a thousandth: ${name}`, () => {
      const found = numbersOf(floats(samples));
      assert.deepEqual(Object.keys(found), Object.keys(expected));
      for (const [number, value] of Object.entries(expected)) {
        const tolerance = 1e-3 * Math.max(1, Math.abs(value));
        assert.ok(Math.abs(found[number] - value) <= tolerance, `${number} is ${found[number]} instead of ${value}`);
      }
    });

  it('are one vector without options, in which each number has a name of its own', () => {
    const { matrix, ...facts } = extract({ samples: speech, sampleRateHz: RATE, channels: 1, durationSeconds: 2 });
    assert.deepEqual([matrix.bands, matrix.frames, matrix.values.length], [104, 1, 104]);
    assert.equal(new Set(numbers).size, 104);
    assert.deepEqual([facts.sampleRateHz, facts.durationSeconds], [RATE, 2]);
    assert.equal(secondsPerFrame({}), undefined);
    assert.ok(schema.safeParse({}).success && !schema.safeParse({ bands: 40 }).success);
  });

  it('do not depend on how loud a recording is', () => {
    for (const gain of [1e-3, 0.1, 1.9])
      assert.ok(difference(valuesOf(speech), valuesOf(speech.map((sample) => gain * sample))) < 1e-4);
  });

  it('do not depend on silence at the ends, nor on noise that is far below the voice in it', () => {
    const random = seededRandom(1);
    // Whole frames, so that the voice is cut as before.
    const longer = Float32Array.from({ length: 40 * 256 + speech.length + 50 * 256 }, () => 1e-5 * (random() - 0.5));
    longer.set(speech, 40 * 256);
    assert.ok(difference(valuesOf(speech), valuesOf(longer)) < 1e-4);
  });

  it('leave the recording as it is, and do not depend on the recordings before', () => {
    const samples = speech.slice();
    const first = valuesOf(samples);
    valuesOf(floats(golden.cases[1].samples));
    assert.deepEqual(samples, speech);
    assert.deepEqual(valuesOf(samples), first);
  });

  it('are nearly the same at another rate of the same recording', () => {
    const tone = (rateHz: number) =>
      Float32Array.from({ length: rateHz }, (_, i) => Math.sin((2 * Math.PI * 300 * i) / rateHz));
    for (const rateHz of [8000, 44100]) {
      const found = numbersOf(tone(rateHz), rateHz);
      assert.ok(Math.abs(found['pitch: mean'] - 12 * Math.log2(1.5)) < 0.05, `${found['pitch: mean']}`);
      assert.equal(found['voiced share'], 1);
    }
  });

  it('know a voice that rises from one that falls', () => {
    const glide = (octaves: number) => {
      let phase = 0;
      return Float32Array.from({ length: 2 * RATE }, (_, i) => {
        phase += (2 * Math.PI * 200 * 2 ** ((octaves * (i - RATE)) / (2 * RATE))) / RATE;
        return Math.sin(phase) + 0.5 * Math.sin(2 * phase);
      });
    };
    const [rising, falling] = [numbersOf(glide(1)), numbersOf(glide(-1))];
    // An octave in two seconds.
    assert.ok(Math.abs(rising['pitch: slope'] - 6) < 0.1, `${rising['pitch: slope']}`);
    assert.ok(Math.abs(falling['pitch: slope'] + 6) < 0.1, `${falling['pitch: slope']}`);
    assert.ok(Math.abs(rising['pitch: rise'] - 6 * 0.016) < 0.01 && rising['pitch: fall'] > -0.01);
    assert.ok(Math.abs(falling['pitch: fall'] + 6 * 0.016) < 0.01 && falling['pitch: rise'] < 0.01);
    for (const { 'pitch: mean': mean } of [rising, falling]) assert.ok(Math.abs(mean) < 0.2, `${mean}`);
  });

  it('know a level that changes five times a second from one that changes ten times', () => {
    const beating = (hz: number) =>
      numbersOf(
        Float32Array.from(
          { length: 2 * RATE },
          (_, i) => (1.2 + Math.sin((2 * Math.PI * hz * i) / RATE)) * Math.sin((2 * Math.PI * 150 * i) / RATE),
        ),
      );
    const at = (found: Record<string, number>) =>
      ['1–3', '3–6', '6–12', '12–31'].map((band) => found[`energy: modulation, ${band} Hz`]);
    assert.equal(at(beating(5)).indexOf(Math.max(...at(beating(5)))), 1);
    assert.equal(at(beating(10)).indexOf(Math.max(...at(beating(10)))), 2);
  });

  it('are finite for silence, noise, a constant, a click, and very few samples', () => {
    const random = seededRandom(2);
    const click = new Float32Array(RATE);
    click[8000] = 1;
    const cornered = new Float32Array(512);
    // Where the window is zero.
    cornered[0] = 1;
    const noise = Float32Array.from({ length: RATE }, () => random() - 0.5);
    const alternating = Float32Array.from({ length: 1024 }, (_, i) => (i % 2 === 0 ? 1 : -1));
    const constant = new Float32Array(RATE).fill(0.5);
    const kinds = {
      silence: new Float32Array(RATE),
      click,
      cornered,
      noise,
      alternating,
      constant,
      one: Float32Array.of(1),
    };
    for (const [name, samples] of Object.entries(kinds))
      for (const [k, value] of valuesOf(samples).entries())
        assert.ok(Number.isFinite(value), `${numbers![k]} of ${name} is ${value}`);
    const silent = numbersOf(kinds.silence);
    assert.deepEqual([silent['voiced share'], silent['audible share'], silent['pitch: mean']], [0, 0, 0]);
    assert.equal(numbersOf(noise)['voiced share'], 0);
  });

  it('refuse no samples', () => {
    assert.throws(() => valuesOf(new Float32Array()), { name: 'RangeError', message: /there are no samples/ });
  });
});
