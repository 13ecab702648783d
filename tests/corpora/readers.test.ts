import assert from 'node:assert/strict';
import { readerOf } from '../../src/corpora/corpora.js';
import { EMOTIONS, emotionOf, isMissing } from '../../src/corpora/emotions.js';

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
  ['savee', 'jk/SU12.wav', { speaker: 'JK', text: 'su12', emotion: 'surprise', label: 'su' }],
  ['savee', 'ALL/JE_su07.wav', { speaker: 'JE', text: 'su07', emotion: 'surprise', label: 'su' }],
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
