import assert from 'node:assert/strict';
import { joinRecordings } from '../../src/audio/join.js';

const sound = (samples: number[], sampleRateHz = 8000) => ({ samples: Float32Array.from(samples), sampleRateHz });

describe('joinRecordings()', () => {
  it('puts one after the other, and tells where each is', () => {
    const joined = joinRecordings([sound([1, 2, 3, 4]), sound([5, 6])]);
    assert.deepEqual([...joined.samples], [1, 2, 3, 4, 5, 6]);
    assert.equal(joined.sampleRateHz, 8000);
    assert.deepEqual(joined.stretches, [
      { startSeconds: 0, endSeconds: 0.0005 },
      { startSeconds: 0.0005, endSeconds: 0.00075 },
    ]);
  });

  it('brings all to one rate, the first one or the one given', () => {
    const second = () => sound(new Array(16_000).fill(0.5), 16_000);
    const joined = joinRecordings([sound(new Array(8000).fill(0.5)), second()]);
    assert.equal(joined.samples.length, 16_000);
    assert.deepEqual(joined.stretches[1], { startSeconds: 1, endSeconds: 2 });
    assert.equal(joinRecordings([second()], 4000).samples.length, 4000);
  });

  it('does not change what it was given', () => {
    const first = sound([1, 2]);
    joinRecordings([first]).samples.fill(0);
    assert.deepEqual([...first.samples], [1, 2]);
  });

  it('refuses no recordings', () => {
    assert.throws(() => joinRecordings([]), {
      name: 'RangeError',
      message: 'Cannot join recordings: there must be at least one, current number is 0',
    });
  });
});
