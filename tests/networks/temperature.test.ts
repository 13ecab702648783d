import assert from 'node:assert/strict';
import { fittedTemperature } from '../../src/networks/temperature.js';

describe('fittedTemperature()', () => {
  it('finds by how much logits are too sure, in closed form for two classes', () => {
    // Logits of ±3 that are right in 3 of 4 cases should be ±ln 3 apart: 6 / ln 3.
    const logits = Float64Array.from([3, -3, 3, -3, 3, -3, 3, -3]);
    assert.ok(Math.abs(fittedTemperature(logits, [0, 0, 0, 1]) - 6 / Math.log(3)) < 1e-3);
  });

  it('gives less than 1 where they are not sure enough, and stays within 20 times', () => {
    const sure = Float64Array.from([0.1, 0, 0, 0.1]);
    assert.ok(fittedTemperature(sure, [0, 1]) < 0.051);
    assert.ok(Math.abs(fittedTemperature(sure, [1, 0]) - 20) < 0.1);
  });

  it('is as large as the logits are', () => {
    const logits = Float64Array.from([2, 0, 1, 0, 3, 1, 1, 1, 0.5]);
    const one = fittedTemperature(logits, [0, 1, 2]);
    assert.ok(
      Math.abs(
        fittedTemperature(
          logits.map((x) => 5 * x),
          [0, 1, 2],
        ) -
          5 * one,
      ) < 0.01,
    );
  });

  it('refuses no clips', () => {
    assert.throws(() => fittedTemperature(new Float64Array(), []), {
      name: 'RangeError',
      message: /at least one clip/,
    });
  });
});
