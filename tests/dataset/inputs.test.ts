import assert from 'node:assert/strict';
import { type Input, type InputName, INPUTS as TABLE } from '../../src/dataset/inputs.js';

/** Without what each input leaves out of the arguments. */
const INPUTS: Readonly<Record<InputName, Input>> = TABLE;

/** Two bands of three frames; less their means they are −1, 0 and 1 deviations. */
const features = { values: Float32Array.of(1, 2, 3, 10, 20, 30), bands: 2, frames: 3 };
const statistics = { mean: [2, 20], std: [1, 10] };

/** What an input writes for frames of this number, into memory that holds other numbers before. */
function written(name: InputName, frames: number, of = features): number[][] {
  const shapes = INPUTS[name].shapes({ bands: of.bands, frames });
  const into = shapes.map((shape) => new Float32Array(shape.reduce((size, length) => size * length)).fill(7));
  INPUTS[name].write(INPUTS[name].part(of), statistics, { frames, into });
  return into.map((values) => Array.from(values, (value) => Number(value.toFixed(6))));
}

describe('INPUTS', () => {
  it('picture: has the frames that are asked for, cropped or padded with zeros', () => {
    assert.deepEqual(INPUTS.picture.shapes({ bands: 2, frames: 5 }), [[2, 5]]);
    assert.equal(
      INPUTS.picture.frames(() => 9, 5),
      5,
    );
    assert.deepEqual(written('picture', 2), [[-1, 0, -1, 0]]);
    assert.deepEqual(written('picture', 4), [[-1, 0, 1, 0, -1, 0, 1, 0]]);
  });

  it('clip: has the frames of the longest clip, and a mask that tells frames from padding', () => {
    assert.deepEqual(INPUTS.clip.shapes({ bands: 2, frames: 5 }), [[2, 5], [5]]);
    assert.equal(
      INPUTS.clip.frames(() => 9, 5),
      9,
    );
    assert.deepEqual(written('clip', 3), [
      [-1, 0, 1, -1, 0, 1],
      [1, 1, 1],
    ]);
    assert.deepEqual(written('clip', 5), [
      [-1, 0, 1, 0, 0, -1, 0, 1, 0, 0],
      [1, 1, 1, 0, 0],
    ]);
  });

  it('speech: leaves out the silence at both ends', () => {
    const quiet = { values: Float32Array.of(-99, -30, 0, -99, -99, -99, -20, -10, -40, -99), bands: 2, frames: 5 };
    const statistics = INPUTS.speech.part(quiet);
    assert.deepEqual(statistics, { values: Float32Array.of(-30, 0, -20, -10), bands: 2, frames: 2 });
    assert.deepEqual(INPUTS.speech.shapes({ bands: 2, frames: 5 }), INPUTS.clip.shapes({ bands: 2, frames: 5 }));
    assert.equal(
      INPUTS.speech.frames(() => 9, 5),
      9,
    );
    assert.deepEqual(written('speech', 3, quiet), [
      [-32, -2, 0, -4, -3, 0],
      [1, 1, 0],
    ]);
  });

  it('vector: has one number for each band, whatever is asked for', () => {
    assert.deepEqual(INPUTS.vector.shapes({ bands: 2, frames: 5 }), [[2]]);
    assert.equal(
      INPUTS.vector.frames(() => 9, 5),
      1,
    );
    assert.deepEqual(written('vector', 5, { values: Float32Array.of(3, 10), bands: 2, frames: 1 }), [[1, -1]]);
  });
});
