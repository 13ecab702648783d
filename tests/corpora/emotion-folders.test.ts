import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { Clip } from '../../src/corpora/clip.js';
import { loadCorpus } from '../../src/corpora/corpora.js';
import { leftOutInWords } from '../../src/corpora/left-out.js';
import { splitClips } from '../../src/dataset/splits.js';
import { temporaryFolder, touch } from './folder.js';

const EMOTIONS = ['happy', 'Angry', 'SAD'];

/** Three recordings in each of some folders. */
const inEach = (...folders: readonly string[]) =>
  folders.flatMap((name) => [1, 2, 3].map((number) => `${name}/${number}.wav`));

const facts = (clips: readonly Clip[]) =>
  [...new Set(clips.map(({ speaker, emotion, label }) => [speaker, emotion, label].join(' ')))].sort();

describe('folders named after emotions', () => {
  const folder = temporaryFolder();
  const root = () => join(folder(), 'mine');
  const load = async (...paths: readonly string[]) => {
    touch(root(), ...paths);
    return loadCorpus(root());
  };

  it('are read as emotions of unknown speakers', async () => {
    const { name, clips, folders, misnamed, publishedClips } = await load(...inEach(...EMOTIONS));
    assert.deepEqual([name, clips.length, misnamed, publishedClips], ['mine', 9, [], undefined]);
    assert.deepEqual(facts(clips), [' anger Angry', ' happiness happy', ' sadness SAD']);
    assert.equal(new Set(clips.map(({ text }) => text)).size, 9);
    assert.equal(
      folders,
      'Read as a folder for each emotion (emotion/recording): Angry = anger (3), happy = happiness (3), SAD = sadness (3); no folder names the speakers',
    );
  });

  it('are divided at random only where that is asked for', async () => {
    const { clips } = await load(...inEach(...EMOTIONS));
    assert.throws(() => splitClips(clips), {
      name: 'InputError',
      message: /^Cannot split by speaker: the speakers of all 9 clips are not known, .*protocol random/,
    });
    assert.throws(() => splitClips(clips, { protocol: 'text' }), {
      name: 'InputError',
      message: /^Cannot split by text: neither the speakers nor the texts are known, .*protocol random/,
    });
    assert.equal(splitClips(clips, { protocol: 'random' }).optimistic, true);
  });

  for (const [layout, path] of [
    ['speaker/emotion', (speaker: string, emotion: string) => `${speaker}/${emotion}`],
    ['emotion/speaker', (speaker: string, emotion: string) => `${emotion}/${speaker}`],
  ] as const)
    it(`are read with the speakers around or in them: ${layout}`, async () => {
      const { clips, folders } = await load(
        ...inEach(...['anna', 'ben'].flatMap((speaker) => EMOTIONS.map((emotion) => path(speaker, emotion)))),
      );
      assert.deepEqual(facts(clips), [
        ...['anger Angry', 'happiness happy', 'sadness SAD'].map((rest) => `anna ${rest}`),
        ...['anger Angry', 'happiness happy', 'sadness SAD'].map((rest) => `ben ${rest}`),
      ]);
      assert.ok(folders?.includes(`(${layout}/recording)`) && folders.endsWith('; 2 speakers: anna, ben'), folders);
      splitClips(clips);
    });

  it('do not take sets, a folder around all, or the sex for speakers', async () => {
    const sets = await load(...inEach('wav/train/happy', 'wav/train/sad', 'wav/Test/happy', 'wav/Test/sad'));
    assert.equal(sets.clips.length, 12);
    assert.deepEqual(facts(sets.clips), [' happiness happy', ' sadness sad']);
    assert.match(sets.folders ?? '', /; no folder names the speakers; Test and train are not kept apart/);
    touch(folder(), ...inEach('women/happy', 'women/sad', 'men/happy', 'men/sad').map((path) => `sexes/${path}`));
    const { clips, folders } = await loadCorpus(join(folder(), 'sexes'));
    assert.deepEqual([...new Set(clips.map(({ speaker, sex }) => `${speaker} ${sex}`))].sort(), [' female', ' male']);
    assert.match(folders ?? '', /men and women name the sex of the speakers, who are unknown$/);
  });

  it('leave speakers unknown where folders do not tell them apart from other things', async () => {
    const deep = await load(...inEach('anna/day1/happy', 'anna/day2/sad', 'ben/day1/sad', 'ben/day2/happy'));
    assert.ok(deep.clips.every(({ speaker }) => speaker === ''));
    assert.match(deep.folders ?? '', /which of the other folders name speakers cannot be told/);
    touch(folder(), ...inEach('happy/part1', 'happy/part2', 'sad/part3', 'sad/part4').map((path) => `parts/${path}`));
    const parts = await loadCorpus(join(folder(), 'parts'));
    assert.ok(parts.clips.every(({ speaker }) => speaker === ''));
    assert.match(parts.folders ?? '', /\(part1, part2, part3, part4\) hold a single emotion, .*who are unknown$/);
    touch(folder(), ...inEach('happy', 'happy/anna', 'sad', 'sad/anna').map((path) => `some/${path}`));
    const some = await loadCorpus(join(folder(), 'some'));
    assert.deepEqual([some.clips.length, some.clips.filter(({ speaker }) => speaker !== '').length], [12, 0]);
  });

  it('take emotions of other names as a manifest does, and leave out what has none', async () => {
    const corpus = await load(...inEach('angry', 'happy', 'sad', 'contempt', 'unknown'), 'loose.wav');
    assert.deepEqual(facts(corpus.clips), [
      ...[' anger angry', ' contempt contempt', ' happiness happy', ' sadness sad'],
    ]);
    assert.match(corpus.folders ?? '', /, contempt \(3\), happy = happiness \(3\)/);
    assert.equal(corpus.misnamed.length, 4);
    const [words] = leftOutInWords(corpus);
    assert.match(words, /^Left out: 4 recordings\n {2}4 files: is in no folder named after an emotion\n/);
    assert.match(words, /loose\.wav/);
  });

  it('keep one file of a recording in two formats', async () => {
    const { clips, repeated } = await load('happy/1.wav', 'happy/1.mp3', 'sad/1.wav', 'sad/2.wav');
    assert.deepEqual([clips.length, repeated], [3, [join(root(), 'happy/1.mp3')]]);
  });

  it('do not count where half of the files follow a known naming, or a single emotion is there', async () => {
    const known = await load('happy/03a01Fa.wav', 'sad/03a01Ta.wav', 'happy/1.wav', 'sad/2.wav');
    assert.deepEqual([known.name, known.clips.length, known.folders], ['emodb', 2, undefined]);
    touch(folder(), ...inEach('happy', 'other').map((path) => `one/${path}`));
    await assert.rejects(
      loadCorpus(join(folder(), 'one')),
      /one is not a known corpus: .*folders named after their emotions/,
    );
  });

  it('do not make a corpus of one that is published, whatever their folder is called', async () => {
    touch(folder(), ...inEach('tess/happy', 'tess/sad'));
    const { name, clips } = await loadCorpus(join(folder(), 'tess'));
    assert.deepEqual([name, clips[0].corpus], ['tess (folders)', 'tess (folders)']);
  });
});
