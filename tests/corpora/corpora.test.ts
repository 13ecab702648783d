import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { InputError, UsageError } from '../../src/common/errors.js';
import type { Clip } from '../../src/corpora/clip.js';
import { loadCorpus, READERS } from '../../src/corpora/corpora.js';
import { audioFilesBelow } from '../../src/corpora/recordings.js';
import { BOUND_BY_PERMISSIONS, HAS_LINKS } from '../setup/system.js';
import { temporaryFolder, touch, write } from './folder.js';

const names = (clips: readonly Clip[]) => clips.map((clip) => basename(clip.path));

describe('loadCorpus()', () => {
  const folder = temporaryFolder();

  it("reads the project's copy of EMO-DB", async () => {
    const { name, clips, misnamed, repeated } = await loadCorpus('data/emodb');
    assert.deepEqual([name, clips.length, misnamed, repeated], ['emodb', 535, [], []]);
    const counts: Record<string, number> = {};
    for (const { emotion } of clips) counts[emotion] = (counts[emotion] ?? 0) + 1;
    assert.deepEqual(counts, {
      anger: 127,
      boredom: 81,
      disgust: 46,
      fear: 69,
      happiness: 71,
      neutral: 79,
      sadness: 62,
    });
    assert.equal(new Set(clips.map((clip) => clip.speaker)).size, 10);
    assert.equal(new Set(clips.map((clip) => clip.text)).size, 10);
    assert.ok(readFileSync(clips[0].path).length > 0);
  });

  const samples: Record<string, string[]> = {
    emodb: ['03a01Fa.wav', '08a02Wb.wav'],
    tess: ['OAF_angry/OAF_back_angry.wav', 'YAF_sad/YAF_beg_sad.wav'],
    ravdess: ['Actor_01/03-01-05-01-01-01-01.wav', 'Actor_02/03-01-05-01-01-02-02.wav'],
    cremad: ['AudioWAV/1001_DFA_ANG_XX.wav', 'AudioWAV/1002_DFA_SAD_XX.wav'],
    savee: ['DC/a01.wav', 'JE/sa01.wav'],
    esd: ['0001/Angry/train/0001_000401.wav', '0011/Sad/test/0011_001071.wav'],
    emovdb: ['bea/Amused/amused_1-15_0001.wav', 'sam/Angry/anger_1-28_0001.wav'],
    iemocap: [
      'Session1/sentences/wav/Ses01F_impro01/Ses01F_impro01_F000.wav',
      'Session1/sentences/wav/Ses01F_impro01/Ses01F_impro01_M000.wav',
    ],
    meld: ['train_splits/dia0_utt0.wav', 'train_splits/dia0_utt1.wav'],
    emovo: ['f1/dis-f1-b1.wav', 'm2/gio-m2-n4.wav'],
    emozionalmente: ['audio/1613655062436.wav', 'audio/1613655062437.wav'],
    cafe: ['Colère/Faible/01-C-1-1.wav', 'Neutre/02-N-1-1.wav'],
    nemo: ['samples/EB0_anger_1.wav', 'samples/WR0_surprised_90.wav'],
    aesdd: ['anger/a01 (1).wav', 'fear/f18 (5)b.wav'],
    shemo: ['female/F01A01.wav', 'male/M01F01.wav'],
    urdu: ['Angry/SM1_F1_A01.wav', 'Sad/SF10_F2_S02.wav'],
  };
  const lists: Record<string, string> = {
    'Session1/dialog/EmoEvaluation/Ses01F_impro01.txt':
      '[6.2 - 8.2]\tSes01F_impro01_F000\tneu\t[2.5, 2.5, 2.5]\n[9.0 - 9.5]\tSes01F_impro01_M000\tang\t[2.5, 2.5, 2.5]\n',
    'train_sent_emo.csv': 'Utterance,Speaker,Emotion,Dialogue_ID,Utterance_ID\nOh!,Ross,joy,0,0\nNo.,A Man,fear,0,1\n',
    'metadata/samples.csv':
      'file_name,actor,sentence,emotion_expressed\n1613655062436.wav,x,Ciao.,joy\n1613655062437.wav,y,Ciao.,fear\n',
  };
  for (const { name } of READERS)
    it(`recognises ${name} by its files`, async () => {
      touch(folder(), ...samples[name]);
      for (const [path, text] of Object.entries(lists)) write(join(folder(), path), text);
      const corpus = await loadCorpus(folder());
      assert.deepEqual([corpus.name, corpus.root], [name, folder()]);
      const paths = samples[name].map((path) => join(folder(), path));
      assert.deepEqual(corpus.clips.map((clip) => [clip.path, clip.corpus]).sort(), paths.map((p) => [p, name]).sort());
    });

  it('recognises a corpus that half of the files follow, and lists the others', async () => {
    touch(folder(), '03a01Fa.wav', '08a02Wb.wav', 'noise.wav', 'x/silence.wav');
    const { name, clips, misnamed } = await loadCorpus(folder());
    assert.deepEqual([name, clips.length], ['emodb', 2]);
    assert.deepEqual(
      misnamed,
      ['noise.wav', 'x/silence.wav'].map((path) => join(folder(), path)),
    );
  });

  it('reads the named corpus even if few files follow it', async () => {
    touch(folder(), '03a01Fa.wav', 'b.wav', 'c.wav', 'd.wav');
    assert.equal((await loadCorpus(folder(), { corpus: 'emodb' })).clips.length, 1);
  });

  it('keeps the least nested file of a set nested twice, and lists the others', async () => {
    const set = ['OAF_Fear/OAF_food_fear.wav', 'OAF_neutral/OA_bite_neutral.wav', 'YAF_sad/YAF_beg_sad.wav'];
    // Sorted by path, the inner copy would come first.
    touch(folder(), ...set, ...set.map((path) => `A set/${path}`));
    const { clips, repeated } = await loadCorpus(folder());
    assert.deepEqual(
      clips.map((clip) => clip.path),
      set.map((path) => join(folder(), path)),
    );
    assert.deepEqual(
      repeated,
      set.map((path) => join(folder(), 'A set', path)),
    );
  });

  it('counts an utterance once in two formats and in the two layouts of SAVEE', async () => {
    touch(folder(), 'DC/a01.wav', 'DC/a01.flac', 'ALL/DC_a01.wav', 'ALL/JE_a01.wav');
    const { clips, repeated } = await loadCorpus(folder());
    assert.deepEqual(names(clips), ['DC_a01.wav', 'JE_a01.wav']);
    assert.deepEqual(
      repeated,
      ['DC/a01.flac', 'DC/a01.wav'].map((path) => join(folder(), path)),
    );
  });

  it('keeps takes, repetitions and intensities of the same text apart, and finds the nested copy of RAVDESS', async () => {
    const set = ['01-01-01', '01-01-02', '02-01-01'].map((rest) => `Actor_01/03-01-05-${rest}-01.wav`);
    touch(folder(), ...set, ...set.map((path) => `audio_speech_actors_01-24/${path}`));
    const { clips, repeated } = await loadCorpus(folder());
    assert.equal(clips.length, 3);
    assert.equal(repeated.length, 3);
    assert.ok(repeated.every((path) => path.includes('audio_speech_actors_01-24')));
    mkdirSync(join(folder(), 'takes'));
    touch(join(folder(), 'takes'), '03a01Fa.wav', '03a01Fb.wav');
    assert.equal((await loadCorpus(join(folder(), 'takes'))).clips.length, 2);
  });

  it('reads folders with spaces, umlauts in both forms, a leading dash or a trailing slash', async () => {
    for (const name of ['my recordings', 'Wörter'.normalize('NFC'), 'Wörter'.normalize('NFD'), '-v']) {
      write(join(folder(), name, '03a01Fa.wav'), name);
      for (const root of [join(folder(), name), `${join(folder(), name)}/`]) {
        const { clips } = await loadCorpus(root);
        assert.equal(clips.length, 1);
        assert.equal(readFileSync(clips[0].path, 'utf8'), name);
      }
    }
    const here = process.cwd();
    try {
      process.chdir(folder());
      assert.equal(readFileSync((await loadCorpus('-v')).clips[0].path, 'utf8'), '-v');
    } finally {
      process.chdir(here);
    }
  });

  it('gives the same order for the same files, by code units', async () => {
    const files = ['b/03a01Fa.wav', 'C/03a01Fb.wav', 'a/03a01Fc.wav', 'ä/03a01Fd.wav', 'Z.d/03a01Fe.wav'];
    touch(folder(), ...files);
    const { clips } = await loadCorpus(folder());
    assert.deepEqual(names(clips), ['03a01Fb.wav', '03a01Fe.wav', '03a01Fc.wav', '03a01Fa.wav', '03a01Fd.wav']);
  });

  it('says that there is no such folder, and which one is near', async () => {
    mkdirSync(join(folder(), 'emodb'));
    touch(folder(), 'mine.csv', 'file');
    const rejects = (root: string, message: RegExp) =>
      assert.rejects(loadCorpus(join(folder(), root)), (error: Error) => {
        assert.ok(error instanceof InputError);
        assert.match(error.message, message);
        return true;
      });
    await rejects('emdb', /^No such folder: .*emdb \(did you mean emodb\?\)$/);
    await rejects('mien.csv', /^No such manifest: .*mien\.csv \(did you mean mine\.csv\?\)$/);
    await rejects('quite/another', /^No such folder: .*another$/);
    // Below a file there is nothing: an error for Node 20, a missing entry for the later ones.
    await rejects('file/below', /^(Cannot read .*below: ENOTDIR|No such folder: .*below$)/);
    await rejects('file', /is not a folder; give the folder of the recordings, or a \.csv manifest$/);
    // For Windows there is nothing of such a name.
    await rejects('x'.repeat(300), /^(Cannot read .*ENAMETOOLONG|No such folder: .*x$)/);
  });

  it('says that there are no recordings', async () => {
    touch(folder(), 'readme.txt', '.hidden.wav');
    await assert.rejects(loadCorpus(folder()), {
      name: 'InputError',
      message: `There are no recordings in ${folder()}; expected files ending in .wav, .flac, .mp3, .ogg, .opus, .m4a or the like`,
    });
  });

  it('says what it found if that is not a known corpus, and what to do', async () => {
    touch(folder(), 'a.wav', 'b.wav', 'c.wav', 'd.wav', '03a01Fa.wav');
    await assert.rejects(loadCorpus(folder()), (error: Error) => {
      assert.ok(error instanceof InputError);
      assert.match(
        error.message,
        /is not a known corpus: fewer than half of its 5 recordings \(03a01Fa\.wav, a\.wav, b\.wav, …\)/,
      );
      for (const { name } of READERS) assert.ok(error.message.includes(name), name);
      assert.match(error.message, /`corpus`, or describe the recordings in a CSV manifest \(path,emotion,speaker/);
      return true;
    });
  });

  it('says that nothing follows the named corpus', async () => {
    touch(folder(), '03a01Fa.wav');
    await assert.rejects(loadCorpus(folder(), { corpus: 'tess' }), {
      name: 'InputError',
      message: /^None of the 1 recordings in .* \(03a01Fa\.wav\) follows the naming of tess; /,
    });
  });

  it('says that the corpus is unknown, and which one is near', async () => {
    await assert.rejects(loadCorpus(folder(), { corpus: 'tes' }), (error: Error) => {
      assert.ok(error instanceof UsageError);
      assert.match(error.message, /^Unknown corpus tes \(did you mean tess\?\); known are emodb, tess, ravdess, /);
      return true;
    });
    await assert.rejects(loadCorpus(folder(), { corpus: 'constructor' }), UsageError);
  });

  it('refuses a name for a manifest', async () => {
    write(join(folder(), 'mine.csv'), 'path,emotion,speaker\n');
    await assert.rejects(loadCorpus(join(folder(), 'mine.csv'), { corpus: 'tess' }), {
      name: 'UsageError',
      message: /^Cannot read .*mine\.csv as tess: a manifest says what is in it; leave out /,
    });
  });

  it('reads a folder whose name ends like a manifest', async () => {
    touch(folder(), 'set.csv/03a01Fa.wav');
    assert.equal((await loadCorpus(join(folder(), 'set.csv'))).clips.length, 1);
  });
});

describe('audioFilesBelow()', () => {
  const folder = temporaryFolder();

  it('finds every known ending in any case, and leaves out hidden files and those of macOS', () => {
    const files = ['a.wav', 'b.FLAC', 'c/d.Mp3', 'e.ogg', 'f.oga', 'g.opus'];
    touch(folder(), ...files, '._a.wav', '.git/x.wav', '__MACOSX/._a.wav', '__MACOSX/a.wav', 'wav', 'a.wav.txt');
    assert.deepEqual(
      audioFilesBelow(folder()),
      files.map((path) => join(folder(), path)),
    );
  });

  it('gives a file itself', () => {
    touch(folder(), 'x.bin');
    assert.deepEqual(audioFilesBelow(join(folder(), 'x.bin')), [join(folder(), 'x.bin')]);
  });

  it('follows links to folders, but never in a circle', function () {
    if (!HAS_LINKS) this.skip();
    touch(folder(), 'real/a.wav');
    symlinkSync(join(folder(), 'real'), join(folder(), 'link'));
    symlinkSync(folder(), join(folder(), 'real', 'up'));
    symlinkSync('nowhere.wav', join(folder(), 'broken.wav'));
    symlinkSync('self.wav', join(folder(), 'self.wav'));
    assert.deepEqual(
      audioFilesBelow(folder()),
      ['broken.wav', 'link/a.wav', 'real/a.wav', 'self.wav'].map((path) => join(folder(), path)),
    );
  });

  it('says which folder cannot be read', function () {
    if (!BOUND_BY_PERMISSIONS) this.skip();
    mkdirSync(join(folder(), 'locked'));
    chmodSync(join(folder(), 'locked'), 0);
    assert.throws(() => audioFilesBelow(folder()), { name: 'InputError', message: /^Cannot read .*locked: EACCES/ });
    chmodSync(join(folder(), 'locked'), 0o700);
  });

  it('throws if there is nothing at the path', () => {
    assert.throws(() => audioFilesBelow(join(folder(), 'x')), {
      name: 'InputError',
      message: /^Cannot read .*x: ENOENT/,
    });
  });
});
