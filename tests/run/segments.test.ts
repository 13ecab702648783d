import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeFile } from '../../src/audio/decode-file.js';
import { csvText, readCsv } from '../../src/common/csv.js';
import { loadCorpus } from '../../src/corpora/corpora.js';
import { requireNoneOnTwoSides } from '../../src/corpora/duplicates.js';
import { inspectCorpus } from '../../src/corpora/inspect.js';
import { mistakesOf } from '../../src/evaluation/predictions.js';
import { RUN_DEFAULTS } from '../../src/run/config.js';
import { readRun } from '../../src/run/finished.js';
import { SILENT } from '../../src/run/reporter.js';
import { savedRun } from '../../src/run/saved.js';
import { clipsTable, describeClips } from '../../src/tables/tables.js';
import { wav } from '../audio/wav.js';
import { BACKEND } from '../cli/ser.js';

const RATE = 8000;
const SPEAKERS = ['ann', 'ben', 'cem'];
const EMOTIONS = ['anger', 'fear', 'anger', 'fear'];

/** The same sounds in files of their own, and as segments of one file of each speaker. */
describe('segments of recordings', function () {
  this.timeout(120_000);
  const root = mkdtempSync(join(tmpdir(), 'ser-'));
  const cacheDirectory = join(root, 'cache');
  const manifest = (name: string, rows: readonly object[]) => {
    const path = join(root, `${name}.csv`);
    writeFileSync(path, csvText(rows));
    return path;
  };
  let whole: string;
  let cut: string;
  before(() => {
    mkdirSync(join(root, 'recordings'));
    const files: object[] = [];
    const segments: object[] = [];
    for (const [s, speaker] of SPEAKERS.entries()) {
      const said: number[] = [];
      for (const [i, emotion] of EMOTIONS.entries()) {
        const seconds = 0.3 + 0.05 * i;
        const pitch = (emotion === 'anger' ? 900 : 400) + 50 * s + i;
        const sound = Array.from(
          { length: seconds * RATE },
          (_, t) => 0.5 * Math.sin((2 * Math.PI * pitch * t) / RATE),
        );
        const file = `recordings/${speaker}-${i}.wav`;
        writeFileSync(join(root, file), wav(sound, { sampleRateHz: RATE }));
        files.push({ file, emotion, speaker, text: `t${i}` });
        const [start, end] = [said.length, said.length + sound.length].map((n) => `0 days 00:00:0${n / RATE}`);
        // The last one ends where its recording does.
        const last = i === EMOTIONS.length - 1;
        segments.push({
          file: `recordings/${speaker}.wav`,
          start,
          end: last ? 'NaT' : end,
          emotion,
          speaker,
          text: `t${i}`,
        });
        said.push(...sound);
      }
      writeFileSync(join(root, `recordings/${speaker}.wav`), wav(said, { sampleRateHz: RATE }));
    }
    whole = manifest('whole', files);
    cut = manifest('cut', segments);
  });
  after(() => rmSync(root, { recursive: true }));

  const trained = (data: string, reporter = SILENT) =>
    savedRun(
      { ...RUN_DEFAULTS, data, epochs: 2, sizes: { filters: [4], denseUnits: [4] } },
      { directory: `${data}.run`, backend: BACKEND, workers: 1, cacheDirectory, report: false, reporter },
    );

  it('give what the same sounds give in files of their own', async () => {
    const [files, segments] = [await trained(whole), await trained(cut)];
    assert.deepEqual(segments.metrics, files.metrics);
    assert.deepEqual(segments.probabilities, files.probabilities);
    assert.deepEqual(segments.split, files.split);
    const described = await describeClips(segments.clips);
    const numbers = ({ path, ...rest }: (typeof described)[number]) => rest;
    assert.deepEqual(described.map(numbers), (await describeClips(files.clips)).map(numbers));
  });

  it('are in the files of a run, and found there again', async () => {
    const { directory, clips } = await trained(cut);
    assert.deepEqual(clips, (await loadCorpus(cut)).clips);
    for (const file of ['clips.csv', 'predictions.csv']) {
      const [first, , , last] = readCsv(join(directory, file));
      assert.deepEqual([first.startSeconds, first.endSeconds], ['0', '0.3'], file);
      assert.deepEqual([last.startSeconds, last.endSeconds], ['1.05', ''], file);
    }
    assert.ok(!readFileSync(join(`${whole}.run`, 'clips.csv'), 'utf8').includes('startSeconds'));
    const table = clipsTable(clips);
    assert.deepEqual(table.columns.slice(0, 4), ['path', 'startSeconds', 'endSeconds', 'corpus']);
    assert.deepEqual(table.column('endSeconds').values.slice(2, 4), [1.05, '']);
    let epochs = 0;
    await trained(cut, { ...SILENT, epoch: () => epochs++ });
    assert.equal(epochs, 0, 'it is not trained again');
    const run = readRun(directory);
    for (const { path, segment } of mistakesOf(run, 'train'))
      assert.ok(run.clips.some((clip) => clip.path === path && clip.segment?.startSeconds === segment?.startSeconds));
  });

  it('are inspected one by one, each recording decoded once', async () => {
    let decoded = 0;
    const decode = (path: string) => {
      decoded++;
      return decodeFile(path);
    };
    const inspection = await inspectCorpus(await loadCorpus(cut), { decode });
    assert.equal(decoded, SPEAKERS.length);
    const { problems, clips, durationSeconds } = inspection;
    assert.deepEqual([problems, clips], [[], 12]);
    assert.deepEqual(
      [durationSeconds!.min, durationSeconds!.max, Number(durationSeconds!.total.toFixed(9))],
      [0.3, 0.45, 4.5],
    );
    const rows = [
      { file: 'recordings/ann.wav', start: 0, end: 0.3, emotion: 'anger' },
      { file: 'recordings/ann-0.wav', start: '', end: '', emotion: 'fear' },
      { file: 'recordings/ann.wav', start: 5, end: 6, emotion: 'anger' },
    ];
    const found = await inspectCorpus(await loadCorpus(manifest('odd', rows)), { decode });
    const [ann0, ann] = ['ann-0', 'ann'].map((name) => join(root, 'recordings', `${name}.wav`));
    assert.deepEqual(
      found.problems.map(({ kind, path, detail }) => [kind, path, detail]),
      [
        [
          ...['unreadable', `${ann} [5 s to 6 s]`],
          'the segment from 5 s to 6 s reaches behind the end of the recording, at 1.5 s',
        ],
        ['duplicate', `${ann} [0 s to 0.3 s]`, `the same sound as ${ann0}, which has emotion fear`],
      ],
    );
  });

  it('of one recording may be on two sides unless they overlap', async () => {
    const rows = [
      { file: 'recordings/ann.wav', start: 0, end: 0.3, emotion: 'anger', speaker: 'a' },
      { file: 'recordings/ann.wav', start: 0.3, end: 0.6, emotion: 'anger', speaker: 'b' },
    ];
    const { clips } = await loadCorpus(manifest('sides', rows));
    requireNoneOnTwoSides(clips, ({ speaker }) => speaker);
    const copy = join(root, 'copy.wav');
    writeFileSync(copy, readFileSync(clips[0].path));
    const again = { ...clips[0], path: copy, speaker: 'c' };
    assert.throws(() => requireNoneOnTwoSides([...clips, again], ({ speaker }) => speaker), {
      name: 'InputError',
      message: /ann\.wav \[0 s to 0\.3 s\] \(a\) and .*copy\.wav \[0 s to 0\.3 s\] \(c\) overlap, so that/,
    });
    await assert.rejects(loadCorpus(manifest('twice', [rows[0], { ...rows[0], start: '0 days', end: '0.30' }])), {
      name: 'InputError',
      message: /line 3: recordings\/ann\.wav \[0 s to 0\.3 s\] is listed twice, first in line 2$/,
    });
  });
});
