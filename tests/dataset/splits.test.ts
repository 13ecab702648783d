import assert from 'node:assert/strict';
import { seededRandom, shuffled } from '../../src/common/random.js';
import type { Clip } from '../../src/corpora/clip.js';
import { assertNoLeak, PROTOCOLS, type Split, SUBSETS, splitClips, splitOf } from '../../src/dataset/splits.js';

const EMOTIONS = ['anger', 'fear', 'neutral'];

/** Every speaker says every text in every emotion. */
function corpus(speakers: number, texts: number, emotions = EMOTIONS): Clip[] {
  const clips: Clip[] = [];
  for (let s = 0; s < speakers; s++)
    for (let t = 0; t < texts; t++)
      for (const emotion of emotions)
        clips.push({
          path: `s${s}/t${t}-${emotion}.wav`,
          corpus: 'test',
          speaker: `s${s}`,
          text: `t${t}`,
          emotion,
          label: emotion,
        });
  return clips;
}

const valuesOf = (clips: readonly Clip[], indices: readonly number[], key: 'speaker' | 'text' | 'path') =>
  new Set(indices.map((i) => clips[i][key]));
const shared = (a: Set<string>, b: Set<string>) => [...a].filter((x) => b.has(x));

describe('splits', () => {
  const clips = corpus(10, 10);

  for (const protocol of PROTOCOLS)
    describe(`splitClips() with ${protocol}`, () => {
      const split = splitClips(clips, { protocol, seed: 1 });

      it('uses every clip', () => {
        const used = new Set(SUBSETS.flatMap((set) => [...split[set]]));
        assert.equal(used.size, clips.length);
      });

      it('puts a fifth into the test set', () => assert.equal(split.test.length, 60));

      it('is the same when clips are listed in another order', () => {
        const other = shuffled(clips, seededRandom(5));
        const again = splitClips(other, { protocol, seed: 1 });
        for (const set of SUBSETS)
          assert.deepEqual(valuesOf(other, again[set], 'path'), valuesOf(clips, split[set], 'path'));
      });

      it('is another one with another seed', () => {
        assert.notDeepEqual(splitClips(clips, { protocol, seed: 2 }).test, split.test);
      });

      it('says whether it is optimistic', () => {
        assert.equal(split.optimistic, protocol === 'random' || protocol === 'original');
      });
    });

  it('splitClips() by speaker has no speaker on two sides, in validation neither', () => {
    const split = splitClips(clips, { protocol: 'speaker' });
    const [train, validation, test] = SUBSETS.map((set) => valuesOf(clips, split[set], 'speaker'));
    assert.deepEqual([train.size, validation.size, test.size], [6, 2, 2]);
    assert.deepEqual([...shared(train, test), ...shared(train, validation), ...shared(validation, test)], []);
  });

  it('splitClips() by text has no text on two sides', () => {
    const split = splitClips(clips, { protocol: 'text' });
    const [train, validation, test] = SUBSETS.map((set) => valuesOf(clips, split[set], 'text'));
    assert.deepEqual([...shared(train, test), ...shared(train, validation), ...shared(validation, test)], []);
    assert.equal(test.size, 2);
  });

  it('splitClips() at random has every class in every set by its share', () => {
    const uneven = clips.filter((clip, i) => clip.emotion !== 'fear' || i % 2 === 0);
    const split = splitClips(uneven, { protocol: 'random' });
    for (const emotion of EMOTIONS) {
      const total = uneven.filter((clip) => clip.emotion === emotion).length;
      const tested = split.test.filter((i) => uneven[i].emotion === emotion).length;
      assert.equal(tested, Math.round(total * 0.2), emotion);
    }
  });

  it("splitClips() the original's way validates with the test set", () => {
    const split = splitClips(clips, { protocol: 'original' });
    assert.deepEqual(split.validation, split.test);
    assert.equal(split.validationBy, 'test set');
  });

  it('splitClips() with two speakers validates with texts of the training speaker', () => {
    const two = corpus(2, 20);
    const split = splitClips(two, { protocol: 'speaker', testSpeakers: ['s1'] });
    assert.deepEqual([...valuesOf(two, split.test, 'speaker')], ['s1']);
    assert.equal(split.validationBy, 'text');
    assert.deepEqual(shared(valuesOf(two, split.train, 'text'), valuesOf(two, split.validation, 'text')), []);
    assert.deepEqual([split.train.length, split.validation.length, split.test.length], [48, 12, 60]);
  });

  it('splitClips() takes the shares it is given', () => {
    const split = splitClips(clips, { protocol: 'text', testShare: 0.5, validationShare: 0.4 });
    assert.deepEqual([split.train.length, split.validation.length, split.test.length], [90, 60, 150]);
  });

  it('splitClips() tests with the texts that it is given', () => {
    const split = splitClips(clips, { protocol: 'text', testTexts: ['t0', 't3'] });
    assert.deepEqual([...valuesOf(clips, split.test, 'text')].sort(), ['t0', 't3']);
    assert.deepEqual(shared(valuesOf(clips, split.train, 'text'), valuesOf(clips, split.validation, 'text')), []);
  });

  it('splitClips() leaves a speaker to learn from, however large the share of the others', () => {
    const three = corpus(3, 10);
    const split = splitClips(three, { protocol: 'speaker', testShare: 0.99 });
    assert.equal(valuesOf(three, split.test, 'speaker').size, 2);
    assert.equal(valuesOf(three, split.train, 'speaker').size, 1);
  });

  const refused: [name: string, make: () => Split, error: { name: string; message: RegExp }][] = [
    ['no clips', () => splitClips([]), { name: 'InputError', message: /there is none/ }],
    ['one class only', () => splitClips(corpus(3, 3, ['anger'])), { name: 'InputError', message: /only anger/ }],
    [
      'one speaker with speaker',
      () => splitClips(corpus(1, 9)),
      {
        name: 'InputError',
        message:
          /by speaker: every set needs a speaker of its own, and only s0 is left to divide; use another `protocol` \(text or random\)$/,
      },
    ],
    [
      'one text with text',
      () => splitClips(corpus(4, 1), { protocol: 'text' }),
      { name: 'InputError', message: /by text/ },
    ],
    [
      'a class with too few clips',
      () => splitClips([...clips, { ...clips[0], path: 'x.wav', emotion: 'calm' }], { protocol: 'random' }),
      { name: 'InputError', message: /class calm has too few clips/ },
    ],
    [
      'a class that is left for testing only',
      () =>
        splitClips([...clips, { ...clips[0], path: 'x.wav', emotion: 'calm' }], {
          protocol: 'speaker',
          testSpeakers: ['s0'],
        }),
      { name: 'InputError', message: /no clip of calm is left for training/ },
    ],
    [
      'no speaker left for training',
      () => splitClips(corpus(2, 3), { protocol: 'speaker', testSpeakers: ['s0', 's1'] }),
      { name: 'InputError', message: /none/ },
    ],
    [
      'an unknown test speaker',
      () => splitClips(corpus(2, 3), { protocol: 'speaker', testSpeakers: ['anna'] }),
      { name: 'UsageError', message: /speaker anna: the corpus has s0, s1/ },
    ],
    [
      'test speakers with another protocol',
      () => splitClips(clips, { protocol: 'text', testSpeakers: ['s0'] }),
      { name: 'UsageError', message: /must be speaker, current value is text/ },
    ],
    [
      'an unknown test text',
      () => splitClips(clips, { protocol: 'text', testTexts: ['anna'] }),
      { name: 'UsageError', message: /text anna: the corpus has t0, / },
    ],
    [
      'test texts with another protocol',
      () => splitClips(clips, { protocol: 'speaker', testTexts: ['t0'] }),
      { name: 'UsageError', message: /chosen texts: the protocol must be text, current value is speaker/ },
    ],
    ['a share of 1', () => splitClips(clips, { testShare: 1 }), { name: 'RangeError', message: /testShare.*is 1/ }],
  ];
  for (const [name, make, error] of refused) it(`splitClips() refuses ${name}`, () => assert.throws(make, error));

  for (const [protocol, validationBy] of [
    ['speaker', 'speaker'],
    ['text', 'text'],
  ] as const)
    for (const [from, to] of [
      ['train', 'test'],
      ['train', 'validation'],
      ['validation', 'test'],
    ] as const)
      it(`assertNoLeak() notices a clip and a ${protocol} on two sides: ${from} and ${to}`, () => {
        const split = splitClips(clips, { protocol });
        assertNoLeak(clips, split);
        const [first, ...rest] = split[from];
        const onBoth = { ...split, [to]: [...split[to], first] };
        assert.throws(() => assertNoLeak(clips, onBoth), {
          name: 'Error',
          message: `The split leaks: clip ${clips[first].path} is on two sides`,
        });
        const what = clips[first][validationBy];
        assert.throws(() => assertNoLeak(clips, { ...onBoth, [from]: rest }), {
          name: 'Error',
          message: `The split leaks: ${protocol} ${what} is on two sides`,
        });
      });

  it('assertNoLeak() lets the original validate with its test set alone', () => {
    const split = splitClips(clips, { protocol: 'original' });
    assertNoLeak(clips, split);
    assert.throws(() => assertNoLeak(clips, { ...split, protocol: 'random' }), { message: /clip .* two sides/ });
  });

  for (const protocol of PROTOCOLS)
    it(`splitOf() gives a split of ${protocol} again from the set of each clip`, () => {
      const split = splitClips(clips, { protocol, seed: 3 });
      const sets = clips.map((_, i) => SUBSETS.findLast((set) => split[set].includes(i)));
      assert.deepEqual(splitOf(clips, sets, { protocol, seed: 3 }), split);
    });

  it('splitOf() tells by what validation was taken where one training speaker is left', () => {
    const two = corpus(2, 10);
    const split = splitClips(two, { protocol: 'speaker', seed: 3 });
    const sets = two.map((_, i) => SUBSETS.find((set) => split[set].includes(i)));
    assert.equal(splitOf(two, sets, { protocol: 'speaker', seed: 3 }).validationBy, 'text');
  });

  it('splitOf() takes validation for one by text as soon as one of its speakers is learnt from', () => {
    const sets = clips.map(({ speaker, text }) => {
      if (speaker === 's9') return 'test';
      return speaker === 's8' || text === 't9' ? 'validation' : 'train';
    });
    // Of speaker s8, who is in no other set, there is a text that is learnt; of the others there is none.
    const fitting = sets.map((set, i) => (clips[i].speaker === 's8' && clips[i].text !== 't9' ? undefined : set));
    assert.equal(splitOf(clips, fitting, { protocol: 'speaker', seed: 1 }).validationBy, 'text');
    assert.throws(() => splitOf(clips, sets, { protocol: 'speaker', seed: 1 }), {
      name: 'InputError',
      message: /^Cannot split by speaker as given: The split leaks: text t\d is on two sides$/,
    });
  });

  it('splitOf() refuses sets that do not keep what the protocol promises, or are empty', () => {
    const sets = clips.map((_, i) => SUBSETS[i % 3]);
    for (const [protocol, what] of [
      ['speaker', 'speaker s'],
      ['text', 'text t'],
    ] as const)
      assert.throws(() => splitOf(clips, sets, { protocol, seed: 1 }), {
        name: 'InputError',
        message: new RegExp(`Cannot split by ${protocol} as given: The split leaks: ${what}`),
      });
    const untested = clips.map((_, i) => (i % 2 ? 'train' : 'validation'));
    assert.throws(() => splitOf(clips, untested as ('train' | 'validation')[], { protocol: 'random', seed: 1 }), {
      name: 'InputError',
      message: /the test set is empty/,
    });
  });
});
