import assert from 'node:assert/strict';
import type { Collection } from '../../src/dataset/dataset.js';
import { dependentClips, normalisationLeaks } from '../../src/dataset/leaks.js';
import { splitClips } from '../../src/dataset/splits.js';
import { clipStatistics } from '../../src/features/normalise.js';

const SHAPE = { bands: 3, frames: 4 };
const labels = ['anger', 'fear'];

/** Five speakers with four clips each. */
function collection(shape = SHAPE): Collection {
  const clips = Array.from({ length: 20 }, (_, i) => ({
    path: `${String(i).padStart(2, '0')}.wav`,
    corpus: 'test',
    speaker: `s${Math.floor(i / 4)}`,
    text: `t${i % 4}`,
    emotion: labels[i % 2],
    label: labels[i % 2],
  }));
  const features = clips.map((_, i) => {
    const values = Float32Array.from({ length: shape.bands * shape.frames }, (_, k) => Math.sin(5 * i + k) * 10 - 20);
    const matrix = { ...shape, values };
    return { matrix, statistics: clipStatistics(matrix), sampleRateHz: 16000, durationSeconds: 1 };
  });
  return { clips, features, skipped: [] };
}

describe('dependentClips()', () => {
  const all = collection();
  const train = [0, 1, 2, 3, 4, 5, 6, 7];
  const dependent = (normalisation: 'clip' | 'train' | 'speaker', changed: number[]) =>
    dependentClips(all, { normalisation, frames: 4, labels, train }, { changed });

  it('finds none where each clip has its own statistics', () => {
    assert.deepEqual(dependent('clip', [0, 19]), []);
  });

  it('finds all others where a training clip counts for everybody, and none of a test clip', () => {
    assert.deepEqual(
      dependent('train', [0]),
      Array.from({ length: 19 }, (_, i) => i + 1),
    );
    assert.deepEqual(dependent('train', [19]), []);
  });

  it('finds those of the same speaker where speakers have statistics', () => {
    assert.deepEqual(dependent('speaker', [9]), [8, 10, 11]);
  });

  it('finds clips of which a single number changes', () => {
    const single = collection({ bands: 1, frames: 1 });
    const options = { normalisation: 'speaker', frames: 1, labels, train } as const;
    assert.deepEqual(dependentClips(single, options, { changed: [9] }), [8, 10, 11]);
  });

  it('makes clips louder by as much as is asked for: by nothing, nothing changes', () => {
    const options = { normalisation: 'speaker', frames: 4, labels, train } as const;
    assert.deepEqual(dependentClips(all, options, { changed: [9], decibels: 0 }), []);
  });

  it('leaves the collection as it was', () => {
    dependent('speaker', [9]);
    assert.deepEqual(all, collection());
  });
});

describe('normalisationLeaks()', () => {
  it('counts what reaches training and the rest of the test set, by normalisation', () => {
    const all = collection();
    const rows = normalisationLeaks(all, splitClips(all.clips, { protocol: 'speaker' }), { frames: 4, labels });
    assert.deepEqual(
      rows.map(({ normalisation, trainingClips, otherTestClips }) => [normalisation, trainingClips, otherTestClips]),
      [
        ['clip', 0, 0],
        ['bands', 0, 0],
        ['train', 0, 0],
        ['speaker', 0, 2],
        ['all clips', 12, 2],
      ],
    );
    assert.ok(rows.every(({ protocol }) => protocol === 'speaker'));
  });

  it('makes the first clip of the test set louder and then every second one', () => {
    const all = collection();
    const split = { ...splitClips(all.clips, { protocol: 'speaker', testSpeakers: ['s0'] }), test: [0, 1, 2] };
    const rows = normalisationLeaks(all, split, { frames: 4, labels });
    // Clips 0 and 2 are louder: clip 1 is the other one of the test set.
    assert.equal(rows.find(({ normalisation }) => normalisation === 'speaker')!.otherTestClips, 1);
  });

  it('finds speakers on both sides', () => {
    const all = collection();
    const rows = normalisationLeaks(all, splitClips(all.clips, { protocol: 'random' }), { frames: 4, labels });
    assert.ok(rows.find(({ normalisation }) => normalisation === 'speaker')!.trainingClips > 0);
  });
});
