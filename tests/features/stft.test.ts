import assert from 'node:assert/strict';
import { frameCount, hannWindow } from '../../src/features/band-power.js';
import { createMelSpectrogram, MEL_DEFAULTS, melFilterBank } from '../../src/features/mel.js';
import { loudestFrame, stftPower } from '../../src/features/stft.js';

const RATE = 22050;
const OPTIONS = { fftSize: 2048, hopLength: 512 };

/** A tone, silent but between two times in s. */
function tone(hz: number, [from, to] = [0, 1]): Float32Array {
  return Float32Array.from({ length: RATE }, (_, n) =>
    n >= from * RATE && n < to * RATE ? Math.sin((2 * Math.PI * hz * n) / RATE) : 0,
  );
}

const argMax = (values: ArrayLike<number>) =>
  Array.from(values).reduce((best, v, i, all) => (v > all[best] ? i : best), 0);

describe('frameCount()', () => {
  it('counts a frame at the start and one after each whole hop', () => {
    assert.deepEqual(
      [0, 511, 512, 44100].map((samples) => frameCount(samples, 512)),
      [1, 1, 2, 87],
    );
  });
});

describe('stftPower()', () => {
  it('has a row per bin and a column per frame, and the power of a tone in its bin', () => {
    const bin = 100;
    const { values, bands, frames } = stftPower(tone((bin * RATE) / 2048), OPTIONS);
    assert.deepEqual([bands, frames, values.length], [1025, 44, 1025 * 44]);
    const column = Array.from({ length: bands }, (_, k) => values[k * frames + 20]);
    assert.equal(argMax(column), bin);
    // A full-scale tone in the middle of a bin: half the sum of the window, squared.
    const expected = (hannWindow(2048).reduce((sum, w) => sum + w, 0) / 2) ** 2;
    assert.ok(Math.abs(column[bin] / expected - 1) < 1e-5, `${column[bin]} instead of ${expected}`);
  });

  it('gives the mel spectrogram when its columns are weighted by the filter bank', () => {
    const samples = tone(440);
    const { values, frames } = stftPower(samples, MEL_DEFAULTS);
    const mel = createMelSpectrogram()(samples);
    const { firstBin, weights } = melFilterBank()[17];
    for (const frame of [0, 20, 43]) {
      const sum = weights.reduce((total, weight, i) => total + weight * values[(firstBin + i) * frames + frame], 0);
      assert.ok(Math.abs(sum - mel.values[17 * frames + frame]) <= 1e-5 * (sum + 1e-9));
    }
  });

  it('refuses no samples and options out of range', () => {
    assert.throws(() => stftPower(new Float32Array(0), OPTIONS), {
      name: 'RangeError',
      message: 'Cannot compute a spectrogram: there are no samples',
    });
    assert.throws(() => stftPower(new Float32Array(9), { ...OPTIONS, hopLength: 0.5 }), {
      name: 'RangeError',
      message: 'Cannot compute a spectrogram: hopLength must be a positive integer, current value is 0.5',
    });
    assert.throws(() => stftPower(new Float32Array(9), { ...OPTIONS, fftSize: 1000 }), { name: 'RangeError' });
  });
});

describe('loudestFrame()', () => {
  it('finds the frame, with its samples before and after the window and its power', () => {
    const samples = tone(1000, [0.5, 0.6]);
    const { index, start, samples: cut, windowed, power } = loudestFrame(samples, OPTIONS);
    assert.equal(start, index * 512 - 1024);
    assert.ok(Math.abs((start + 1024) / RATE - 0.55) < 0.02);
    assert.deepEqual(cut, samples.slice(start, start + 2048));
    const window = hannWindow(2048);
    assert.deepEqual(
      windowed,
      cut.map((sample, i) => sample * window[i]),
    );
    const { values, frames } = stftPower(samples, OPTIONS);
    assert.deepEqual(
      power,
      Float32Array.from({ length: 1025 }, (_, k) => values[k * frames + index]),
    );
  });

  it('is zero where it begins before the sound', () => {
    const { start, samples } = loudestFrame(tone(1000, [0, 0.02]), OPTIONS);
    assert.ok(start < 0);
    assert.equal(samples[0], 0);
    assert.equal(samples.length, 2048);
  });

  it('compares the power of all bins, the lowest one included', () => {
    // A tenth of the power of such a pulse is in bin 0: without it the second, weaker one would win.
    const samples = new Float32Array(4096);
    samples.fill(1, 0, 100).fill(0.97, 2048, 2148);
    assert.equal(loudestFrame(samples, { fftSize: 2048, hopLength: 2048 }).index, 0);
    samples.fill(1.03, 2048, 2148);
    assert.equal(loudestFrame(samples, { fftSize: 2048, hopLength: 2048 }).index, 1);
  });

  it('refuses no samples and options out of range', () => {
    assert.throws(() => loudestFrame(new Float32Array(0), OPTIONS), {
      name: 'RangeError',
      message: 'Cannot compute a spectrogram: there are no samples',
    });
    assert.throws(() => loudestFrame(new Float32Array(9), { ...OPTIONS, hopLength: 0 }), {
      name: 'RangeError',
      message: 'Cannot compute a spectrogram: hopLength must be a positive integer, current value is 0',
    });
  });

  it('is the first one of silence', () => {
    assert.equal(loudestFrame(new Float32Array(5000), OPTIONS).index, 0);
  });
});
