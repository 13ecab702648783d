import assert from 'node:assert/strict';
import { seededRandom } from '../../src/common/random.js';
import { type Band, createBandPower, hannWindow } from '../../src/features/band-power.js';

/** |X|² of the frame around `centre`, by the definition of the discrete Fourier transform. */
function powerByDefinition(samples: Float32Array, centre: number, size: number): number[] {
  const window = hannWindow(size);
  const frame = Array.from({ length: size }, (_, n) => (samples[centre - size / 2 + n] ?? 0) * window[n]);
  return Array.from({ length: size / 2 + 1 }, (_, k) => {
    let [re, im] = [0, 0];
    for (let n = 0; n < size; n++) {
      re += frame[n] * Math.cos((2 * Math.PI * k * n) / size);
      im -= frame[n] * Math.sin((2 * Math.PI * k * n) / size);
    }
    return re * re + im * im;
  });
}

/** A band for each bin. */
function binsOf(fftSize: number): Band[] {
  return Array.from({ length: fftSize / 2 + 1 }, (_, firstBin) => ({ firstBin, weights: Float32Array.of(1) }));
}

function noise(length: number): Float32Array {
  const random = seededRandom(length);
  return Float32Array.from({ length }, () => random() - 0.5);
}

describe('createBandPower()', () => {
  for (const fftSize of [8, 16, 64, 128, 512, 1024])
    it(`equals the definition of the transform for ${fftSize} points, for an even and an odd number of frames`, () => {
      const hopLength = fftSize / 2;
      const spectrogram = createBandPower(binsOf(fftSize), { fftSize, hopLength });
      for (const frames of [3, 4]) {
        const samples = noise((frames - 1) * hopLength + 1);
        const result = spectrogram(samples);
        assert.deepEqual([result.bands, result.frames], [fftSize / 2 + 1, frames]);
        for (let frame = 0; frame < frames; frame++)
          powerByDefinition(samples, frame * hopLength, fftSize).forEach((expected, bin) => {
            const actual = result.values[bin * frames + frame];
            assert.ok(Math.abs(actual - expected) <= 1e-6 * (1 + expected), `bin ${bin}: ${actual} != ${expected}`);
          });
      }
    });

  it('weighs the bins of a band and adds them', () => {
    const [fftSize, hopLength] = [64, 16];
    const bands = [
      { firstBin: 3, weights: Float32Array.of(0.5, 2, 1) },
      { firstBin: 0, weights: Float32Array.of() },
      { firstBin: 31, weights: Float32Array.of(1, 3) },
    ];
    const samples = noise(300);
    const bins = createBandPower(binsOf(fftSize), { fftSize, hopLength })(samples);
    const { values, frames } = createBandPower(bands, { fftSize, hopLength })(samples);
    for (let frame = 0; frame < frames; frame++)
      for (const [b, { firstBin, weights }] of bands.entries()) {
        const expected = weights.reduce((sum, w, i) => sum + w * bins.values[(firstBin + i) * frames + frame], 0);
        assert.ok(Math.abs(values[b * frames + frame] - expected) <= 1e-5 * (1 + expected));
      }
  });

  it('leaves next to nothing elsewhere beside a loud tone', () => {
    const fftSize = 2048;
    const spectrogram = createBandPower(binsOf(fftSize), { fftSize, hopLength: fftSize });
    const tone = Float32Array.from({ length: 4 * fftSize }, (_, n) => Math.sin((2 * Math.PI * 100 * n) / fftSize));
    const { values, frames } = spectrogram(tone);
    assert.ok(Math.abs(values[100 * frames + 2] / (fftSize / 4) ** 2 - 1) < 1e-5);
    // 144 dB below the tone: what float32 samples leave, and less than a transform in float32 would.
    assert.ok(values[900 * frames + 2] < 1e-9);
  });

  it('gives the same for a long waveform as for its parts, and keeps nothing from one to the next', () => {
    const [fftSize, hopLength] = [256, 64];
    const spectrogram = createBandPower(binsOf(fftSize), { fftSize, hopLength });
    const samples = noise(300 * hopLength);
    const whole = spectrogram(samples);
    assert.equal(whole.frames, 301);
    const start = 140;
    const part = spectrogram(samples.subarray((start - 2) * hopLength, (start + 10) * hopLength));
    for (let bin = 0; bin < whole.bands; bin++)
      assert.equal(part.values[bin * part.frames + 2], whole.values[bin * whole.frames + start]);
    assert.deepEqual(spectrogram(samples), whole);
  });

  it('refuses no samples, sizes that are not a power of two, impossible hops, and bands beyond the last bin', () => {
    const bands = binsOf(16);
    const refuses = (run: () => unknown, message: RegExp) => assert.throws(run, { name: 'RangeError', message });
    const spectrogram = createBandPower(bands, { fftSize: 16, hopLength: 4 });
    refuses(() => spectrogram(new Float32Array()), /there are no samples/);
    for (const fftSize of [0, 4, 100, 12.5, Number.NaN])
      refuses(() => createBandPower([], { fftSize, hopLength: 4 }), new RegExp(`fftSize .* value is ${fftSize}`));
    for (const hopLength of [0, -1, 1.5])
      refuses(
        () => createBandPower(bands, { fftSize: 16, hopLength }),
        new RegExp(`hopLength .* value is ${hopLength}`),
      );
    refuses(() => createBandPower(bands, { fftSize: 8, hopLength: 4 }), /there are 5 bins.*up to bin 5/);
  });
});
