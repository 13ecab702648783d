import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { loadCorpus, readerOf } from '../../src/corpora/corpora.js';
import type { CorpusReader } from '../../src/corpora/reader.js';
import { HAS_LINKS } from '../setup/system.js';
import { temporaryFolder, touch, write } from './folder.js';

type Lists = Record<string, string>;

/** A corpus's reader that has read lists. */
function withLists(corpus: string, lists: Lists): CorpusReader {
  const reader = readerOf(corpus)!;
  const own = Object.entries(lists).filter(([path]) => reader.lists!.includes(path));
  return { ...reader, ...reader.lists!.read(own.map(([path, text]) => ({ path, text }))) };
}

describe('iemocap', () => {
  const lists: Lists = {
    'Session1/dialog/EmoEvaluation/Ses01F_impro01.txt': [
      '% [START_TIME - END_TIME] TURN_NAME EMOTION [V, A, D]',
      '',
      '[6.2901 - 8.2357]\tSes01F_impro01_F000\tneu\t[2.5000, 2.5000, 2.5000]',
      'C-E2:\tNeutral;\t()',
      'A-E3:\tval 3; act 2; dom  2;\t()',
      '[10.0100 - 11.3925]\tSes01F_impro01_M000\texc\t[2.5000, 2.5000, 2.5000]',
      '[14.8872 - 18.0175]\tSes01F_impro01_F002\txxx\t[2.5000, 2.5000, 2.5000]',
      '[19.2900 - 20.7875]\tSes01F_impro01_F003\toth\t[2.5000, 3.0000, 3.0000]',
      '[21.3257 - 24.7400]\tSes01F_impro01_F005\tzzz\t[2.5000, 3.5000, 2.0000]',
    ].join('\r\n'),
    'Session1/dialog/EmoEvaluation/Ses01M_script01_1b.txt': '[1.0 - 2.0]\tSes01M_script01_1b_F001\tfru\t[1, 2, 3]\n',
    // One listener's own answers, which are not the corpus's.
    'Session1/dialog/EmoEvaluation/Categorical/Ses01F_impro01_e1_cat.txt':
      '[1.0 - 2.0]\tSes01F_impro01_F000\tang\t[1, 2, 3]\n',
    'Session1/dialog/transcriptions/Ses01F_impro01.txt':
      'Ses01F_impro01_F000 [006.2901-008.2357]: Excuse me.\nSes01F_impro01_MXX0 [009.0-010.0]: (noise)\n',
  };
  const { parse, unwanted } = withLists('iemocap', lists);
  const wav = (name: string) => `Session1/sentences/wav/${name.replace(/_[FM]\d+$/, '')}/${name}.wav`;

  it('reads the emotion that listeners agreed on, who speaks and what', () => {
    assert.deepEqual(parse(wav('Ses01F_impro01_F000')), {
      speaker: '01F',
      text: 'Excuse me.',
      emotion: 'neutral',
      label: 'neu',
      sex: 'female',
    });
    // The man of the session in which the woman wears the markers.
    assert.deepEqual(parse(wav('Ses01F_impro01_M000')), {
      speaker: '01M',
      text: 'Ses01F_impro01_M000',
      emotion: 'excitement',
      label: 'exc',
      sex: 'male',
    });
    assert.equal(parse(wav('Ses01M_script01_1b_F001'))?.speaker, '01F');
  });

  it('knows every emotion', () => {
    const emotions = {
      ...{ ang: 'anger', dis: 'disgust', exc: 'excitement', fea: 'fear', fru: 'frustration', hap: 'happiness' },
      ...{ neu: 'neutral', sad: 'sadness', sur: 'surprise' },
    };
    const utterance = (i: number) => `Ses05M_impro08_M00${i}`;
    const lines = Object.keys(emotions).map((code, i) => `[1.0 - 2.0]\t${utterance(i)}\t${code}\t[1, 1, 1]`);
    const reader = withLists('iemocap', { 'EmoEvaluation/Ses05M_impro08.txt': lines.join('\n') });
    assert.deepEqual(
      lines.map((_, i) => reader.parse(`${utterance(i)}.wav`)?.emotion),
      Object.values(emotions),
    );
  });

  for (const [name, reason] of [
    ['Ses01F_impro01_F002', 'its listeners agreed on no emotion'],
    ['Ses01F_impro01_F003', 'its listeners agreed on an emotion that the corpus has no name for'],
    ['Ses01F_impro01_F005', 'unknown emotion zzz'],
    ['Ses01F_impro01_F006', 'not in the lists of emotions, dialog/EmoEvaluation'],
    ['Ses01F_impro01', 'a whole dialogue'],
    ['Ses03M_impro05a', 'a whole dialogue'],
  ])
    it(`says that ${name} is no clip: ${reason}`, () => {
      assert.equal(parse(wav(name)), undefined);
      assert.equal(unwanted!(wav(name)), reason);
    });

  it('says that its lists are not there', () => {
    const reason = 'its emotion is in a list in dialog/EmoEvaluation, which is not in the folder; put it there';
    assert.equal(readerOf('iemocap')!.unwanted!('Ses01F_impro01_F000.wav'), reason);
  });

  it('has nothing to say of its clips, and of names that are not its own', () => {
    for (const name of ['Ses01F_impro01_F000', 'Ses06F_impro01_F000', 'Ses01F_impro01_X000', 'Ses01F_impro01_F00'])
      assert.equal(unwanted!(wav(name)), undefined, name);
  });
});

describe('meld', () => {
  const COLUMNS =
    'Sr No.,Utterance,Speaker,Emotion,Sentiment,Dialogue_ID,Utterance_ID,Season,Episode,StartTime,EndTime';
  const row = (utterance: string, rest: string) => `1,"${utterance}",${rest},1,2,"00:00:01,000","00:00:02,000"`;
  const lists: Lists = {
    'MELD.Raw/train/train_sent_emo.csv': [
      `\uFEFF${COLUMNS}`,
      row('Well, ""that"" is new.', 'Rachel,joy,positive,0,0'),
      row('Is it?', 'The Waiter,surprise,neutral,12,3'),
    ].join('\r\n'),
    'MELD.Raw/dev_sent_emo.csv': [COLUMNS, row('No.', 'Ross,anger,negative,0,0')].join('\n'),
  };
  const { parse, unwanted, utteranceOf } = withLists('meld', lists);

  it('reads emotion, speaker and text of the part that the folder names', () => {
    assert.deepEqual(parse('MELD.Raw/train/train_splits/dia0_utt0.mp4'), {
      speaker: 'Rachel',
      text: 'Well, "that" is new.',
      emotion: 'happiness',
      label: 'joy',
      sex: 'female',
    });
    assert.deepEqual(parse('wav/dev/dia0_utt0.wav'), {
      speaker: 'Ross',
      text: 'No.',
      emotion: 'anger',
      label: 'anger',
      sex: 'male',
    });
    assert.deepEqual(parse('MELD.Raw/train/train_splits/dia12_utt3.mp4'), {
      speaker: 'The Waiter',
      text: 'Is it?',
      emotion: 'surprise',
      label: 'surprise',
    });
  });

  it('knows the part by the only list that is there', () => {
    const train = withLists('meld', { 'train_sent_emo.csv': lists['MELD.Raw/train/train_sent_emo.csv'] });
    assert.equal(train.parse('dia0_utt0.mp4')?.speaker, 'Rachel');
    assert.equal(parse('dia0_utt0.mp4'), undefined);
    assert.equal(unwanted!('dia0_utt0.mp4'), 'no folder says whether it is of the part train, dev or test');
  });

  it('tells the same numbers in two parts apart', () => {
    assert.equal(utteranceOf!('a/train_splits/dia0_utt0.mp4'), 'train/dia0_utt0');
    assert.equal(utteranceOf!('train/dia0_utt0.wav'), 'train/dia0_utt0');
    assert.equal(utteranceOf!('dev_splits_complete/dia0_utt0.mp4'), 'dev/dia0_utt0');
    assert.equal(utteranceOf!('train/output_repeated_splits_test/dia0_utt0.mp4'), 'test/dia0_utt0');
    assert.equal(utteranceOf!('latest/dia0_utt0.mp4'), '/dia0_utt0');
  });

  for (const [path, reason] of [
    ['train/dia0_utt9.mp4', 'not in the list of its part, train_sent_emo.csv'],
    ['test/dia0_utt0.mp4', 'its emotion is in test_sent_emo.csv, which is not in the folder; put it there'],
    [
      'test/final_videos_testdia0_utt0.mp4',
      'a second version of a clip; which of them is right, the corpus does not say',
    ],
  ])
    it(`says that ${path} is no clip: ${reason}`, () => {
      assert.equal(parse(path), undefined);
      assert.equal(unwanted!(path), reason);
    });

  it('has nothing to say of its clips, and of names that are not its own', () => {
    for (const path of ['train/dia0_utt0.mp4', 'train/dia0.mp4', 'train/x_dia0_utt0.mp4'])
      assert.equal(unwanted!(path), undefined, path);
  });
});

describe('emozionalmente', () => {
  const lists: Lists = {
    'emozionalmente_dataset/metadata/samples.csv': [
      'file_name,actor,sentence,emotion_expressed',
      '1613655062436.wav,f78d765e,"Vado, ora.",neutrality',
      '1613655062437.wav,b830cbf6,Piove.,joy',
      'other.wav,b830cbf6,Piove.,joy',
    ].join('\n'),
    'emozionalmente_dataset/metadata/users.csv': 'username,gender,age\nf78d765e,Female,30\nb830cbf6,Other,41\n',
  };
  const { parse } = withLists('emozionalmente', lists);
  const audio = (name: string) => `emozionalmente_dataset/audio/${name}`;

  it('reads the emotion that was asked for, who speaks and what', () => {
    assert.deepEqual(parse(audio('1613655062436.wav')), {
      speaker: 'f78d765e',
      text: 'Vado, ora.',
      emotion: 'neutral',
      label: 'neutrality',
      sex: 'female',
    });
    assert.deepEqual(parse(audio('1613655062437.flac')), {
      speaker: 'b830cbf6',
      text: 'Piove.',
      emotion: 'happiness',
      label: 'joy',
    });
  });

  it('takes no recording that is not in its list, or not named by a time', () => {
    for (const name of ['1613655062438.wav', '161365506243.wav', 'other.wav'])
      assert.equal(parse(audio(name)), undefined);
  });

  it('reads no list of the same name that is another corpus’s', () => {
    const { parse: other } = withLists('emozionalmente', {
      'metadata/samples.csv': 'file,label\n1613655062436.wav,joy\n',
    });
    assert.equal(other('1613655062436.wav'), undefined);
  });
});

describe('loadCorpus() of corpora with lists', () => {
  const folder = temporaryFolder();
  const DEV = 'Utterance,Speaker,Emotion,Dialogue_ID,Utterance_ID\nNo.,Ross,anger,0,0\nOh.,Joey,joy,0,1\n';

  it('reads the lists in the folder, and says why a recording is no clip', async () => {
    const utterances = ['Ses01F_impro01_F000', 'Ses01F_impro01_F001', 'Ses01F_impro01_M000'];
    const wav = utterances.map((name) => `IEMOCAP/Session1/sentences/wav/Ses01F_impro01/${name}.wav`);
    touch(folder(), ...wav);
    write(
      join(folder(), 'IEMOCAP/Session1/dialog/EmoEvaluation/Ses01F_impro01.txt'),
      utterances.map((name, i) => `[1.0 - 2.0]\t${name}\t${['ang', 'xxx', 'sad'][i]}\t[1, 1, 1]\n`).join(''),
    );
    const { name, clips, misnamed, unwanted } = await loadCorpus(folder());
    assert.deepEqual([name, misnamed], ['iemocap', []]);
    assert.deepEqual(
      clips.map(({ speaker, emotion }) => [speaker, emotion]),
      [
        ['01F', 'anger'],
        ['01M', 'sadness'],
      ],
    );
    assert.deepEqual(unwanted, [{ path: join(folder(), wav[1]), reason: 'its listeners agreed on no emotion' }]);
  });

  it('says which list is missing, whether the corpus is named or not', async () => {
    const [first, second] = ['dia0_utt0', 'final_videos_testdia0_utt0'].map((name) => `test/${name}.wav`);
    touch(folder(), first, second);
    for (const options of [{}, { corpus: 'meld' }])
      await assert.rejects(loadCorpus(folder(), options), {
        name: 'InputError',
        message: `There are no clips in ${folder()}: its emotion is in test_sent_emo.csv, which is not in the folder; put it there (1 file, such as ${join(folder(), first)}); a second version of a clip; which of them is right, the corpus does not say (1 file, such as ${join(folder(), second)})`,
      });
  });

  it('reads them beside other corpora, whose files they do not touch', async () => {
    touch(folder(), 'meld/dev/dia0_utt0.wav', 'meld/dev/dia0_utt1.wav', 'nemo/EB0_anger_1.wav', 'emodb/03a01Fa.wav');
    write(join(folder(), 'meld/dev_sent_emo.csv'), DEV);
    const { clips, misnamed } = await loadCorpus(folder());
    assert.deepEqual(misnamed, []);
    assert.deepEqual(
      clips.map(({ corpus, emotion }) => [corpus, emotion]),
      [
        ['emodb', 'happiness'],
        ['meld', 'anger'],
        ['meld', 'happiness'],
        ['nemo', 'anger'],
      ],
    );
  });

  it('keeps one file of an utterance, and two with the same name in two parts', async () => {
    touch(folder(), 'dev/dia0_utt0.wav', 'copy/dev/dia0_utt0.wav', 'test/dia0_utt0.wav');
    write(join(folder(), 'dev_sent_emo.csv'), DEV);
    write(join(folder(), 'test_sent_emo.csv'), DEV);
    const { clips, repeated } = await loadCorpus(folder());
    assert.deepEqual([clips.length, repeated], [2, [join(folder(), 'copy/dev/dia0_utt0.wav')]]);
  });

  it('says which list cannot be read', async function () {
    if (!HAS_LINKS) this.skip();
    touch(folder(), 'dev/dia0_utt0.wav');
    symlinkSync('nowhere', join(folder(), 'dev_sent_emo.csv'));
    await assert.rejects(loadCorpus(folder()), {
      name: 'InputError',
      message: /^Cannot read .*dev_sent_emo\.csv: ENOENT/,
    });
  });
});
