import assert from 'node:assert/strict';
import { READERS, readerOf } from '../../src/corpora/corpora.js';
import { EMOTIONS, emotionOf, isMissing } from '../../src/corpora/emotions.js';
import { readName } from '../../src/corpora/reader.js';

const parse = (corpus: string, path: string) => readerOf(corpus)!.parse(path);

/** Each reader's name, paths that it reads, and what it reads from them. */
const SPELLINGS: [corpus: string, path: string, facts: object][] = [
  ['emodb', '03a01Fa.wav', { speaker: '03', text: 'a01', emotion: 'happiness', label: 'F', sex: 'male' }],
  ['emodb', 'wav/16b10Tb.flac', { speaker: '16', text: 'b10', emotion: 'sadness', label: 'T', sex: 'female' }],
  ['tess', 'OAF_angry/OAF_back_angry.wav', { speaker: 'OAF', text: 'back', emotion: 'anger', label: 'angry' }],
  ['tess', 'OAF_Fear/OAF_food_fear.wav', { speaker: 'OAF', text: 'food', emotion: 'fear', label: 'fear' }],
  ['tess', 'OAF_Sad/OAF_beg_sad.WAV', { speaker: 'OAF', text: 'beg', emotion: 'sadness', label: 'sad' }],
  ['tess', 'OAF_Pleasant_surprise/OAF_pad_ps.wav', { speaker: 'OAF', text: 'pad', emotion: 'surprise', label: 'ps' }],
  ['tess', 'YAF_pleasant_surprised/YAF_pad_ps.wav', { speaker: 'YAF', emotion: 'surprise', label: 'ps' }],
  ['tess', 'x/YAF_pad_pleasant_surprised.wav', { text: 'pad', emotion: 'surprise', label: 'pleasant_surprised' }],
  ['tess', 'x/YAF_pad_pleasant_surprise.wav', { emotion: 'surprise', label: 'pleasant_surprise' }],
  ['tess', 'OAF_neutral/OA_bite_neutral.wav', { speaker: 'OAF', text: 'bite', emotion: 'neutral', sex: 'female' }],
  // The file's name counts, not the folder's.
  ['tess', 'OAF_happy/YAF_bite_disgust.wav', { speaker: 'YAF', emotion: 'disgust' }],
  [
    'ravdess',
    'Actor_12/03-01-06-01-02-01-12.wav',
    { speaker: '12', text: '02', emotion: 'fear', label: 'fearful', sex: 'female', intensity: 'normal' },
  ],
  [
    'ravdess',
    'audio_speech_actors_01-24/Actor_01/03-01-02-02-01-02-01.wav',
    { speaker: '01', text: '01', emotion: 'calm', label: 'calm', sex: 'male', intensity: 'strong' },
  ],
  // The sound of a video, in it or taken out of it.
  ['ravdess', 'Video_Speech_Actor_12/01-01-06-01-02-01-12.mp4', { speaker: '12', text: '02', emotion: 'fear' }],
  ['ravdess', '01-02-03-01-01-01-23.wav', { speaker: '23', text: '01 sung', emotion: 'happiness' }],
  ['ravdess', '03-02-03-01-01-01-23.wav', { speaker: '23', text: '01 sung', emotion: 'happiness', sex: 'male' }],
  [
    'cremad',
    'AudioWAV/1001_DFA_ANG_XX.wav',
    { speaker: '1001', text: 'DFA', emotion: 'anger', label: 'ANG', sex: 'male', intensity: undefined },
  ],
  ['cremad', '1002_IEO_HAP_LO.wav', { emotion: 'happiness', sex: 'female', intensity: 'low' }],
  ['cremad', '1091_IEO_SAD_MD.wav', { emotion: 'sadness', sex: 'female', intensity: 'medium' }],
  ['cremad', '1090_IEO_FEA_HI.mp3', { emotion: 'fear', sex: 'male', intensity: 'high' }],
  ['cremad', '1040_ITH_SAD_X.wav', { speaker: '1040', emotion: 'sadness', intensity: undefined }],
  ['savee', 'DC_a01.wav', { speaker: 'DC', text: 'common 01', emotion: 'anger', label: 'a', sex: 'male' }],
  ['savee', 'AudioData/DC/a04.wav', { speaker: 'DC', text: 'a04', emotion: 'anger', label: 'a' }],
  ['savee', 'KL/sa15.wav', { speaker: 'KL', text: 'sa15', emotion: 'sadness', label: 'sa' }],
  // In other letters than they were published in.
  ['emodb', '03A01FA.WAV', { speaker: '03', text: 'a01', emotion: 'happiness', label: 'F' }],
  ['emodb', '08b10wb.wav', { speaker: '08', text: 'b10', emotion: 'anger', label: 'W' }],
  ['tess', 'oaf_back_angry.wav', { speaker: 'OAF', text: 'back', emotion: 'anger', label: 'angry' }],
  ['cremad', '1002_ieo_hap_lo.wav', { speaker: '1002', text: 'IEO', emotion: 'happiness', label: 'HAP' }],
  ['savee', 'dc_a01.wav', { speaker: 'DC', text: 'common 01', emotion: 'anger', label: 'a' }],
  ['shemo', 'f21a05.wav', { speaker: 'F21', text: 'F21A05', emotion: 'anger', label: 'A' }],
  ['urdu', 'sm5_f72_n0100.wav', { speaker: 'SM5', text: 'SM5_F72_N0100', emotion: 'neutral', label: 'N' }],
  ['aesdd', 'ANGER/A06 (5)B.WAV', { speaker: '5', text: '06', emotion: 'anger', label: 'a' }],
  ['cafe', '01-c-2-6.wav', { speaker: '01', text: '6', emotion: 'anger', label: 'C' }],
  ['nemo', 'eb0_Anger_10.wav', { speaker: 'EB0', text: '10', emotion: 'anger', label: 'anger' }],
  ['savee', 'jk/SU12.wav', { speaker: 'JK', text: 'su12', emotion: 'surprise', label: 'su' }],
  ['savee', 'ALL/JE_su07.wav', { speaker: 'JE', text: 'su07', emotion: 'surprise', label: 'su' }],
  [
    'esd',
    '0001/Angry/evaluation/0001_000351.wav',
    { speaker: '0001', text: 'zh 1', emotion: 'anger', label: 'Angry', sex: 'female' },
  ],
  ['esd', '0020/Surprise/0020_001750.wav', { speaker: '0020', text: 'en 350', emotion: 'surprise', sex: 'male' }],
  ['esd', '0010_001051.wav', { text: 'zh 1', emotion: 'sadness' }],
  [
    'emovdb',
    'EmoV-DB_sorted/jenie/Amused/amused_57-84_0067.wav',
    { speaker: 'jenie', text: '0067', emotion: 'amusement', label: 'amused', sex: 'female' },
  ],
  ['emovdb', 'sam_Sleepy/sleepiness_1-28_0007.wav', { speaker: 'sam', emotion: 'sleepiness', sex: 'male' }],
  ['emovdb', 'bea/Amused/amused_141_168_0142.wav', { speaker: 'bea', text: '0142' }],
  ['emovdb', 'josh_neutral_281-308_0308.wav', { speaker: 'josh', text: '0308', emotion: 'neutral', label: 'neutral' }],
  ['emovdb', 'Bea/Disgusted/Disgust_1-28_0009.wav', { speaker: 'bea', emotion: 'disgust', label: 'disgust' }],
  ['shemo', 'female/F21A05.wav', { speaker: 'F21', text: 'F21A05', emotion: 'anger', label: 'A', sex: 'female' }],
  ['shemo', 'male/M56F01.wav', { speaker: 'M56', emotion: 'fear', label: 'F', sex: 'male' }],
  ['urdu', 'Neutral/SM5_F72_N0100.wav', { speaker: 'SM5', text: 'SM5_F72_N0100', emotion: 'neutral', sex: 'male' }],
  ['urdu', 'Happy/SF1_F3_H03.wav', { speaker: 'SF1', emotion: 'happiness', label: 'H', sex: 'female' }],
  ['aesdd', 'anger/a03 (3).wav', { speaker: '3', text: '03', emotion: 'anger', label: 'a' }],
  ['aesdd', 'fear/f10 (01).wav', { speaker: '1', text: '10', emotion: 'fear' }],
  ['aesdd', 'Sadness/s01 (5)b.wav', { speaker: '5', text: '01', emotion: 'sadness' }],
  ['aesdd', 'disgust/d20 (6).wav', { speaker: '6', text: 'improvised d 6' }],
  ['emovo', 'EMOVO/f3/gio-f3-l3.wav', { speaker: 'f3', text: 'l3', emotion: 'happiness', label: 'gio', sex: 'female' }],
  ['emovo', 'dis-M1-B2.wav', { speaker: 'm1', text: 'b2', emotion: 'disgust', sex: 'male' }],
  [
    'cafe',
    'Colère/Fort/01-C-2-6.wav',
    { speaker: '01', text: '6', emotion: 'anger', label: 'C', sex: 'male', intensity: 'strong' },
  ],
  ['cafe', 'Joie/Faible/12-J-1-1.aiff', { speaker: '12', emotion: 'happiness', sex: 'female', intensity: 'mild' }],
  ['cafe', 'Neutre/08-N-1-4.wav', { emotion: 'neutral', label: 'N', intensity: undefined }],
  ['nemo', 'samples/EB0_anger_10.wav', { speaker: 'EB0', text: '10', emotion: 'anger', label: 'anger', sex: 'female' }],
  ['nemo', 'WR0_surprised_64.wav', { speaker: 'WR0', emotion: 'surprise', label: 'surprised', sex: 'male' }],
];

/** Every code that a corpus has for an emotion. */
const CODES: [corpus: string, name: (code: string) => string, emotions: Record<string, string>][] = [
  [
    'emodb',
    (code) => `08a02${code}a.wav`,
    { W: 'anger', L: 'boredom', E: 'disgust', A: 'fear', F: 'happiness', T: 'sadness', N: 'neutral' },
  ],
  [
    'tess',
    (code) => `OAF_back_${code}.wav`,
    {
      angry: 'anger',
      disgust: 'disgust',
      fear: 'fear',
      happy: 'happiness',
      neutral: 'neutral',
      ps: 'surprise',
      sad: 'sadness',
    },
  ],
  [
    'ravdess',
    (code) => `03-01-${code}-01-01-01-01.wav`,
    {
      '01': 'neutral',
      '02': 'calm',
      '03': 'happiness',
      '04': 'sadness',
      '05': 'anger',
      '06': 'fear',
      '07': 'disgust',
      '08': 'surprise',
    },
  ],
  [
    'cremad',
    (code) => `1001_WSI_${code}_XX.wav`,
    { ANG: 'anger', DIS: 'disgust', FEA: 'fear', HAP: 'happiness', NEU: 'neutral', SAD: 'sadness' },
  ],
  [
    'savee',
    (code) => `JK/${code}12.wav`,
    {
      a: 'anger',
      d: 'disgust',
      f: 'fear',
      h: 'happiness',
      n: 'neutral',
      sa: 'sadness',
      su: 'surprise',
    },
  ],
  [
    'esd',
    (code) => `0011_${code}.wav`,
    {
      ...{ '000001': 'neutral', '000350': 'neutral', '000351': 'anger', '000700': 'anger', '000701': 'happiness' },
      ...{
        '001050': 'happiness',
        '001051': 'sadness',
        '001400': 'sadness',
        '001401': 'surprise',
        '001750': 'surprise',
      },
    },
  ],
  [
    'emovdb',
    (code) => `sam/${code}_1-28_0001.wav`,
    {
      amused: 'amusement',
      anger: 'anger',
      disgust: 'disgust',
      neutral: 'neutral',
      sleepiness: 'sleepiness',
    },
  ],
  [
    'shemo',
    (code) => `F01${code}01.wav`,
    { A: 'anger', F: 'fear', H: 'happiness', N: 'neutral', S: 'sadness', W: 'surprise' },
  ],
  ['urdu', (code) => `SF2_F1_${code}013.wav`, { A: 'anger', H: 'happiness', N: 'neutral', S: 'sadness' }],
  [
    'emovo',
    (code) => `${code}-f1-n5.wav`,
    {
      dis: 'disgust',
      gio: 'happiness',
      neu: 'neutral',
      pau: 'fear',
      rab: 'anger',
      sor: 'surprise',
      tri: 'sadness',
    },
  ],
  [
    'cafe',
    (code) => `02-${code}-1-3.wav`,
    { C: 'anger', D: 'disgust', J: 'happiness', N: 'neutral', P: 'fear', S: 'surprise', T: 'sadness' },
  ],
  [
    'nemo',
    (code) => `MK0_${code}_90.wav`,
    {
      anger: 'anger',
      fear: 'fear',
      happiness: 'happiness',
      neutral: 'neutral',
      sadness: 'sadness',
      surprised: 'surprise',
    },
  ],
];

/** Names that look like a corpus's but are not, or belong to another part of it. */
const OTHERS: [corpus: string, path: string][] = [
  ['emodb', '04a01Fa.wav'],
  ['emodb', '03a01Xa.wav'],
  ['emodb', '03a01Fa copy.wav'],
  ['tess', 'OAF_back_bored.wav'],
  ['tess', 'MAF_back_angry.wav'],
  ['tess', 'OAF_angry/back.wav'],
  // Video without sound.
  ['ravdess', '02-01-06-01-02-01-12.mp4'],
  ['ravdess', '04-01-06-01-02-01-12.wav'],
  ['ravdess', '03-01-09-01-02-01-12.wav'],
  ['ravdess', '03-01-06-01-02-01-25.wav'],
  ['cremad', '1092_DFA_ANG_XX.wav'],
  ['cremad', '1000_DFA_ANG_XX.wav'],
  ['cremad', '1001_ABC_ANG_XX.wav'],
  ['cremad', '1001_DFA_SUR_XX.wav'],
  ['savee', 'a01.wav'],
  ['savee', 'XY/a01.wav'],
  ['savee', 'DC/s01.wav'],
  ['esd', '0021_000001.wav'],
  ['esd', '0000_000001.wav'],
  ['esd', '0011_000000.wav'],
  ['esd', '0011_001751.wav'],
  // Nobody knows who speaks.
  ['emovdb', 'amused_1-28_0001.wav'],
  ['emovdb', 'anna/Amused/amused_1-28_0001.wav'],
  ['emovdb', 'sam/Amused/amused_0001.wav'],
  ['shemo', 'F32A01.wav'],
  ['shemo', 'M57A01.wav'],
  ['shemo', 'F00A01.wav'],
  ['shemo', 'F01D01.wav'],
  ['urdu', 'SM28_F1_A01.wav'],
  ['urdu', 'SM1_F1_A1.wav'],
  ['urdu', 'SM1_F1_A0101.wav'],
  // Another emotion's folder, none, and what a system calls a copy of a file of SAVEE.
  ['aesdd', 'fear/a01 (1).wav'],
  ['aesdd', 'a01 (1).wav'],
  ['aesdd', 'DC/a01 (1).wav'],
  ['aesdd', 'anger/a21 (1).wav'],
  ['aesdd', 'anger/a01.wav'],
  ['emovo', 'dis-f4-b1.wav'],
  ['emovo', 'dis-f1-b4.wav'],
  ['cafe', '13-C-1-1.wav'],
  ['cafe', '01-N-2-1.wav'],
  ['cafe', '01-C-1-7.wav'],
  ['nemo', 'XY0_anger_1.wav'],
  ['nemo', 'EB0_disgust_1.wav'],
  ['nemo', 'EB0_anger_91.wav'],
];

describe('parse()', () => {
  for (const [corpus, path, facts] of SPELLINGS)
    it(`of ${corpus} reads ${path}`, () => {
      const parsed = parse(corpus, path);
      assert.ok(parsed);
      assert.deepEqual({ ...parsed, ...facts }, parsed);
    });

  for (const [corpus, name, emotions] of CODES)
    it(`of ${corpus} knows every emotion`, () => {
      const read = Object.keys(emotions).map((code) => [code, parse(corpus, name(code))?.emotion]);
      assert.deepEqual(Object.fromEntries(read), emotions);
    });

  for (const [corpus, path] of OTHERS)
    it(`of ${corpus} refuses ${path}`, () => assert.equal(parse(corpus, path), undefined));

  for (const [corpus, path] of SPELLINGS)
    it(`of no other corpus takes ${path}`, () => {
      const takers = READERS.filter((reader) => readName(reader, path) || reader.unwanted?.(path));
      assert.deepEqual(
        takers.map(({ name }) => name),
        [corpus],
      );
    });

  it("of emodb tells the speakers' sex", () => {
    const speakers = ['03', '08', '09', '10', '11', '12', '13', '14', '15', '16'];
    const women = speakers.filter((speaker) => parse('emodb', `${speaker}a01Wa.wav`)?.sex === 'female');
    assert.deepEqual(women, ['08', '09', '13', '14', '16']);
  });

  it('of cremad knows 48 men and 43 women', () => {
    const sexes = Array.from({ length: 91 }, (_, i) => parse('cremad', `${1001 + i}_DFA_ANG_XX.wav`)?.sex);
    assert.equal(sexes.filter((sex) => sex === 'male').length, 48);
    assert.equal(sexes.filter((sex) => sex === 'female').length, 43);
  });

  it('of esd gives five men and five women one of two languages each', () => {
    const read = Array.from({ length: 20 }, (_, i) => parse('esd', `00${String(i + 1).padStart(2, '0')}_000001.wav`)!);
    for (const [from, language] of [
      [0, 'zh 1'],
      [10, 'en 1'],
    ] as const) {
      const half = read.slice(from, from + 10);
      assert.ok(half.every(({ text }) => text === language));
      assert.equal(half.filter(({ sex }) => sex === 'female').length, 5);
    }
  });

  it('of savee gives the common sentences one text over the emotions, the others their own', () => {
    const texts = (number: string) => ['a', 'n', 'su'].map((code) => parse('savee', `DC_${code}${number}.wav`)?.text);
    assert.equal(new Set(texts('03')).size, 1);
    assert.equal(new Set(texts('04')).size, 3);
  });
});

describe('emotionOf()', () => {
  const words: [word: string, emotion: string][] = [
    ['angry', 'anger'],
    ['Happy', 'happiness'],
    ['ps', 'surprise'],
    ['Pleasant_Surprise', 'surprise'],
    ['pleasant surprised', 'surprise'],
    [' SAD ', 'sadness'],
    ['fearful', 'fear'],
    ['bored', 'boredom'],
    ['ang', 'anger'],
    ['hap', 'happiness'],
    ['happyness', 'happiness'],
    ['neu', 'neutral'],
    ['NEUTRAL.', 'neutral'],
    ['"Fear"', 'fear'],
    ['\uff33\uff41\uff44', 'sadness'],
    ['Contempt', 'contempt'],
    ['pride_and-joy', 'pride and joy'],
    ['constructor', 'constructor'],
  ];
  for (const [word, emotion] of words) it(`maps "${word}" to ${emotion}`, () => assert.equal(emotionOf(word), emotion));

  it('keeps the shared vocabulary as it is', () => assert.deepEqual(EMOTIONS.map(emotionOf), [...EMOTIONS]));
});

describe('isMissing()', () => {
  for (const word of ['', ' ', 'nan', 'NaN', 'None', 'N/A', '<NA>', '?', '--', 'unknown', 'xxx'])
    it(`takes ${JSON.stringify(word)} for no label`, () => assert.ok(isMissing(word)));

  for (const word of ['sad', 'other', '0', 'nana', 'constructor'])
    it(`takes ${JSON.stringify(word)} for a label`, () => assert.ok(!isMissing(word)));
});
