import assert from 'node:assert/strict';
import { PowerSpectrum } from '../../src/features/fft.js';
import { seededRandom } from '../../src/random.js';

/** |X|² by the definition of the discrete Fourier transform. */
function powerByDefinition(x: Float64Array): number[] {
  return Array.from({ length: x.length / 2 + 1 }, (_, k) => {
    let re = 0;
    let im = 0;
    for (let n = 0; n < x.length; n++) {
      re += x[n] * Math.cos((2 * Math.PI * k * n) / x.length);
      im -= x[n] * Math.sin((2 * Math.PI * k * n) / x.length);
    }
    return re * re + im * im;
  });
}

describe('fft', () => {
  for (const size of [8, 16, 64, 128, 512, 1024])
    it(`PowerSpectrum equals the definition of the transform for ${size} points, twice in a row`, () => {
      const spectrum = new PowerSpectrum(size);
      const power = new Float32Array(size / 2 + 1);
      const random = seededRandom(size);
      for (let round = 0; round < 2; round++) {
        for (let i = 0; i < size; i++) spectrum.input[i] = random() - 0.5;
        spectrum.compute(power);
        powerByDefinition(spectrum.input).forEach((expected, bin) => {
          assert.ok(Math.abs(power[bin] - expected) <= 1e-6 * size, `bin ${bin}: ${power[bin]} != ${expected}`);
        });
      }
    });

  it('PowerSpectrum refuses sizes that are no power of two', () => {
    for (const size of [0, 4, 100, 12.5, Number.NaN])
      assert.throws(() => new PowerSpectrum(size), { name: 'RangeError', message: new RegExp(`value is ${size}`) });
  });
});
