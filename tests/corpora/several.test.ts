import assert from 'node:assert/strict';
import { join } from 'node:path';
import { loadCorpus, readersOf, titleOf } from '../../src/corpora/corpora.js';
import { formatInspection, inspectCorpus } from '../../src/corpora/inspect.js';
import { leftOutInWords, leftOutOf } from '../../src/corpora/left-out.js';
import { corporaOf, mixtureNote } from '../../src/corpora/mixture.js';
import { SUBSETS, splitClips } from '../../src/dataset/splits.js';
import { temporaryFolder, touch } from './folder.js';

const two = (value: number) => String(value).padStart(2, '0');
const upTo = (last: number) => Array.from({ length: last }, (_, i) => i + 1);

/** All files of RAVDESS's speech, as its page describes them: neutral speech has no strong intensity. */
const RAVDESS = upTo(24).flatMap((actor) =>
  upTo(8).flatMap((emotion) =>
    (emotion === 1 ? [1] : [1, 2]).flatMap((intensity) =>
      [1, 2].flatMap((statement) =>
        [1, 2].map(
          (repetition) =>
            `Actor_${two(actor)}/03-01-${[emotion, intensity, statement, repetition, actor].map(two).join('-')}.wav`,
        ),
      ),
    ),
  ),
);

/** All files of SAVEE: 15 sentences of each emotion and speaker, 30 neutral ones. */
const SAVEE = ['DC', 'JE', 'JK', 'KL'].flatMap((speaker) =>
  ['a', 'd', 'f', 'h', 'n', 'sa', 'su'].flatMap((code) =>
    upTo(code === 'n' ? 30 : 15).map((number) => `${speaker}_${code}${two(number)}.wav`),
  ),
);

/** Ten words of TESS, which are others than it has, by two actresses in seven emotions. */
const TESS = ['OAF', 'YAF'].flatMap((speaker) =>
  ['angry', 'disgust', 'Fear', 'happy', 'neutral', 'ps', 'sad'].flatMap((emotion) =>
    upTo(10).map((word) => `${speaker}_${emotion}/${speaker}_${'o'.repeat(word)}_${emotion.toLowerCase()}.wav`),
  ),
);

/** What one of the actors of CREMA-D says in six emotions. */
const CREMAD = [1001, 1002, 1003].flatMap((actor) =>
  ['ANG', 'DIS', 'FEA', 'HAP', 'NEU', 'SAD'].map((code) => `${actor}_DFA_${code}_XX.wav`),
);

/** A folder as Kaggle's, with a part of each corpus. */
const MIXED = [
  ...CREMAD.map((name) => `Crema/${name}`),
  ...RAVDESS.slice(0, 120).map((path) => `Ravdess/audio_speech_actors_01-24/${path}`),
  ...SAVEE.map((name) => `Savee/${name}`),
  ...TESS.map((path) => `Tess/${path}`),
];

describe('a folder of several corpora', () => {
  const folder = temporaryFolder();

  it('is read as all of them, each to its published number of clips', async function () {
    this.timeout(60_000);
    touch(folder(), ...RAVDESS, ...SAVEE, ...TESS);
    const { name, clips, misnamed, repeated, publishedClips } = await loadCorpus(folder());
    assert.deepEqual([name, clips.length, misnamed, repeated], ['ravdess + savee + tess', 1440 + 480 + 140, [], []]);
    assert.equal(publishedClips, 1440 + 480 + 2800);
    const counts = (['ravdess', 'savee', 'tess'] as const).map(
      (corpus) => clips.filter((clip) => clip.corpus === corpus).length,
    );
    assert.deepEqual(counts, [1440, 480, 140]);
    assert.equal(new Set(clips.map(({ speaker }) => speaker)).size, 24 + 4 + 2);
  });

  it('has emotions on common names, and speakers and texts named after their corpora', async () => {
    touch(folder(), ...MIXED);
    const { clips } = await loadCorpus(folder());
    const emotions = new Set(clips.map(({ emotion }) => emotion));
    assert.deepEqual([...emotions].sort(), [
      'anger',
      'calm',
      'disgust',
      'fear',
      'happiness',
      'neutral',
      'sadness',
      'surprise',
    ]);
    assert.ok(
      clips.every(({ corpus, speaker, text }) => speaker.startsWith(`${corpus}/`) && text.startsWith(`${corpus}/`)),
    );
    const one = clips.find(({ path }) => path.endsWith('1001_DFA_ANG_XX.wav'));
    assert.deepEqual(
      [one?.corpus, one?.speaker, one?.text, one?.label],
      ['cremad', 'cremad/1001', 'cremad/DFA', 'ANG'],
    );
  });

  it('never has one speaker on two sides', async () => {
    touch(folder(), ...MIXED);
    const { clips } = await loadCorpus(folder());
    for (const seed of [1, 2, 3]) {
      const split = splitClips(clips, { seed });
      const sides = SUBSETS.map((set) => new Set(split[set].map((i) => clips[i].speaker)));
      const all = new Set(sides.flatMap((side) => [...side]));
      assert.equal(
        sides.reduce((sum, { size }) => sum + size, 0),
        all.size,
      );
    }
  });

  it('says which recordings follow no naming, and what to do', async () => {
    touch(folder(), ...MIXED, 'Crema/1001_XXX_ANG_XX.wav', 'notes.m4a', 'readme.txt');
    const corpus = await loadCorpus(folder());
    assert.deepEqual(corpus.misnamed, [join(folder(), 'Crema/1001_XXX_ANG_XX.wav'), join(folder(), 'notes.m4a')]);
    const [words, ...more] = leftOutInWords(corpus);
    assert.deepEqual(more, []);
    assert.match(
      words,
      /^Left out: 2 recordings\n {2}2 files: does not follow the naming of cremad \+ ravdess \+ savee/,
    );
    assert.match(words, /1001_XXX_ANG_XX\.wav\n.*notes\.m4a\n {2}To use them, rename them, .*CSV manifest/);
  });

  it('is one corpus alone where it is named; what is of others is not missed', async () => {
    touch(folder(), ...MIXED, 'noise.wav');
    const corpus = await loadCorpus(folder(), { corpus: 'savee' });
    assert.deepEqual([corpus.name, corpus.clips.length, corpus.publishedClips], ['savee', 480, 480]);
    assert.ok(corpus.clips.every(({ speaker }) => /^[DJK][CEKL]$/.test(speaker)));
    assert.deepEqual(corpus.misnamed, [join(folder(), 'noise.wav')]);
    const reasons = new Set(leftOutOf(corpus).map(({ reason }) => reason));
    assert.ok(reasons.has('a recording of tess, when savee was asked for'));
    assert.equal(leftOutOf(corpus).length, MIXED.length - 480 + 1);
  });

  it('counts a copy of an utterance once, also the sound of a RAVDESS video and renamed files, and no video without sound', async () => {
    const name = '01-05-01-02-01-12';
    touch(folder(), `a/03-${name}.wav`, `b/01-${name}.mp4`, `b/02-${name}.mp4`, `c/03-${name}_angry.wav`);
    const corpus = await loadCorpus(folder());
    assert.deepEqual(
      [corpus.clips.map(({ path }) => path), corpus.misnamed],
      [[join(folder(), `a/03-${name}.wav`)], []],
    );
    assert.deepEqual(
      leftOutOf(corpus).map(({ path, reason }) => [path.slice(-21), reason]),
      [
        [`/02-${name}.mp4`.slice(-21), 'a video without sound'],
        ...[`01-${name}.mp4`, `03-${name}_angry.wav`].map((path) => [
          path.slice(-21).padStart(21, '/'),
          'the same utterance as a clip that is kept',
        ]),
      ],
    );
    assert.match(leftOutInWords(corpus)[1], /^Left out: 2 copies of utterances/);
  });

  it('reads names with the emotion behind them, unless it is another one', async () => {
    touch(folder(), '03-02-02-01-02-01-01_calm.wav', '03-01-05-01-01-01-02-Angry.wav', '03-01-05-01-01-01-03_calm.wav');
    const { clips, misnamed } = await loadCorpus(folder());
    assert.deepEqual(
      clips.map(({ emotion, speaker, text }) => [emotion, speaker, text]),
      [
        ['anger', '02', '01'],
        ['calm', '01', '02 sung'],
      ],
    );
    assert.deepEqual(misnamed, [join(folder(), '03-01-05-01-01-01-03_calm.wav')]);
  });

  it('is inspected by corpus and emotion', async () => {
    touch(folder(), ...CREMAD, ...SAVEE.slice(0, 20));
    const decode = async (path: string) => ({
      samples: Float32Array.of(0.5, path.length / 1000),
      sampleRateHz: 8000,
      channels: 1,
      durationSeconds: 2 / 8000,
    });
    const inspection = await inspectCorpus(await loadCorpus(folder()), { decode });
    assert.deepEqual(inspection.corpora?.anger, { cremad: 3, savee: 15 });
    const text = formatInspection(inspection);
    assert.match(text, /^cremad \+ savee: 38 clips of 4 speakers/);
    assert.match(text, /│ emotion +│ cremad │ savee │ all │/);
    assert.match(text, /│ anger +│ +3 │ +15 │ +18 │/);
  });

  it('knows the corpora of its clips, and what mixing them means', async () => {
    touch(folder(), ...MIXED);
    const { clips } = await loadCorpus(folder());
    assert.deepEqual(corporaOf(clips), ['cremad', 'ravdess', 'savee', 'tess']);
    assert.deepEqual(
      readersOf(clips).map(({ name }) => name),
      corporaOf(clips),
    );
    assert.match(titleOf(clips) ?? '', /^Crowd-sourced .*; Ryerson .*; Surrey .*; Toronto /);
    const note = mixtureNote(clips) ?? '';
    assert.match(
      note,
      /^4 corpora together: cremad \(18 clips\), ravdess \(120 clips\), savee \(480 clips\), tess \(140/,
    );
    assert.match(note, /a figure over all of them is that of none/);
    assert.match(note, /every emotion, .*: calm \(ravdess\); surprise \(ravdess, savee, tess\)\./);
    assert.equal(mixtureNote(clips.filter(({ corpus }) => corpus === 'tess')), undefined);
    assert.equal(titleOf([{ ...clips[0], corpus: 'mine' }]), undefined);
  });
});
