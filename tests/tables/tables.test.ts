import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import Papa from 'papaparse';
import { writeCsv } from '../../src/common/csv.js';
import { loadCorpus } from '../../src/corpora/corpora.js';
import { splitClips } from '../../src/dataset/splits.js';
import { evaluate } from '../../src/evaluation/metrics.js';
import { RUN_DEFAULTS } from '../../src/run/config.js';
import { run } from '../../src/run/run.js';
import {
  acousticTable,
  classesTable,
  clipsTable,
  describeClips,
  equalTo,
  historyTable,
  merge,
  metricsTable,
  predictionsTable,
  splitsTable,
  tableOf,
  valuesBy,
} from '../../src/tables/tables.js';

const HISTORY = [{ epoch: 1, loss: 2, accuracy: 0.1, valLoss: 2.5, valAccuracy: 0.2, seconds: 1 }];

describe('frames', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ser-'));
  after(() => rmSync(folder, { recursive: true }));

  it('have the columns of the files that a run writes', async function () {
    this.timeout(120_000);
    const { clips } = await loadCorpus('data/emodb');
    const some = clips.filter((clip) => ['03', '08', '09'].includes(clip.speaker) && 'WN'.includes(clip.label));
    const data = join(folder, 'some.csv');
    writeCsv(
      data,
      some.map(({ path, emotion, speaker }) => ({ path: resolve(path), emotion, speaker })),
    );
    const directory = join(folder, 'run');
    await run({ ...RUN_DEFAULTS, data, epochs: 1 }, { directory, backend: 'wasm', cacheDirectory: folder });
    const columns = (name: string) =>
      Papa.parse<string[]>(readFileSync(join(directory, name), 'utf8')).data[0].toSorted();

    const split = splitClips(some);
    const recordings = some.map(() => ({ durationSeconds: 2, sampleRateHz: 22_050 }));
    const labels = ['anger', 'neutral'];
    const probabilities = new Float32Array(2 * some.length).fill(0.5);
    assert.deepEqual(
      // Of the clips that a run leaves out, its file says why; frames hold usable ones.
      [...clipsTable(some, { recordings, split }).columns, 'problem'].toSorted(),
      columns('clips.csv'),
    );
    assert.deepEqual(historyTable(HISTORY).columns.toSorted(), columns('history.csv'));
    const predictions = predictionsTable({ clips: some, split, labels, probabilities });
    assert.deepEqual(predictions.columns.toSorted(), columns('predictions.csv'));
  });

  it('load where there is no native library, and choose no backend', () => {
    const program = `
      const Module = require('node:module');
      const resolve = Module._resolveFilename;
      Module._resolveFilename = (name, ...rest) => {
        if (/tfjs-node$/.test(name)) throw new Error('no native library');
        return resolve(name, ...rest);
      };
      const { tableOf } = require('./src/tables/tables.ts');
      console.log(tableOf([{ a: 1 }, { a: 3 }]).column('a').mean());`;
    const text = execFileSync(process.execPath, ['--require', 'tsx/cjs', '-e', program], { encoding: 'utf8' });
    assert.equal(text, '2\n');
  });
});

describe('tableOf()', () => {
  it('makes a frame with the columns of the first row', () => {
    const frame = tableOf([
      { name: 'a', count: 1 },
      { count: 2, name: 'b' },
    ]);
    assert.deepEqual(frame.columns, ['name', 'count']);
    assert.deepEqual(frame.values, [
      ['a', 1],
      ['b', 2],
    ]);
  });

  it('refuses no rows, and rows with other columns', () => {
    assert.throws(() => tableOf([]), RangeError);
    const rows: Record<string, number>[] = [{ a: 1, b: 2 }, { a: 1 }];
    assert.throws(() => tableOf(rows), {
      name: 'TypeError',
      message: 'Cannot make a DataFrame: every row must have the columns a, b, row 1 has a',
    });
  });
});

describe('acousticTable()', () => {
  it('joins clips on their path; unusable ones are left out', async () => {
    const [first, second] = (await loadCorpus('data/emodb')).clips;
    const missing = { ...first, path: 'none.wav' };
    const described = await describeClips([first, missing, second]);
    assert.deepEqual(
      described.map(({ path }) => path),
      [first.path, second.path],
    );
    const acoustic = acousticTable(described);
    assert.equal(acoustic.columns.length, 30);
    const joined = merge({ left: clipsTable([second, missing, first]), right: acoustic, on: ['path'], how: 'inner' });
    assert.deepEqual(joined.column('emotion').values, [second.emotion, first.emotion]);
    assert.deepEqual(joined.column('durationSeconds').values, [2, 2]);
  });
});

describe('metricsTable() and classesTable()', () => {
  const metrics = evaluate([0, 1, 1], Float32Array.of(0.9, 0.1, 0.8, 0.2, 0.3, 0.7), ['anger', 'fear']);

  it('have a row per set, and per class', () => {
    const frame = metricsTable({ test: metrics });
    assert.deepEqual(frame.columns, ['set', 'accuracy', 'loss', 'uar', 'macroF1']);
    assert.deepEqual(frame.column('uar').values, [0.75]);
    const classes = classesTable(metrics);
    assert.deepEqual(classes.column('emotion').values, ['anger', 'fear']);
    assert.deepEqual(classes.column('recall').values, [1, 0.5]);
  });
});

describe('equalTo() and valuesBy()', () => {
  const frame = tableOf([
    { emotion: 'fear', value: 1 },
    { emotion: 'anger', value: 2 },
    { emotion: 'fear', value: 3 },
  ]);

  it('equalTo() selects rows by a value that is text', () => {
    assert.deepEqual(frame.query(equalTo(frame.column('emotion'), 'fear')).column('value').values, [1, 3]);
  });

  it('valuesBy() groups the numbers of a column', () => {
    assert.deepEqual(valuesBy(frame, 'emotion', 'value'), { fear: [1, 3], anger: [2] });
  });

  it('valuesBy() refuses a column that is not there', () => {
    assert.throws(() => valuesBy(frame, 'emotion', 'size'), {
      name: 'RangeError',
      message: 'Cannot group: there is no column size; the columns are emotion, value',
    });
  });

  it('splitsTable() counts what is in each set, and what it shares with training', async () => {
    const { clips } = await loadCorpus('data/emodb');
    const frame = splitsTable(clips, [splitClips(clips), splitClips(clips, { protocol: 'original' })]);
    assert.deepEqual(frame.columns, ['protocol', 'set', 'clips', 'speakers', 'texts', 'sharedSpeakers', 'sharedTexts']);
    assert.deepEqual(frame.values, [
      ['speaker', 'train', 332, 6, 10, Number.NaN, Number.NaN],
      ['speaker', 'validation', 99, 2, 10, 0, 10],
      ['speaker', 'test', 104, 2, 10, 0, 10],
      ['original', 'train', 429, 10, 10, Number.NaN, Number.NaN],
      ['original', 'validation', 106, 10, 10, 10, 10],
      ['original', 'test', 106, 10, 10, 10, 10],
    ]);
  });
});
