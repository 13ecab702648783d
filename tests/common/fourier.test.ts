import assert from 'node:assert/strict';
import { createFourier } from '../../src/common/fourier.js';

describe('createFourier()', () => {
  for (const size of [1, 2, 4, 5, 8, 10, 20, 25, 400])
    it(`gives the sums that define the transform, for ${size} numbers`, () => {
      const real = Float64Array.from({ length: size }, (_, i) => Math.sin(i * i));
      const imaginary = Float64Array.from({ length: size }, (_, i) => Math.cos(3 * i));
      const expected = Array.from({ length: size }, (_, k) => {
        let [re, im] = [0, 0];
        for (let i = 0; i < size; i++) {
          const angle = (-2 * Math.PI * ((k * i) % size)) / size;
          re += real[i] * Math.cos(angle) - imaginary[i] * Math.sin(angle);
          im += real[i] * Math.sin(angle) + imaginary[i] * Math.cos(angle);
        }
        return [re, im];
      });
      createFourier(size)(real, imaginary);
      for (const [k, [re, im]] of expected.entries())
        assert.ok(Math.hypot(real[k] - re, imaginary[k] - im) < 1e-10, `${k}`);
    });

  it('refuses sizes with other factors', () => {
    for (const size of [0, 3, 14, 1.5, -4, Number.NaN])
      assert.throws(() => createFourier(size), {
        name: 'RangeError',
        message: `Cannot transform: the size must be a product of twos and fives, current value is ${size}`,
      });
  });
});
