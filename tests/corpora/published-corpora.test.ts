import assert from 'node:assert/strict';
import { loadCorpus, readerOf } from '../../src/corpora/corpora.js';
import { type ClipFacts, type CorpusReader, stemOf } from '../../src/corpora/reader.js';
import { temporaryFolder, touch } from './folder.js';

/** Files as a corpus was published: names of recordings, and lists with their texts. */
interface Files {
  readonly recordings: readonly string[];
  readonly lists?: Readonly<Record<string, string>>;
}

/** What is published about a corpus. */
interface Published {
  readonly emotions: Readonly<Record<string, number>>;
  /** Their number, or how many clips there are of each. */
  readonly speakers: number | Readonly<Record<string, number>>;
  readonly women?: number;
  readonly texts?: number;
  /** Recordings that are no clips, by the reason. */
  readonly unwanted?: Readonly<Record<string, number>>;
}

const range = (count: number, from = 1) => Array.from({ length: count }, (_, i) => i + from);
const padded = (number: number, digits: number) => String(number).padStart(digits, '0');

/** Counts of words, for emotions and speakers. */
function tally(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}

function check(clips: readonly ClipFacts[], published: Published): void {
  const bySpeaker = tally(clips.map((clip) => clip.speaker));
  assert.deepEqual(tally(clips.map((clip) => clip.emotion)), published.emotions);
  if (typeof published.speakers === 'number') assert.equal(Object.keys(bySpeaker).length, published.speakers);
  else assert.deepEqual(bySpeaker, published.speakers);
  if (published.women !== undefined) {
    const women = clips.filter((clip) => clip.sex === 'female').map((clip) => clip.speaker);
    assert.equal(new Set(women).size, published.women);
  }
  if (published.texts !== undefined) assert.equal(new Set(clips.map((clip) => clip.text)).size, published.texts);
}

/** Of 20 speakers, 350 sentences in 5 emotions, divided into three parts. */
function esd(): string[] {
  const emotions = ['Neutral', 'Angry', 'Happy', 'Sad', 'Surprise'];
  const part = (sentence: number) => (sentence <= 20 ? 'evaluation' : sentence <= 50 ? 'test' : 'train');
  return range(20).flatMap((speaker) =>
    emotions.flatMap((emotion, i) =>
      range(350).map((sentence) => {
        const name = `${padded(speaker, 4)}_${padded(i * 350 + sentence, 6)}.wav`;
        return `${padded(speaker, 4)}/${emotion}/${part(sentence)}/${name}`;
      }),
    ),
  );
}

/** The table in the README. */
const EMOVDB = {
  jenie: { Neutral: 417, Amused: 222, Angry: 523, Sleepy: 466, Disgusted: 189 },
  bea: { Neutral: 373, Amused: 309, Angry: 317, Sleepy: 520, Disgusted: 347 },
  sam: { Neutral: 493, Amused: 501, Angry: 468, Sleepy: 495, Disgusted: 497 },
  josh: { Neutral: 302, Amused: 298, Sleepy: 263 },
};

function emovdb(): string[] {
  const words = { Neutral: 'neutral', Amused: 'amused', Angry: 'anger', Sleepy: 'sleepiness', Disgusted: 'disgust' };
  return Object.entries(EMOVDB).flatMap(([speaker, counts]) =>
    Object.entries(counts).flatMap(([folder, count]) =>
      range(count).map((sentence) => {
        const first = sentence - ((sentence - 1) % 28);
        const name = `${words[folder as keyof typeof words]}_${first}-${first + 27}_${padded(sentence, 4)}.wav`;
        return `EmoV-DB_sorted/${speaker}/${folder}/${name}`;
      }),
    ),
  );
}

function shemo(): string[] {
  const speakers = [
    ...range(31).map((n) => `female/F${padded(n, 2)}`),
    ...range(56).map((n) => `male/M${padded(n, 2)}`),
  ];
  const counts = { A: 1059, N: 1028, S: 449, W: 225, H: 201, F: 38 };
  return Object.entries(counts).flatMap(([letter, count]) =>
    range(count, 0).map(
      (i) => `${speakers[i % speakers.length]}${letter}${padded(Math.floor(i / speakers.length) + 1, 2)}.wav`,
    ),
  );
}

/** Clips of each speaker by emotion, as the names in the repository have them. */
const URDU = {
  Angry: { SM1: 22, SM2: 28, SM3: 2, SM4: 48 },
  Happy: {
    ...{ SF1: 12, SF2: 2, SF3: 2, SF4: 4, SF5: 4, SF6: 14, SF7: 6, SF8: 2 },
    ...{ SM17: 2, SM18: 2, SM19: 2, SM3: 2, SM5: 8, SM6: 10, SM7: 28 },
  },
  Neutral: { SF9: 4, SM20: 10, SM21: 4, SM22: 2, SM3: 8, SM5: 72 },
  Sad: { SF10: 2, SF11: 4, SM23: 6, SM24: 38, SM25: 40, SM26: 2, SM27: 4, SM6: 4 },
};

function urdu(): string[] {
  return Object.entries(URDU).flatMap(([emotion, counts]) =>
    Object.entries(counts)
      .flatMap(([speaker, count]) => range(count).map((file) => `${speaker}_F${file}`))
      .map((name, i) => `${emotion}/${name}_${emotion[0]}0${i + 1}.wav`),
  );
}

/** A grid of 5 emotions, 20 utterances and 6 speakers, but for what is missing and for further takes. */
function aesdd(): string[] {
  const missing = ['f02 (4)', 'd18 (5)', 'h11 (3)', 's01 (5)'];
  const takes = [
    ...['a06 (5)b', 'f18 (5)b', 'd01 (5)b', 'd03 (5)b', 'd04 (5)b'],
    ...['s01 (5)a', 's01 (5)b', 's02 (5)b', 's04 (5)b'],
  ];
  const emotions = ['anger', 'disgust', 'fear', 'happiness', 'sadness'];
  const grid = emotions.flatMap((emotion) =>
    range(20).flatMap((text) => range(6).map((speaker) => `${emotion[0]}${padded(text, 2)} (${speaker})`)),
  );
  return [...grid.filter((name) => !missing.includes(name)), ...takes].map((name) => {
    const emotion = emotions.find((each) => each[0] === name[0]);
    return `${emotion}/${['d03 (1)', 'f10 (1)', 'f11 (1)', 'f12 (1)', 'f13 (1)'].includes(name) ? name.replace('(1)', '(01)') : name}.wav`;
  });
}

function emovo(): string[] {
  const texts = ['b1', 'b2', 'b3', 'l1', 'l2', 'l3', 'l4', 'n1', 'n2', 'n3', 'n4', 'n5', 'd1', 'd2'];
  return ['f1', 'f2', 'f3', 'm1', 'm2', 'm3'].flatMap((speaker) =>
    ['dis', 'gio', 'neu', 'pau', 'rab', 'sor', 'tri'].flatMap((emotion) =>
      texts.map((text) => `EMOVO/${speaker}/${emotion}-${speaker}-${text}.wav`),
    ),
  );
}

function cafe(): string[] {
  const folders = ['Colère', 'Dégoût', 'Joie', 'Peur', 'Surprise', 'Tristesse'];
  return range(12).flatMap((actor) =>
    range(6).flatMap((text) => [
      `CaFE/Neutre/${padded(actor, 2)}-N-1-${text}.wav`,
      ...folders.flatMap((folder) =>
        ['Faible', 'Fort'].map(
          (level, i) => `CaFE/${folder}/${level}/${padded(actor, 2)}-${folder[0]}-${i + 1}-${text}.wav`,
        ),
      ),
    ]),
  );
}

const NEMO = { anger: 749, fear: 736, happiness: 749, neutral: 809, sadness: 769, surprised: 669 };

function nemo(): string[] {
  const speakers = ['EB0', 'IC0', 'KD0', 'MK0', 'KS0', 'MP0', 'SM0', 'TP0', 'WR0'];
  return Object.entries(NEMO).flatMap(([emotion, count]) =>
    range(count, 0).map((i) => `samples/${speakers[i % 9]}_${emotion}_${Math.floor(i / 9) + 1}.wav`),
  );
}

/** 986 recordings of each emotion, by 431 actors who say 18 sentences. */
function emozionalmente(): Files {
  const emotions = ['anger', 'disgust', 'fear', 'joy', 'neutrality', 'sadness', 'surprise'];
  const names = range(7 * 986, 0).map((i) => `${1612883574499 + i * 1000}.wav`);
  const samples = names.map((name, i) => `${name},actor${i % 431},"Frase ${i % 18}, detta.",${emotions[i % 7]}`);
  const users = range(431, 0).map((i) => `actor${i},${i < 299 ? 'female' : 'male'},30`);
  return {
    recordings: names.map((name) => `emozionalmente_dataset/audio/${name}`),
    lists: {
      'emozionalmente_dataset/metadata/samples.csv': ['file_name,actor,sentence,emotion_expressed', ...samples].join(
        '\n',
      ),
      'emozionalmente_dataset/metadata/users.csv': ['username,gender,age', ...users].join('\n'),
    },
  };
}

const IEMOCAP = {
  ...{ ang: 1103, dis: 2, exc: 1041, fea: 40, fru: 1849, hap: 595, neu: 1708, sad: 1084, sur: 107 },
  ...{ xxx: 2507, oth: 3 },
};

/** 151 dialogues in 5 sessions, in which both actors speak in turn. */
function iemocap(): Files {
  const scenes = [
    ...range(8).map((n) => `impro0${n}`),
    ...['script01_1', 'script01_2', 'script01_3', 'script02_1', 'script02_2', 'script03_1', 'script03_2'],
  ];
  const dialogues = [
    ...range(5).flatMap((session) =>
      ['F', 'M'].flatMap((sex) => scenes.map((scene) => `Ses0${session}${sex}_${scene}`)),
    ),
    'Ses03M_impro05a',
  ];
  const labels = Object.entries(IEMOCAP).flatMap(([label, count]) => Array<string>(count).fill(label));
  const lines = new Map<string, string[]>(dialogues.map((dialogue) => [dialogue, []]));
  const recordings = labels.map((label, i) => {
    const dialogue = dialogues[i % dialogues.length];
    const turn = Math.floor(i / dialogues.length);
    const name = `${dialogue}_${turn % 2 === 0 ? 'F' : 'M'}${padded(Math.floor(turn / 2), 3)}`;
    lines
      .get(dialogue)!
      .push(`[${turn}.0 - ${turn}.9]\t${name}\t${label}\t[2.5000, 2.5000, 2.5000]`, 'C-E2:\tNeutral;\t()');
    return `Session${dialogue[4]}/sentences/wav/${dialogue}/${name}.wav`;
  });
  const folder = (dialogue: string) => `Session${dialogue[4]}/dialog`;
  return {
    recordings: [...recordings, ...dialogues.map((dialogue) => `${folder(dialogue)}/wav/${dialogue}.wav`)],
    lists: Object.fromEntries(
      [...lines].map(([dialogue, text]) => [`${folder(dialogue)}/EmoEvaluation/${dialogue}.txt`, text.join('\n')]),
    ),
  };
}

/** The table in the README, and how many dialogues and speakers there are. */
const MELD = {
  train: {
    folder: 'train/train_splits',
    dialogues: 1039,
    speakers: 260,
    emotions: { anger: 1109, disgust: 271, fear: 268, joy: 1743, neutral: 4710, sadness: 683, surprise: 1205 },
  },
  dev: {
    folder: 'dev/dev_splits_complete',
    dialogues: 114,
    speakers: 47,
    emotions: { anger: 153, disgust: 22, fear: 40, joy: 163, neutral: 470, sadness: 111, surprise: 150 },
  },
  test: {
    folder: 'test/output_repeated_splits_test',
    dialogues: 280,
    speakers: 100,
    emotions: { anger: 345, disgust: 68, fear: 50, joy: 402, neutral: 1256, sadness: 208, surprise: 281 },
  },
};

function meld(): Files {
  const parts = Object.entries(MELD).map(([part, { folder, dialogues, speakers, emotions }]) => {
    const labels = Object.entries(emotions).flatMap(([label, count]) => Array<string>(count).fill(label));
    const utterances = labels.map((label, i) => ({
      label,
      dialogue: i % dialogues,
      utterance: Math.floor(i / dialogues),
      speaker: `Speaker ${i % speakers}`,
    }));
    return {
      recordings: utterances.map(({ dialogue, utterance }) => `${folder}/dia${dialogue}_utt${utterance}.wav`),
      list: [
        'Sr No.,Utterance,Speaker,Emotion,Sentiment,Dialogue_ID,Utterance_ID',
        ...utterances.map(
          ({ label, dialogue, utterance, speaker }, i) =>
            `${i + 1},"Oh, ${part} ${i}.",${speaker},${label},neutral,${dialogue},${utterance}`,
        ),
      ].join('\n'),
      path: `${part}_sent_emo.csv`,
    };
  });
  return {
    recordings: parts.flatMap(({ recordings }) => recordings),
    lists: Object.fromEntries(parts.map(({ path, list }) => [path, list])),
  };
}

const CORPORA: readonly [name: string, files: Files, published: Published][] = [
  [
    'esd',
    { recordings: esd() },
    {
      emotions: { neutral: 7000, anger: 7000, happiness: 7000, sadness: 7000, surprise: 7000 },
      speakers: 20,
      women: 10,
      texts: 700,
    },
  ],
  [
    'emovdb',
    { recordings: emovdb() },
    {
      emotions: { neutral: 1585, amusement: 1330, anger: 1308, sleepiness: 1744, disgust: 1033 },
      speakers: { jenie: 1817, bea: 1866, sam: 2454, josh: 863 },
      women: 2,
    },
  ],
  [
    'shemo',
    { recordings: shemo() },
    {
      emotions: { anger: 1059, neutral: 1028, sadness: 449, surprise: 225, happiness: 201, fear: 38 },
      speakers: 87,
      women: 31,
    },
  ],
  [
    'urdu',
    { recordings: urdu() },
    { emotions: { anger: 100, happiness: 100, neutral: 100, sadness: 100 }, speakers: 29, women: 11 },
  ],
  [
    'aesdd',
    { recordings: aesdd() },
    { emotions: { anger: 121, disgust: 122, fear: 120, happiness: 119, sadness: 123 }, speakers: 6, texts: 19 + 5 * 6 },
  ],
  [
    'emovo',
    { recordings: emovo() },
    {
      emotions: { disgust: 84, happiness: 84, neutral: 84, fear: 84, anger: 84, surprise: 84, sadness: 84 },
      speakers: { f1: 98, f2: 98, f3: 98, m1: 98, m2: 98, m3: 98 },
      women: 3,
      texts: 14,
    },
  ],
  [
    'cafe',
    { recordings: cafe() },
    {
      emotions: { neutral: 72, anger: 144, disgust: 144, happiness: 144, fear: 144, surprise: 144, sadness: 144 },
      speakers: 12,
      women: 6,
      texts: 6,
    },
  ],
  [
    'nemo',
    { recordings: nemo() },
    {
      emotions: { anger: 749, fear: 736, happiness: 749, neutral: 809, sadness: 769, surprise: 669 },
      speakers: 9,
      women: 4,
      texts: 90,
    },
  ],
  [
    'emozionalmente',
    emozionalmente(),
    {
      emotions: { anger: 986, disgust: 986, fear: 986, happiness: 986, neutral: 986, sadness: 986, surprise: 986 },
      speakers: 431,
      women: 299,
      texts: 18,
    },
  ],
  [
    'iemocap',
    iemocap(),
    {
      emotions: {
        ...{ anger: 1103, disgust: 2, excitement: 1041, fear: 40, frustration: 1849, happiness: 595 },
        ...{ neutral: 1708, sadness: 1084, surprise: 107 },
      },
      speakers: 10,
      women: 5,
      unwanted: {
        'its listeners agreed on no emotion': 2507,
        'its listeners agreed on an emotion that the corpus has no name for': 3,
        'a whole dialogue': 151,
      },
    },
  ],
  [
    'meld',
    meld(),
    {
      emotions: {
        ...{ anger: 1607, disgust: 361, fear: 358, happiness: 2308, neutral: 6436, sadness: 1002, surprise: 1636 },
      },
      speakers: 260,
    },
  ],
];

describe('names as corpora were published', () => {
  for (const [name, { recordings, lists = {} }, { unwanted = {}, ...published }] of CORPORA)
    it(`parse() of ${name} reads them all`, () => {
      const plain = readerOf(name)!;
      const texts = Object.entries(lists).map(([path, text]) => ({ path, text }));
      assert.ok(texts.every(({ path }) => plain.lists!.includes(path)));
      const reader: CorpusReader = { ...plain, ...plain.lists?.read(texts) };
      const clips = recordings.flatMap((path) => reader.parse(path) ?? []);
      const others = recordings.filter((path) => !reader.parse(path));
      assert.deepEqual(tally(others.map((path) => String(reader.unwanted?.(path)))), unwanted);
      check(clips, published);
      // The README of EmoV-DB counts some clips that the sorted version lacks.
      assert.equal(reader.publishedClips, name === 'emovdb' ? 6893 : clips.length);
      // No two are taken for the same utterance.
      const utterances = recordings.map((path) =>
        [reader.parse(path)?.speaker, (reader.utteranceOf ?? stemOf)(path)].join(),
      );
      assert.equal(new Set(utterances).size, recordings.length);
    });

  const folder = temporaryFolder();

  it('loadCorpus() reads a corpus whole', async () => {
    touch(folder(), ...aesdd());
    const { name, clips, misnamed, repeated, publishedClips } = await loadCorpus(folder());
    assert.deepEqual([name, clips.length, misnamed, repeated], ['aesdd', publishedClips, [], []]);
  });
});
