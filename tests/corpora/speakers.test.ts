import assert from 'node:assert/strict';
import { requireSpeakers, speakersInWords, speakersOf, unknownSpeakersNote } from '../../src/corpora/speakers.js';

describe('speakers', () => {
  const clips = (...speakers: string[]) => speakers.map((speaker) => ({ speaker }));

  it('speakersOf() names each known one once, sorted', () => {
    assert.deepEqual(speakersOf(clips('ben', '', 'ann', 'ben')), ['ann', 'ben']);
  });

  it('speakersInWords() counts the known ones, and says that others are unknown', () => {
    assert.equal(speakersInWords(clips('ann', 'ben', 'ann')), '2 speakers');
    assert.equal(speakersInWords(clips('ann', '')), '1 speaker and unknown ones');
    assert.equal(speakersInWords(clips('', '')), 'unknown speakers');
  });

  it('unknownSpeakersNote() says what cannot be measured, and nothing where all are known', () => {
    assert.equal(unknownSpeakersNote(clips('ann')), undefined);
    assert.match(
      unknownSpeakersNote(clips('ann', ''))!,
      /^The speakers of 1 clip are not known: .*cannot be measured\.$/,
    );
    assert.match(unknownSpeakersNote(clips('', ''))!, /^The speakers are not known: /);
  });

  it('requireSpeakers() names the action, the number and the ways out', () => {
    requireSpeakers(clips('ann', 'ben'), 'split by speaker');
    assert.throws(() => requireSpeakers(clips('ann', ''), 'split by speaker'), {
      name: 'InputError',
      message: /^Cannot split by speaker: the speakers of 1 of 2 clips are not known, .*CSV manifest.*protocol random/,
    });
    assert.throws(() => requireSpeakers(clips('', ''), 'leave speakers out'), {
      message: /^Cannot leave speakers out: the speakers of all 2 clips are not known/,
    });
  });
});
