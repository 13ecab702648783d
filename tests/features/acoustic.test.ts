import assert from 'node:assert/strict';
import Meyda from 'meyda';
import { seededRandom } from '../../src/common/random.js';
import { acousticDescriptors } from '../../src/features/acoustic.js';

const RATE = 22050;
const sine = (hz: number, amplitude = 0.5, rateHz = RATE, n = rateHz) =>
  Float32Array.from({ length: n }, (_, i) => amplitude * Math.sin((2 * Math.PI * hz * i) / rateHz));
const noise = (seed: number, n = RATE) => {
  const random = seededRandom(seed);
  return Float32Array.from({ length: n }, () => random() - 0.5);
};
const within = (actual: number, expected: number, tolerance: number) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} instead of ${expected}`);
const assertFinite = (row: object) => {
  for (const [name, value] of Object.entries(row)) assert.ok(Number.isFinite(value), `${name} is ${value}`);
};

describe('acousticDescriptors', () => {
  for (const rateHz of [16000, 22050, 96000])
    for (const hz of [440, 3000])
      it(`acousticDescriptors() knows a sine of ${hz} Hz at ${rateHz} Hz`, () => {
        const row = acousticDescriptors(sine(hz, 0.5, rateHz), rateHz);
        const binHz = rateHz / 1024;
        within(row.centroidHzMean, hz, binHz);
        within(row.rolloffHzMean, hz, 4 * binHz);
        within(row.zeroCrossingsPerSecondMean, 2 * hz, 0.02 * hz);
        within(row.rms, 0.5 / Math.SQRT2, 1e-3);
        within(row.frameRmsMean, 0.5 / Math.SQRT2, 0.01);
        within(row.peak, 0.5, 1e-3);
        within(row.durationSeconds, 1, 1e-12);
        assert.ok(row.flatnessMean < 0.1, `flatness ${row.flatnessMean}`);
        assert.equal(row.silentShare, 0);
      });

  it('acousticDescriptors() knows white noise: flat, its centre at a quarter of the rate', () => {
    const row = acousticDescriptors(noise(1), RATE);
    within(row.centroidHzMean, RATE / 4, 150);
    // A sign changes after every second sample on average.
    within(row.zeroCrossingsPerSecondMean, RATE / 2, 0.02 * RATE);
    within(row.rms, Math.sqrt(1 / 12), 0.005);
    // Amplitudes are Rayleigh distributed: geometric mean exp(-γ / 2), arithmetic mean √π / 2.
    within(row.flatnessMean, Math.exp(-0.5772 / 2) / (Math.sqrt(Math.PI) / 2), 0.02);
    assert.ok(row.rolloffHzMean > 0.95 * (RATE / 2) && row.rolloffHzMean <= RATE / 2);
  });

  it('acousticDescriptors() takes the rolloff where 99 % of the amplitude is reached', () => {
    const frame = noise(5, 1024);
    const window = (i: number) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / 1023);
    const amplitudes = Array.from({ length: 512 }, (_, k) => {
      let [re, im] = [0, 0];
      for (let i = 0; i < 1024; i++) {
        re += window(i) * frame[i] * Math.cos((2 * Math.PI * k * i) / 1024);
        im += window(i) * frame[i] * Math.sin((2 * Math.PI * k * i) / 1024);
      }
      return Math.hypot(re, im);
    });
    const total = amplitudes.reduce((a, b) => a + b);
    let bin = 0;
    for (let sum = amplitudes[0]; sum < 0.99 * total; sum += amplitudes[bin]) bin++;
    const row = acousticDescriptors(frame, RATE);
    within(row.rolloffHzMean, (bin * RATE) / 1024, RATE / 1024 + 1e-6);
    const centroid = amplitudes.reduce((sum, a, k) => sum + a * k, 0) / total;
    within(row.centroidHzMean, (centroid * RATE) / 1024, 0.1);
  });

  it('acousticDescriptors() follows the level: loudness and the first coefficient grow', () => {
    const [quiet, loud] = [sine(500, 0.05), sine(500, 0.5)].map((samples) => acousticDescriptors(samples, RATE));
    assert.ok(loud.loudnessMean > quiet.loudnessMean);
    assert.ok(loud.mfcc1Mean > quiet.mfcc1Mean);
    within(loud.centroidHzMean, quiet.centroidHzMean, 1);
  });

  it('acousticDescriptors() gives defined values for silence', () => {
    const row = acousticDescriptors(new Float32Array(5000), RATE);
    assertFinite(row);
    const { durationSeconds, silentShare, ...others } = row;
    assert.deepEqual([durationSeconds, silentShare], [5000 / RATE, 1]);
    for (const [name, value] of Object.entries(others)) assert.equal(value, 0, name);
  });

  it('acousticDescriptors() leaves silent frames out of means, and says how many there are', () => {
    const sound = sine(440);
    const half = new Float32Array(2 * RATE);
    half.set(sound);
    const row = acousticDescriptors(half, RATE);
    within(row.silentShare, 0.5, 0.02);
    within(row.centroidHzMean, 440, 30);
    within(row.rms, 0.25, 1e-3);
  });

  it('acousticDescriptors() is finite for a constant, a click, a single sample and short clips', () => {
    const click = new Float32Array(3000);
    click[0] = 1;
    const clips = [new Float32Array(3000).fill(0.3), click, Float32Array.of(0.5), Float32Array.of(0.5, -0.5)];
    for (const samples of [...clips, noise(2, 100), noise(3, 1025)]) assertFinite(acousticDescriptors(samples, RATE));
  });

  it('acousticDescriptors() takes a frame of 1,024 samples every 512, as long as whole ones are left', () => {
    // One loud sample that is in the first frame alone: all others are silent.
    const silentShare = (length: number) => {
      const samples = new Float32Array(length);
      samples[511] = 1;
      return acousticDescriptors(samples, RATE).silentShare;
    };
    assert.deepEqual([1000, 1024, 1535, 1536, 2047, 2048, 2560].map(silentShare), [
      0,
      0,
      0,
      1 - 1 / 2,
      1 - 1 / 2,
      1 - 1 / 3,
      1 - 1 / 4,
    ]);
  });

  it('acousticDescriptors() takes a frame for silent from 60 dB below the loudest one on', () => {
    const silentShare = (level: number) => {
      const samples = new Float32Array(2048).fill(0.5);
      samples.fill(0.5 * level, 1024);
      return acousticDescriptors(samples, RATE).silentShare;
    };
    assert.equal(silentShare(1.01e-3), 0);
    assert.equal(silentShare(0.99e-3), 1 - 2 / 3);
  });

  it('acousticDescriptors() gives the mean over the frames, and the population standard deviation', () => {
    // Two frames that overlap by half; the sign changes with every sample of the first half of the first one, then never.
    const samples = new Float32Array(1536).fill(0.4);
    for (let i = 0; i < 512; i++) samples[i] = i % 2 === 0 ? 0.2 : -0.2;
    const row = acousticDescriptors(samples, RATE);
    const levels = [Math.sqrt((0.04 + 0.16) / 2), 0.4];
    within(row.frameRmsMean, (levels[0] + levels[1]) / 2, 1e-7);
    within(row.frameRmsStd, (levels[1] - levels[0]) / 2, 1e-7);
    // 511 changes in the first half, one more where it ends.
    within(row.zeroCrossingsPerSecondMean, ((512 / 1023) * RATE) / 2, 1e-9);
    within(row.zeroCrossingsPerSecondStd, ((512 / 1023) * RATE) / 2, 1e-9);
  });

  it('acousticDescriptors() counts changes of sign per second down to two samples', () => {
    assert.equal(acousticDescriptors(Float32Array.of(0.5, -0.5), RATE).zeroCrossingsPerSecondMean, RATE);
    assert.equal(acousticDescriptors(Float32Array.of(0.5), RATE).zeroCrossingsPerSecondMean, 0);
  });

  it("acousticDescriptors() gives Meyda's loudness in 24 bands, and its cepstral coefficients, numbered from 1", () => {
    const samples = noise(6, 1024);
    const row = acousticDescriptors(samples, RATE);
    const { sampleRate, bufferSize, melBands, numberOfMFCCCoefficients, windowingFunction } = Meyda;
    const settings = { sampleRate, bufferSize, melBands, numberOfMFCCCoefficients, windowingFunction };
    try {
      const ours = { bufferSize: 1024, melBands: 26, numberOfMFCCCoefficients: 13, windowingFunction: 'hanning' };
      Object.assign(Meyda, { ...ours, sampleRate: RATE, melFilterBank: undefined, barkScale: undefined });
      const { mfcc, loudness } = Meyda.extract(['mfcc', 'loudness'], samples)!;
      assert.equal(loudness!.specific.length, 24);
      assert.equal(row.loudnessMean, loudness!.total);
      const numbers = Object.entries(row).filter(([name]) => name.startsWith('mfcc'));
      assert.deepEqual(
        numbers,
        mfcc!.map((value, k) => [`mfcc${k + 1}Mean`, value]),
      );
      assert.equal(new Set(mfcc).size, 13);
    } finally {
      Object.assign(Meyda, { ...settings, melFilterBank: undefined, barkScale: undefined });
    }
  });

  it('acousticDescriptors() takes a short clip for what it is, without its padding', () => {
    const row = acousticDescriptors(sine(2000, 0.5, RATE, 300), RATE);
    within(row.frameRmsMean, 0.5 / Math.SQRT2, 0.01);
    within(row.zeroCrossingsPerSecondMean, 4000, 100);
    // Its edges are abrupt: they spread the spectrum.
    within(row.centroidHzMean, 2000, 700);
  });

  it('acousticDescriptors() depends neither on earlier calls nor on what others did to Meyda', () => {
    const samples = noise(4, 9000);
    const first = acousticDescriptors(samples, RATE);
    acousticDescriptors(samples, 8000);
    const { sampleRate, bufferSize, melBands, windowingFunction } = Meyda;
    try {
      Object.assign(Meyda, { sampleRate: 8000, bufferSize: 512, melBands: 20, windowingFunction: 'rect' });
      Meyda.extract(['mfcc', 'loudness'], samples.slice(0, 512));
      assert.deepEqual(acousticDescriptors(samples, RATE), first);
    } finally {
      Object.assign(Meyda, { sampleRate, bufferSize, melBands, windowingFunction });
    }
    assert.notEqual(acousticDescriptors(samples, 8000).mfcc2Mean, first.mfcc2Mean);
  });

  it('acousticDescriptors() gives a flat row of 29 numbers and leaves its input alone', () => {
    const samples = sine(300);
    const copy = samples.slice();
    const row = acousticDescriptors(samples, RATE);
    assert.deepEqual(samples, copy);
    assert.equal(Object.keys(row).length, 29);
    assertFinite(row);
  });

  it('acousticDescriptors() refuses empty audio and impossible rates', () => {
    assert.throws(() => acousticDescriptors(new Float32Array(0), RATE), { name: 'RangeError', message: /no samples/ });
    for (const rate of [0, -1, Number.NaN])
      assert.throws(() => acousticDescriptors(sine(300), rate), { name: 'RangeError', message: /current value is/ });
  });
});
