import assert from 'node:assert/strict';
import { createResampler, createRunningResampler, designFilter, resample } from '../../src/audio/resample.js';
import { joined } from '../../src/common/joined.js';
import { seededRandom } from '../../src/common/random.js';
// Made by scripts/golden_audio.py.
import golden from '../golden/resample.json';

const PAIRS = [
  [24414, 22050],
  [96000, 22050],
  [16000, 22050],
  [44100, 22050],
  [8000, 22050],
  [48000, 22050],
  [44101, 22050],
  [4000, 192000],
  [192000, 4000],
];

const floats = (base64: string) => new Float32Array(Uint8Array.from(Buffer.from(base64, 'base64')).buffer);
const rms = (samples: Float32Array) => Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / samples.length);
const inDb = (ratio: number) => 20 * Math.log10(ratio);
const sine = (hz: number, rateHz: number, seconds: number) =>
  Float32Array.from({ length: Math.round(rateHz * seconds) }, (_, i) => Math.sin((2 * Math.PI * hz * i) / rateHz));
/** Without the ends, where the signal meets the silence around it. */
const middle = (samples: Float32Array) => samples.slice(samples.length / 4, (samples.length * 3) / 4);

/** The signal of scripts/golden_audio.py: a chirp and ten tones up to a frequency, faded in and out. */
function testSignal(rateHz: number, bandHz: number, n: number): Float32Array {
  const length = n / rateHz;
  return Float32Array.from({ length: n }, (_, i) => {
    const t = i / rateHz;
    let value = Math.sin(2 * Math.PI * (100 * t + ((bandHz - 100) * t * t) / (2 * length)));
    for (let k = 1; k <= 10; k++) value += 0.1 * Math.sin(((2 * Math.PI * bandHz * k) / 10) * t + k * k);
    return 0.4 * value * Math.sin((Math.PI * t) / length) ** 2;
  });
}

/** Amplitude of one frequency, by projection on its sine and cosine under a Hann window. */
function amplitudeAt(samples: Float32Array, hz: number, rateHz: number): number {
  let [re, im, weights] = [0, 0, 0];
  for (let i = 0; i < samples.length; i++) {
    const weight = Math.sin((Math.PI * (i + 0.5)) / samples.length) ** 2;
    re += weight * samples[i] * Math.cos((2 * Math.PI * hz * i) / rateHz);
    im += weight * samples[i] * Math.sin((2 * Math.PI * hz * i) / rateHz);
    weights += weight;
  }
  return (2 * Math.hypot(re, im)) / weights;
}

describe('resample', () => {
  for (const { fromHz, toHz, length, output } of golden.pairs) {
    it(`resample() equals soxr's high quality within -80 dB from ${fromHz} to ${toHz} Hz`, () => {
      const expected = floats(output);
      const actual = resample(testSignal(fromHz, 0.44 * Math.min(fromHz, toHz), length), fromHz, toHz);
      assert.equal(actual.length, expected.length);
      const level = inDb(rms(actual.map((x, i) => x - expected[i])) / rms(expected));
      assert.ok(level < -80, `difference ${level} dB`);
    });
  }

  it("resample() gives librosa's number of samples", () => {
    for (const { fromHz, toHz, length, output } of golden.lengths)
      assert.equal(resample(new Float32Array(length), fromHz, toHz).length, output, `${length} at ${fromHz} Hz`);
  });

  for (const [fromHz, toHz] of PAIRS) {
    const nyquist = Math.min(fromHz, toHz) / 2;
    const seconds = 2000 / Math.min(fromHz, toHz);

    it(`resample() is flat within 0.1 dB up to 0.9 of the lower Nyquist frequency, ${fromHz} to ${toHz} Hz`, () => {
      for (let share = 0.05; share <= 0.9; share += 0.05) {
        const output = middle(resample(sine(share * nyquist, fromHz, seconds), fromHz, toHz));
        const gain = inDb(amplitudeAt(output, share * nyquist, toHz));
        assert.ok(Math.abs(gain) < 0.1, `${gain} dB at ${share} of the Nyquist frequency`);
      }
    });

    it(`resample() keeps aliases and images below -80 dB, ${fromHz} to ${toHz} Hz`, () => {
      // Downwards, tones above the new Nyquist frequency vanish; upwards, nothing but the tone is left.
      const shares = fromHz > toHz ? [1, 1.02, 1.1, 1.3, 1.7] : [0.1, 0.5, 0.8, 0.9];
      for (const share of shares) {
        const hz = share * nyquist;
        if (hz >= fromHz / 2) continue;
        const output = middle(resample(sine(hz, fromHz, seconds), fromHz, toHz));
        const alone = fromHz > toHz ? output : withoutTone(output, hz, toHz);
        const level = inDb(rms(alone) * Math.SQRT2);
        assert.ok(level < -80, `${level} dB at ${share} of the Nyquist frequency`);
      }
    });
  }

  it('resample() has linear phase and no delay', () => {
    for (const [fromHz, toHz] of [
      [24414, 22050],
      [44101, 22050],
      [16000, 22050],
    ]) {
      const phaseOf = (samples: Float32Array, rateHz: number) => {
        let [re, im] = [0, 0];
        for (let i = 0; i < samples.length; i++) {
          const weight = Math.sin((Math.PI * i) / samples.length) ** 2;
          re += weight * samples[i] * Math.sin((2 * Math.PI * 1000 * i) / rateHz);
          im += weight * samples[i] * Math.cos((2 * Math.PI * 1000 * i) / rateHz);
        }
        return Math.atan2(im, re);
      };
      const delay = phaseOf(resample(sine(1000, fromHz, 0.5), fromHz, toHz), toHz);
      assert.ok(Math.abs(delay) < 1e-4, `${delay} rad from ${fromHz} to ${toHz} Hz`);
    }
  });

  it('resample() keeps an impulse in its place, symmetric', () => {
    const impulse = new Float32Array(1001);
    impulse[500] = 1;
    const output = resample(impulse, 44100, 22050);
    assert.equal(output.indexOf(Math.max(...output)), 250);
    for (let i = 1; i < 200; i++) assert.ok(Math.abs(output[250 - i] - output[250 + i]) < 1e-7, `sample ${i}`);
  });

  it('resample() keeps a constant, and takes what is beyond the ends as zero', () => {
    const output = resample(new Float32Array(4000).fill(0.5), 24414, 22050);
    for (const value of middle(output)) assert.ok(Math.abs(value - 0.5) < 1e-6);
    // Half of the filter lies before the first sample; its main tap, at the sample itself, counts.
    const expected = (0.5 * (1 + (0.95 * 22050) / 24414)) / 2;
    assert.ok(Math.abs(output[0] - expected) < 1e-3, `first sample ${output[0]}`);
  });

  it('resample() does the same in one block as in many', () => {
    const samples = testSignal(24414, 9000, 50000);
    const whole = resample(samples, 24414, 22050);
    // Period of the two rates: 4,069 samples in are 3,675 out, so the part starts on a sample of the whole.
    const part = resample(samples.subarray(4 * 4069, 4 * 4069 + 4069), 24414, 22050);
    for (let i = 200; i < 3400; i++) assert.ok(Math.abs(part[i] - whole[4 * 3675 + i]) < 1e-6, `sample ${i}`);
  });

  it('resample() handles a single sample, and a waveform shorter than the filter', () => {
    assert.equal(resample(Float32Array.of(1), 16000, 48000).length, 3);
    assert.equal(resample(Float32Array.of(1), 48000, 16000).length, 1);
    assert.ok(resample(Float32Array.of(1, 1, 1), 24414, 22050).every(Number.isFinite));
  });

  it('resample() returns the input itself for equal rates, and never changes it', () => {
    const samples = sine(440, 16000, 0.1);
    const copy = samples.slice();
    assert.equal(resample(samples, 16000, 16000), samples);
    resample(samples, 16000, 22050);
    assert.deepEqual(samples, copy);
  });

  it('resample() spreads a NaN over its surroundings only', () => {
    const samples = new Float32Array(4000);
    samples[2000] = Number.NaN;
    const output = resample(samples, 44100, 22050);
    assert.ok(Number.isNaN(output[1000]));
    assert.equal(output[700], 0);
    assert.equal(output[1300], 0);
  });

  it('resample() takes rates that are not integers: twice both rates give the same', () => {
    const samples = testSignal(22050.5, 9000, 5000);
    for (const [fromHz, toHz] of [
      [22050.5, 22050],
      [22050, 22050.5],
      [11025.5, 44100.5],
    ])
      assert.deepEqual(
        resample(samples, fromHz, toHz),
        resample(samples, 2 * fromHz, 2 * toHz),
        `${fromHz} to ${toHz}`,
      );
  });

  it('resample() keeps pitch and time for rates without a common measure', () => {
    const toHz = 22050;
    for (const fromHz of [16000 * Math.SQRT2, 44100 / Math.PI, 44099.99, 22050.000001]) {
      const seconds = 2;
      const output = resample(sine(1000, fromHz, seconds), fromHz, toHz);
      assert.ok(Math.abs(output.length - toHz * seconds) <= 2, `${output.length} samples from ${fromHz} Hz`);
      // A millionth of the time that has passed, and what the filter leaves.
      for (let i = 4410; i < output.length - 4410; i++) {
        const phase = (2 * Math.PI * 1000 * i) / toHz;
        const error = Math.abs(output[i] - Math.sin(phase));
        assert.ok(error < 1e-6 * phase + 1e-3, `${error} at sample ${i} from ${fromHz} Hz`);
      }
    }
  });

  it('designFilter() has the exact ratio of integer rates, and that of others within a millionth', () => {
    const { up, down } = designFilter(383_999, 384_000);
    assert.deepEqual([up, down], [384_000, 383_999]);
    const random = seededRandom(5);
    for (let i = 0; i < 50; i++) {
      const [fromHz, toHz] = [4000 + 380_000 * random(), 4000 + 380_000 * random()];
      const filter = designFilter(fromHz, toHz);
      assert.ok(Number.isInteger(filter.up) && Number.isInteger(filter.down), `${fromHz} to ${toHz}`);
      const error = filter.up / filter.down / (toHz / fromHz) - 1;
      assert.ok(Math.abs(error) < 1e-6, `${error} from ${fromHz} to ${toHz}`);
      assert.ok(Math.max(filter.up, filter.down) <= 2 ** 20, `${filter.up} / ${filter.down}`);
    }
  });

  it('resample() refuses empty audio and impossible rates', () => {
    assert.throws(() => resample(new Float32Array(0), 16000, 22050), {
      name: 'RangeError',
      message: 'Cannot resample: there are no samples',
    });
    for (const rate of [0, -1, 0.99, Number.NaN, Number.POSITIVE_INFINITY]) {
      const expected = {
        name: 'RangeError',
        message: `Cannot resample: sample rates must be finite and at least 1, current value is ${rate}`,
      };
      assert.throws(() => resample(new Float32Array(9), rate, 22050), expected);
      assert.throws(() => resample(new Float32Array(9), 22050, rate), expected);
    }
  });

  it('designFilter() tabulates one phase for each position, and a bounded number for odd pairs of rates', () => {
    assert.equal(designFilter(24414, 22050).phases, 3675);
    const odd = designFilter(191999, 22051);
    assert.ok(odd.interpolated && odd.table.length < 2 ** 21, `${odd.table.length} coefficients`);
  });

  it('createResampler() interpolates between phases within -90 dB of the exact filter', () => {
    const samples = testSignal(44100, 9000, 4410);
    // 44,101 to 22,050 Hz interpolates, as its rates share no divisor; 44,100 to 22,050 Hz need not.
    const interpolating = { ...designFilter(44101, 22050), up: 1, down: 2 };
    const exact = resample(samples, 44100, 22050);
    const level = inDb(rms(createResampler(interpolating)(samples).map((x, i) => x - exact[i])) / rms(exact));
    assert.ok(level < -90, `difference ${level} dB`);
  });

  for (const [fromHz, toHz] of [...PAIRS, [48000, 16000], [44100.5, 16000], [22050, 22050]])
    it(`createRunningResampler() gives piece by piece what resample() gives of the whole, ${fromHz} to ${toHz} Hz`, () => {
      const random = seededRandom(3);
      const samples = Float32Array.from({ length: 30_000 }, () => random() - 0.5);
      for (const most of [1, 128, 5000, 100_000]) {
        const running = createRunningResampler(fromHz, toHz);
        const parts: Float32Array[] = [];
        for (let at = 0; at < samples.length; ) {
          const length = most === 1 ? 97 : Math.floor(random() * most);
          parts.push(running.hear(samples.subarray(at, at + length)));
          at += length;
        }
        parts.push(running.end());
        assert.deepEqual(joined(parts), resample(samples, fromHz, toHz), `pieces up to ${most}`);
      }
    });

  it('createRunningResampler() gives nothing of nothing, and refuses rates that are none', () => {
    const running = createRunningResampler(44100, 16000);
    assert.equal(running.hear(new Float32Array()).length + running.end().length, 0);
    assert.throws(() => createRunningResampler(0, 16000), {
      name: 'RangeError',
      message: 'Cannot resample: sample rates must be finite and at least 1, current value is 0',
    });
  });
});

/** What is left when the best fitting sine of a frequency is taken away. */
function withoutTone(samples: Float32Array, hz: number, rateHz: number): Float32Array {
  let [ss, sc, cc, xs, xc] = [0, 0, 0, 0, 0];
  samples.forEach((x, i) => {
    const [s, c] = [Math.sin((2 * Math.PI * hz * i) / rateHz), Math.cos((2 * Math.PI * hz * i) / rateHz)];
    ss += s * s;
    sc += s * c;
    cc += c * c;
    xs += x * s;
    xc += x * c;
  });
  const determinant = ss * cc - sc * sc;
  const [a, b] = [(xs * cc - xc * sc) / determinant, (xc * ss - xs * sc) / determinant];
  return samples.map((x, i) => {
    const angle = (2 * Math.PI * hz * i) / rateHz;
    return x - a * Math.sin(angle) - b * Math.cos(angle);
  });
}
