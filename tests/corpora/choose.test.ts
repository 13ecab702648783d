import assert from 'node:assert/strict';
import { join } from 'node:path';
import { chooseEmotions } from '../../src/corpora/choose.js';
import type { Clip } from '../../src/corpora/clip.js';
import { loadCorpus } from '../../src/corpora/corpora.js';

describe('chooseEmotions()', () => {
  const clips = ['anger', 'calm', 'neutral', 'sadness', 'contempt'].map(
    (emotion): Clip => ({
      path: `${emotion}.wav`,
      corpus: 'c',
      speaker: 's',
      emotion,
      label: `own ${emotion}`,
      text: 't',
    }),
  );
  const emotionsOf = (chosen: readonly Clip[]) => chosen.map(({ emotion }) => emotion);

  it('keeps all as they are unless something is chosen', () => {
    assert.equal(chooseEmotions(clips, {}), clips);
  });

  it('keeps the chosen ones, by whatever name', () => {
    assert.deepEqual(emotionsOf(chooseEmotions(clips, { emotions: ['SAD', 'angry'] })), ['anger', 'sadness']);
  });

  it('merges, keeps the labels, and chooses among what is merged', () => {
    const map = { calm: 'neutral', contempt: 'Cold Feelings' };
    const merged = chooseEmotions(clips, { map });
    assert.deepEqual(emotionsOf(merged), ['anger', 'neutral', 'neutral', 'sadness', 'cold feelings']);
    assert.deepEqual(merged[1], { ...clips[1], emotion: 'neutral' });
    assert.deepEqual(emotionsOf(chooseEmotions(clips, { map, emotions: ['neutral', 'cold_feelings'] })), [
      ...['neutral', 'neutral', 'cold feelings'],
    ]);
  });

  it('does not merge any further what was merged', () => {
    const map = { calm: 'neutral', neutral: 'sadness' };
    assert.deepEqual(emotionsOf(chooseEmotions(clips, { map })).slice(1, 4), ['neutral', 'sadness', 'sadness']);
  });

  it('refuses an emotion that no clip has', () => {
    assert.throws(() => chooseEmotions(clips, { emotions: ['anger', 'sadnes', 'joy'] }), {
      name: 'UsageError',
      message: 'Cannot choose the emotion happiness: no clip has it; there are anger, calm, contempt, neutral, sadness',
    });
    assert.throws(() => chooseEmotions(clips, { map: { calmm: 'neutral' } }), {
      name: 'UsageError',
      message: /^Cannot merge the emotion calmm \(did you mean calm\?\): no clip has it/,
    });
    assert.throws(() => chooseEmotions(clips, { map: { calm: 'neutral' }, emotions: ['calm', 'anger'] }), {
      message: /^Cannot choose the emotion calm: no clip has it; there are anger, contempt, neutral, sadness$/,
    });
  });

  it('is what loadCorpus() does', async () => {
    const corpus = await loadCorpus(join(__dirname, '../../data/emodb'), {
      emotions: ['anger', 'neutral'],
      map: { boredom: 'neutral' },
    });
    const count = (wanted: string) => emotionsOf(corpus.clips).filter((emotion) => emotion === wanted).length;
    // The numbers of EMO-DB's documentation: 127 of anger, 81 of boredom, 79 neutral.
    assert.deepEqual([corpus.clips.length, count('anger'), count('neutral')], [127 + 81 + 79, 127, 81 + 79]);
  });
});
