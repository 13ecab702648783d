import assert from 'node:assert/strict';
import type { Clip } from '../../src/corpora/clip.js';
import { clipPerEmotion, speakerPair } from '../../src/corpora/examples.js';

const clip = (speaker: string, text: string, emotion: string, sex?: Clip['sex']): Clip => ({
  path: `${speaker}-${text}-${emotion}`,
  corpus: 'test',
  speaker,
  text,
  emotion,
  label: emotion,
  sex,
});
const paths = (clips: readonly Clip[]) => clips.map(({ path }) => path);

describe('clipPerEmotion()', () => {
  it('takes the speaker and the text with the most emotions, then the speaker, then anybody', () => {
    const clips = [
      clip('a', '1', 'sadness'),
      clip('b', '1', 'neutral'),
      clip('b', '2', 'anger'),
      clip('b', '3', 'anger'),
      clip('b', '3', 'neutral'),
      clip('b', '4', 'fear'),
    ];
    assert.deepEqual(paths(clipPerEmotion(clips)), ['b-3-anger', 'b-4-fear', 'b-3-neutral', 'a-1-sadness']);
  });

  it('is empty for no clips', () => {
    assert.deepEqual(clipPerEmotion([]), []);
  });
});

describe('speakerPair()', () => {
  it('prefers the same text, then the same emotion, then another sex', () => {
    const first = [clip('a', '1', 'fear', 'male'), clip('a', '2', 'anger', 'male')];
    const others = [
      clip('b', '3', 'fear', 'female'),
      clip('b', '1', 'sadness', 'male'),
      clip('b', '2', 'anger', 'male'),
      clip('c', '2', 'anger', 'female'),
    ];
    const found = (count: number) => paths(speakerPair([...first, ...others.slice(0, count)]));
    assert.deepEqual(found(1), ['a-1-fear', 'b-3-fear']);
    assert.deepEqual(found(2), ['a-1-fear', 'b-1-sadness']);
    assert.deepEqual(found(3), ['a-2-anger', 'b-2-anger']);
    assert.deepEqual(found(4), ['a-2-anger', 'c-2-anger']);
  });

  it('refuses fewer than two speakers', () => {
    for (const [clips, count] of [
      [[], 0],
      [[clip('a', '1', 'fear'), clip('a', '1', 'anger')], 1],
    ] as const)
      assert.throws(() => speakerPair(clips), {
        name: 'InputError',
        message: `Cannot compare speakers: there must be at least 2, current number is ${count}`,
      });
  });
});
