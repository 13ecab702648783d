import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeFile } from '../../src/audio/decode-file.js';
import { loadCorpus } from '../../src/corpora/corpora.js';
import {
  formatInspection,
  type Inspection,
  inspectCorpus,
  PROBLEM_KINDS,
  type ProblemKind,
} from '../../src/corpora/inspect.js';
import { wav } from '../audio/wav.js';

const EMODB = join(__dirname, '../../data/emodb');
const RATE = 8000;

/** A tone of its own pitch, so that no two are alike. */
const tone = (pitch: number, { seconds = 0.1, gain = 0.5 } = {}) =>
  Array.from({ length: seconds * RATE }, (_, i) => gain * Math.sin((i * pitch) / 10));

describe('inspectCorpus()', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'ser-'));
    for (const take of ['a', 'b', 'c'])
      write(`03a01F${take}.wav`, wav(tone(take.charCodeAt(0) - 90), { sampleRateHz: RATE }));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  function write(name: string, content: Uint8Array | string): void {
    writeFileSync(join(root, name), content);
  }

  async function inspect(): Promise<Inspection> {
    return inspectCorpus(await loadCorpus(root), { decode: decodeFile });
  }

  /** The only problem apart from the clips that are missing. */
  async function onlyProblem(): Promise<{ kind: ProblemKind; path: string; detail: string }> {
    const problems = (await inspect()).problems.filter(({ kind }) => kind !== 'missing');
    assert.equal(problems.length, 1, JSON.stringify(problems));
    return { ...problems[0], path: problems[0].path.slice(root.length + 1) };
  }

  it('finds no problem in the copy of EMO-DB in the repository', async function () {
    this.timeout(60000);
    const told: number[] = [];
    const corpus = await loadCorpus(EMODB);
    const { clips, durationSeconds, sampleRatesHz, problems } = await inspectCorpus(corpus, {
      decode: decodeFile,
      onProgress: (done, total) => told.push(done / total),
    });
    assert.deepEqual(problems, []);
    assert.deepEqual(sampleRatesHz, { 22050: 535 });
    assert.deepEqual(durationSeconds, { min: 2, median: 2, max: 2, total: 1070 });
    assert.equal(clips, 535);
    assert.equal(told.length, 535);
    assert.equal(told[534], 1);
  });

  it('says how many of the published clips are missing', async () => {
    const { problems } = await inspect();
    assert.deepEqual(problems, [
      { kind: 'missing', path: root, detail: '532 of the 535 published clips are not there' },
    ]);
  });

  it('names what cannot be read, and goes on', async () => {
    write('03a01Fd.wav', 'no sound');
    write('03a01Fe.wav', '');
    const { problems, durationSeconds, clips } = await inspect();
    const unreadable = problems.filter(({ kind }) => kind === 'unreadable');
    assert.deepEqual(
      unreadable.map(({ path }) => path),
      ['d', 'e'].map((take) => join(root, `03a01F${take}.wav`)),
    );
    assert.match(unreadable[0].detail, /^not a recording, but a text, which begins with "no sound"$/);
    assert.match(unreadable[1].detail, /^the file is empty/);
    assert.equal(clips, 5);
    assert.equal(durationSeconds?.max, 0.1);
  });

  it('counts clips by label, and names emotions that the vocabulary has no word for', async () => {
    const rows = ['a,Angry,', 'b,ang,', 'c,angger,'].map((row) => `03a01F${row.replace(',', '.wav,')}\n`);
    write('mine.csv', `path,emotion,speaker\n${rows.join('')}`);
    const inspection = await inspectCorpus(await loadCorpus(join(root, 'mine.csv')), { decode: decodeFile });
    assert.deepEqual(inspection.labels, { anger: { Angry: 1, ang: 1 }, angger: { angger: 1 } });
    assert.deepEqual(inspection.counts, { anger: { unknown: 2 }, angger: { unknown: 1 } });
    assert.deepEqual(inspection.problems, [
      {
        kind: 'unknown emotion',
        path: join(root, 'mine.csv'),
        detail:
          'angger (1 clip) (did you mean anger?) is not in the shared vocabulary; it counts as an emotion of its own',
      },
    ]);
  });

  it('finds a truncated recording', async () => {
    write('03a01Fd.wav', wav(tone(20), { sampleRateHz: RATE }).subarray(0, 1200));
    const { kind, path, detail } = await onlyProblem();
    assert.deepEqual([kind, path], ['truncated', '03a01Fd.wav']);
    assert.match(detail, /\d/);
  });

  it('finds silence below -60 dB, and not above', async () => {
    write('03a01Fd.wav', wav(tone(20, { gain: 0.0009 }), { sampleRateHz: RATE }));
    write('03a01Fe.wav', wav(tone(20, { gain: 0.0012 }), { sampleRateHz: RATE }));
    const { kind, path } = await onlyProblem();
    assert.deepEqual([kind, path], ['silent', '03a01Fd.wav']);
  });

  it('finds four samples in a row at full scale, and not three', async () => {
    const [three, four] = [3, 4].map((count) => tone(20 + count).fill(-1, 100, 100 + count));
    write('03a01Fd.wav', wav(three, { sampleRateHz: RATE }));
    write('03a01Fe.wav', wav(four, { sampleRateHz: RATE }));
    const { kind, path, detail } = await onlyProblem();
    assert.deepEqual([kind, path], ['clipped', '03a01Fe.wav']);
    assert.match(detail, /^4 samples at full scale/);
  });

  it('finds the same sound twice', async () => {
    write('08a01Wa.wav', wav(tone(97 - 90), { sampleRateHz: RATE }));
    const { kind, path, detail } = await onlyProblem();
    assert.deepEqual([kind, path], ['duplicate', '08a01Wa.wav']);
    assert.ok(detail.includes(join(root, '03a01Fa.wav')), detail);
  });

  it('finds misnamed and repeated recordings', async () => {
    write('03a01Fx2.wav', '');
    assert.deepEqual(await onlyProblem(), {
      kind: 'misnamed',
      path: '03a01Fx2.wav',
      detail: 'does not follow the naming of emodb; left out',
    });
    rmSync(join(root, '03a01Fx2.wav'));
    write('03a01Fa.flac', '');
    const { kind, path } = await onlyProblem();
    assert.deepEqual([kind, path], ['repeated', '03a01Fa.flac']);
  });

  it('finds another sample rate', async () => {
    write('03a01Fd.wav', wav(tone(20, { seconds: 0.2 }), { sampleRateHz: 16000 }));
    assert.deepEqual(await onlyProblem(), {
      kind: 'sample rate',
      path: '03a01Fd.wav',
      detail: '16000 Hz, most have 8000 Hz; it is resampled',
    });
  });

  it('finds durations three times the median and a third of it, and none between', async () => {
    for (const [take, seconds] of Object.entries({ d: 0.31, e: 0.29, f: 0.035, g: 0.03 }))
      write(`03a01F${take}.wav`, wav(tone(take.charCodeAt(0), { seconds }), { sampleRateHz: RATE }));
    const odd = (await inspect()).problems.filter(({ kind }) => kind === 'duration');
    assert.deepEqual(
      odd.map(({ path, detail }) => [path, detail]),
      [
        [join(root, '03a01Fd.wav'), '0.31 s, the median is 0.10 s'],
        [join(root, '03a01Fg.wav'), '0.03 s, the median is 0.10 s'],
      ],
    );
  });

  it('lists the worst first and can be written as JSON', async () => {
    write('03a01Fd.wav', 'no sound');
    write('03a01Fe.wav', wav(tone(20, { seconds: 0.4 }), { sampleRateHz: RATE }));
    const inspection = await inspect();
    const ranks = inspection.problems.map(({ kind }) => PROBLEM_KINDS.indexOf(kind));
    assert.deepEqual(
      ranks,
      [...ranks].sort((a, b) => a - b),
    );
    assert.ok(ranks.length > 2);
    assert.deepEqual(JSON.parse(JSON.stringify(inspection)), inspection);
  });

  it('passes on what is not the recording’s fault', async () => {
    const decode = () => Promise.reject(new TypeError('a mistake in the program'));
    await assert.rejects(inspectCorpus(await loadCorpus(root), { decode }), TypeError);
  });
});

describe('formatInspection()', () => {
  const INSPECTION: Inspection = {
    corpus: 'mine',
    root: 'recordings',
    clips: 3,
    counts: { anger: { anna: 1, ben: 1 }, sadness: { ben: 1 } },
    labels: { anger: { anger: 2 }, sadness: { sadness: 1 } },
    durationSeconds: { min: 1, median: 1.5, max: 2, total: 90 },
    sampleRatesHz: { 8000: 1, 44100: 2 },
    problems: [],
  };

  it('counts the clips in a table with sums', () => {
    assert.equal(
      formatInspection(INSPECTION),
      `mine: 3 clips of 2 speakers in recordings
┌─────────┬──────┬─────┬─────┐
│ emotion │ anna │ ben │ all │
├─────────┼──────┼─────┼─────┤
│ anger   │    1 │   1 │   2 │
│ sadness │    0 │   1 │   1 │
│ all     │    1 │   2 │   3 │
└─────────┴──────┴─────┴─────┘
durations: 1.00 s to 2.00 s, median 1.50 s, 1.5 min in all
sample rates: 8,000 Hz (1 clip), 44,100 Hz (2 clips)
no problems`,
    );
  });

  it("shows the corpus's own words for emotions where they are others, and which are unknown", () => {
    const text = formatInspection({ ...INSPECTION, labels: { anger: { ang: 1, Angry: 1200 }, pride: { pride: 1 } } });
    assert.ok(
      text.includes(`
┌─────────────────┬────────────────────────┐
│ emotion         │ as labelled            │
├─────────────────┼────────────────────────┤
│ anger           │ ang (1), Angry (1,200) │
│ pride (unknown) │ pride (1)              │
└─────────────────┴────────────────────────┘
`),
      text,
    );
  });

  it('says that speakers are unknown', () => {
    const text = formatInspection({ ...INSPECTION, counts: { anger: { unknown: 3 } } });
    assert.match(text, /^mine: 3 clips of unknown speakers in recordings\n/);
  });

  it('counts in the singular where there is one', () => {
    const problems = [{ kind: 'missing', path: 'recordings', detail: 'a clip' }] as const;
    const text = formatInspection({ ...INSPECTION, clips: 1, counts: { anger: { anna: 1 } }, problems });
    assert.match(text, /^mine: 1 clip of 1 speaker in recordings\n/);
    assert.match(text, /\n1 problem: 1 missing$/);
  });

  it('names each problem and counts them by kind, aligned and without colours', () => {
    const text = formatInspection({
      ...INSPECTION,
      durationSeconds: null,
      problems: [
        { kind: 'unreadable', path: 'recordings/ä.wav', detail: 'the file is empty' },
        { kind: 'missing', path: 'recordings', detail: '2 clips' },
        { kind: 'clipped', path: 'elsewhere/b.wav', detail: '4 samples' },
      ],
    });
    assert.match(text, /│ unreadable +│ ä\.wav +│ the file is empty +│/);
    assert.match(text, /│ missing +│ recordings +│/);
    assert.match(text, /│ clipped +│ elsewhere\/b\.wav +│/);
    assert.match(text, /3 problems: 1 unreadable, 1 missing, 1 clipped$/);
    assert.doesNotMatch(text, /durations|no problems/);
    assert.ok(!text.includes(String.fromCharCode(27)));
    const problems = text.slice(text.lastIndexOf('┌')).split('\n').slice(0, -1);
    assert.equal(new Set(problems.map((line) => line.length)).size, 1);
  });
});
