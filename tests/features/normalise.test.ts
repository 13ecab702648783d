import assert from 'node:assert/strict';
import {
  bandMeans,
  bandStatistics,
  clipStatistics,
  normalisedInput,
  valuesByGroup,
} from '../../src/features/normalise.js';

const spectrogram = (rows: number[][]) => ({
  values: Float32Array.from(rows.flat()),
  bands: rows.length,
  frames: rows[0].length,
});

describe('normalise', () => {
  const clip = spectrogram([
    [1, 2, 3],
    [4, 5, 9],
  ]);

  it('clipStatistics() gives mean and population standard deviation of all values', () => {
    const { mean, std } = clipStatistics(clip);
    assert.deepEqual(mean, [4]);
    assert.ok(Math.abs(std[0] - Math.sqrt(40 / 6)) < 1e-12);
  });

  it('bandMeans() takes the mean of each band out, and leaves bels', () => {
    const statistics = bandMeans(clip);
    assert.deepEqual(statistics, { mean: [2, 6], std: [10] });
    const bels = normalisedInput(clip, statistics, { frames: 3 });
    assert.deepEqual(
      [...bels].map((value) => Math.round(value * 1e6) / 1e6),
      [-0.1, 0, 0.1, -0.2, -0.1, 0.3],
    );
  });

  it('bandStatistics() weighs every frame of every clip alike', () => {
    const { mean, std } = bandStatistics([clip, spectrogram([[6], [6]])]);
    assert.deepEqual(mean, [3, 6]);
    assert.ok(Math.abs(std[0] - Math.sqrt((4 + 1 + 0 + 9) / 4)) < 1e-12);
    assert.ok(Math.abs(std[1] - Math.sqrt((4 + 1 + 9 + 0) / 4)) < 1e-12);
  });

  it('bandStatistics() takes spectrograms one at a time, and rounds no variance below zero', () => {
    function* constant() {
      for (let i = 1; i <= 50; i++) yield spectrogram([new Array(i).fill(-80.1), new Array(i).fill(0.1)]);
    }
    const { mean, std } = bandStatistics(constant());
    assert.deepEqual(
      mean.map((value) => Math.round(value * 1e4) / 1e4),
      [-80.1, 0.1],
    );
    for (const value of std) assert.ok(value >= 0 && value < 1e-4, `${value}`);
  });

  it('bandStatistics() refuses nothing, and clips with different bands', () => {
    assert.throws(() => bandStatistics([]), {
      name: 'RangeError',
      message: 'Cannot compute statistics: there are no spectrograms',
    });
    assert.throws(() => bandStatistics([clip, spectrogram([[1]])]), {
      name: 'RangeError',
      message: 'Spectrograms differ in their number of mel bands: 2 != 1',
    });
  });

  it('normalisedInput() pads with zeros after the z-score', () => {
    const window = normalisedInput(clip, { mean: [4], std: [2] }, { frames: 4 });
    assert.deepEqual(
      [...window].map((v) => Math.round(v * 1e6) / 1e6),
      [-1.5, -1, -0.5, 0, 0, 0.5, 2.5, 0],
    );
  });

  it('normalisedInput() crops, and takes statistics by band', () => {
    const window = normalisedInput(clip, { mean: [1, 4], std: [1, 0.5] }, { frames: 2 });
    assert.deepEqual(
      [...window].map((v) => Math.round(v * 1e6) / 1e6),
      [0, 1, 0, 2],
    );
  });

  it('normalisedInput() overwrites what the target held', () => {
    const target = new Float32Array(8).fill(7);
    normalisedInput(clip, { mean: [4], std: [2] }, { frames: 4, target });
    assert.equal(target[3], 0);
    assert.equal(target[7], 0);
    assert.equal(normalisedInput(clip, { mean: [4], std: [2] }, { frames: 2, target: target.subarray(4) }).length, 4);
    assert.deepEqual(
      [...target.subarray(4)].map((v) => Math.round(v * 1e6) / 1e6),
      [-1.5, -1, 0, 0.5],
    );
  });

  it('normalisedInput() does not change the spectrogram', () => {
    const before = clip.values.slice();
    normalisedInput(clip, clipStatistics(clip), { frames: 2 }).fill(9);
    assert.deepEqual(clip.values, before);
  });

  it('normalisedInput() keeps a constant clip finite', () => {
    const flat = spectrogram([[5, 5]]);
    assert.deepEqual([...normalisedInput(flat, clipStatistics(flat), { frames: 2 })], [0, 0]);
  });

  it('valuesByGroup() joins the values of each group, in the order of the spectrograms', () => {
    const one = spectrogram([[7]]);
    assert.deepEqual(valuesByGroup([clip, one, one], ['a', 'b', 'a']), {
      a: Float32Array.of(1, 2, 3, 4, 5, 9, 7),
      b: Float32Array.of(7),
    });
    assert.throws(() => valuesByGroup([clip], []), {
      name: 'RangeError',
      message: 'Spectrograms and groups differ in length: 1 != 0',
    });
  });
});
