/**
 * Corpora of 150,000 clips. What takes steps for each pair of them, or an argument for each, does not get through this:
 * the one times out, the other throws.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Papa from 'papaparse';
import { csvPieces, csvRows, writeCsv } from '../../src/common/csv.js';
import { InputError } from '../../src/common/errors.js';
import { sha256 } from '../../src/common/sha256.js';
import type { Clip } from '../../src/corpora/clip.js';
import { readEmotionFolders } from '../../src/corpora/emotion-folders.js';
import { speakerPair } from '../../src/corpora/examples.js';
import { formatInspection, inspectCorpus } from '../../src/corpora/inspect.js';
import { readManifest } from '../../src/corpora/manifest.js';
import { PROTOCOLS, SUBSETS, splitClips } from '../../src/dataset/splits.js';
import { eachPredictionRow } from '../../src/evaluation/predictions.js';
import { figureHtml } from '../../src/pages/html.js';
import { problems } from '../../src/pages/report.js';
import { boxFigure } from '../../src/plots/distributions.js';
import { clipMapFigure, coverageFigure, drawnClips } from '../../src/plots/figures.js';

const CLIPS = 150_000;
const EMOTIONS = ['anger', 'fear', 'neutral'];

const clips: readonly Clip[] = Array.from({ length: CLIPS }, (_, i) => ({
  path: `${String(i).padStart(6, '0')}.wav`,
  corpus: 'rows',
  speaker: `s${Math.floor(i / 100)}`,
  emotion: EMOTIONS[i % 3],
  label: EMOTIONS[i % 3],
  text: `t${i % 1000}`,
}));

describe('150,000 clips', () => {
  let root: string;
  before(() => {
    root = mkdtempSync(join(tmpdir(), 'ser-'));
  });
  after(() => rmSync(root, { recursive: true }));

  for (const protocol of PROTOCOLS)
    it(`are divided with ${protocol}`, () => {
      const split = splitClips(clips, { protocol });
      const sets = new Set(SUBSETS.flatMap((set) => split[set]));
      assert.equal(sets.size, CLIPS);
    });

  it('are divided by five hundred speakers that are named', () => {
    const testSpeakers = Array.from({ length: 500 }, (_, s) => `s${3 * s}`);
    assert.equal(splitClips(clips, { testSpeakers }).test.length, CLIPS / 3);
  });

  it('are read from folders of speakers and emotions', () => {
    const recordings = clips.map(({ path, speaker, emotion }) => ({
      path,
      relativePath: `${speaker}/${emotion}/${path}`,
    }));
    const { facts, inWords } = readEmotionFolders(recordings)!;
    assert.deepEqual([facts.length, facts[100]!.speaker, facts[100]!.emotion], [CLIPS, 's1', 'fear']);
    assert.match(
      inWords,
      /anger \(50000\), fear \(50000\), neutral \(50000\); 1,500 speakers: s0, s1, s10, s100, s1000, …/,
    );
  });

  it('are read from a manifest of segments, each recording looked up once', () => {
    for (const name of ['a', 'b']) writeFileSync(join(root, `${name}.wav`), '');
    const some = clips.slice(0, 40_000);
    const lines = some.map(({ speaker, emotion }, i) => `${'ab'[i % 2]}.wav,${i},${i + 1},${emotion},${speaker}`);
    const path = join(root, 'segments.csv');
    writeFileSync(path, `path,start,end,emotion,speaker\n${lines.join('\n')}\n`);
    const read = readManifest(path).clips;
    assert.equal(read.length, some.length);
    assert.equal(new Set(read.map((clip) => Object.keys(clip).join())).size, 1);
    assert.deepEqual(read[some.length - 1], {
      path: join(root, 'b.wav'),
      segment: { startSeconds: some.length - 1, endSeconds: some.length },
      corpus: 'segments',
      speaker: 's399',
      emotion: 'anger',
      label: 'anger',
      text: `b.wav [${some.length - 1} s to ${some.length} s]`,
    });
    writeFileSync(path, `path,emotion\n${lines.map(() => 'a.wav,anger').join('\n')}\n`);
    assert.throws(() => readManifest(path), { name: 'InputError', message: /… and 39989 more$/ });
  });

  it('are inspected, though there is something wrong with each of them', async () => {
    const corpus = { name: 'rows', root: '.', clips, misnamed: clips.map(({ path }) => path), repeated: [] };
    const decode = () => Promise.reject(new InputError('broken'));
    const inspection = await inspectCorpus(corpus, { decode });
    assert.equal(inspection.problems.length, 2 * CLIPS);
    const lines = formatInspection(inspection).split('\n');
    assert.ok(lines.length < 200, `${lines.length} lines`);
    assert.ok(lines.some((line) => /… and 1,400 more, see --json/.test(line)));
    assert.ok(lines.some((line) => /and 149,981 more, see --json/.test(line)));
  });

  it('have a pair of speakers that is found', () => {
    const [first] = clips;
    const alike = clips.map((clip, i) => ({
      ...clip,
      speaker: i < CLIPS / 2 ? 'a' : 'b',
      text: i < CLIPS / 2 ? 'x' : 'y',
    }));
    const [a, b] = speakerPair(alike);
    assert.deepEqual([a.speaker, b.speaker, a.emotion, a.path], ['a', 'b', b.emotion, first.path]);
  });

  it('are in predictions.csv as they were when all rows were in memory together', () => {
    const labels = EMOTIONS;
    const some = clips.slice(0, 5001);
    const probabilities = Float32Array.from({ length: 3 * some.length }, (_, i) => (i % 7) / 7);
    const split = splitClips(some, {});
    const rows = () => eachPredictionRow({ clips: some, labels, probabilities, split });
    const path = join(root, 'predictions.csv');
    writeCsv(path, rows());
    const text = readFileSync(path, 'utf8');
    assert.equal(text, `${Papa.unparse([...rows()], { newline: '\n' })}\n`);
    assert.equal(sha256(csvPieces(rows())), createHash('sha256').update(text).digest('hex'));
    assert.ok([...csvPieces(rows())].length === 6);
  });

  it('are read from CSV piece by piece, wherever a piece ends in a row', () => {
    const path = join(root, 'quoted.csv');
    const rows = Array.from({ length: 60_000 }, (_, i) => ({
      a: `${i},"ä"\n${'x'.repeat(i % 97)}`,
      b: i % 2 ? '"' : '=1',
    }));
    writeCsv(path, rows);
    assert.ok(statSync(path).size > 3 * 2 ** 20);
    let next = 0;
    for (const row of csvRows(path)) assert.deepEqual(row, rows[next++]);
    assert.equal(next, rows.length);
    writeFileSync(path, `${readFileSync(path, 'utf8')}1,2,3\n`);
    assert.throws(() => [...csvRows(path)], { message: /row 60000: Too many fields/ });
  });

  it('are drawn in figures of a few thousand points', () => {
    const size = 3;
    const values = Float32Array.from({ length: size * CLIPS }, (_, i) => Math.sin(i * i));
    const map = clipMapFigure({ clips, split: splitClips(clips) }, { values, size });
    const points = map.data.map(({ x }) => (x as number[]).length);
    assert.equal(
      points.reduce((sum, each) => sum + each, 0),
      3 * 5000,
    );
    assert.ok(map.data.length <= 3 + 36 + 3);
    assert.deepEqual(clipMapFigure({ clips, split: splitClips(clips) }, { values, size }), map);
    assert.ok(figureHtml(map).length < 2e6);
    // The same from the vectors of these clips alone, which is what a run has in memory.
    const { indices, ...drawn } = drawnClips({ clips, split: splitClips(clips) });
    const theirs = Float32Array.from(indices.flatMap((i) => [...values.subarray(size * i, size * (i + 1))]));
    assert.deepEqual(clipMapFigure(drawn, { values: theirs, size }), map);
    const curve = clips.map((_, i) => ({ threshold: 1 - i / CLIPS, coverage: (i + 1) / CLIPS, accuracy: 0.5 }));
    const [line] = coverageFigure(curve).data;
    const coverage = line.x as number[];
    assert.deepEqual([coverage.length, coverage[0], coverage[1999]], [2000, 0, 100]);
    const numbers = clips.map((_, i) => (i * 7919) % CLIPS);
    const [box] = boxFigure({ all: numbers }, { title: '', axisTitle: '' }).data;
    const quantiles = box.x as number[];
    assert.deepEqual([quantiles.length, quantiles[0], quantiles[9999]], [10_000, 0, CLIPS]);
    assert.equal(Math.round(quantiles[2500] / 100), 375);
  });

  it('that are left out for as many reasons are listed in part', () => {
    const html = problems(
      clips.map(({ path }, i) => ({ path, reason: `${i} s: too long` })),
      'clips.csv',
    );
    assert.match(html, /The first 100 of 150,000 reasons; all are in clips\.csv\./);
    assert.ok(html.length < 20_000);
  });
});
