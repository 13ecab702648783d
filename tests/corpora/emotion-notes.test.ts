import assert from 'node:assert/strict';
import { emotionNotes, unknownEmotions } from '../../src/corpora/emotion-notes.js';

describe('emotion notes', () => {
  const clips = (emotion: string, count: number, label = emotion) =>
    Array.from({ length: count }, () => ({ emotion, label }));

  it('unknownEmotions() counts names that are not in the vocabulary, and says which may be meant', () => {
    const found = unknownEmotions([...clips('pride', 12, 'Pride'), ...clips('anger', 5, 'ang'), ...clips('angger', 1)]);
    assert.deepEqual(found, [
      { emotion: 'angger', clips: 1, inWords: 'angger (1 clip) (did you mean anger?)' },
      { emotion: 'pride', clips: 12, inWords: 'pride (12 clips)' },
    ]);
  });

  it('unknownEmotions() leaves out the names that emotions were merged under', () => {
    assert.deepEqual(unknownEmotions(clips('positive', 9, 'happy')), []);
  });

  it('emotionNotes() says nothing of known emotions with clips enough', () => {
    assert.deepEqual(emotionNotes([...clips('anger', 5), ...clips('fear', 5, 'A')]), []);
  });

  it('emotionNotes() names unknown and rare emotions, and what to do', () => {
    assert.deepEqual(emotionNotes([...clips('anger', 5), ...clips('fear', 4), ...clips('pride', 6)]), [
      'Not in the shared vocabulary, and so emotions of their own: pride (6 clips).',
      'Fewer than 5 clips, too few to learn from or to measure by: fear (4).',
      'Emotions can be chosen and merged (`emotions`, `map`).',
    ]);
  });
});
