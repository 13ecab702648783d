import assert from 'node:assert/strict';
import { absentInWords } from '../../src/dataset/absent.js';
import type { Split } from '../../src/dataset/splits.js';

describe('absentInWords()', () => {
  const clips = ['anger', 'fear', 'neutral', 'anger', 'fear', 'neutral'].map((emotion) => ({ emotion }));
  const split = (validation: number[], test: number[]): Split => ({
    ...{ protocol: 'speaker', seed: 1, validationBy: 'speaker', optimistic: false },
    ...{ train: [0, 1, 2], validation, test },
  });

  it('says nothing where every emotion is in both sets', () => {
    assert.deepEqual(absentInWords(clips, split([0, 1, 2], [3, 4, 5])), []);
  });

  it('names what is missing from each set, and what follows', () => {
    assert.deepEqual(absentInWords(clips, split([3], [4, 5])), [
      'Not in the validation set, so that training is steered without them: fear, neutral.',
      'Not in the test set, so that nothing is measured of them: anger.',
    ]);
  });
});
