import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import Papa from 'papaparse';
import { nativeInPlace } from '../../src/backend/native/native.js';
import { PROTOCOLS, SUBSETS } from '../../src/dataset/splits.js';
import { calibrationError, reliability } from '../../src/evaluation/calibration.js';
import { evaluate, type Metrics } from '../../src/evaluation/metrics.js';
import { NORMALISATIONS } from '../../src/features/normalise.js';
import { loadModel } from '../../src/model/load.js';
import { RUN_DEFAULTS, type RunConfig, readConfig } from '../../src/run/config.js';
import { type RunResult, resume, run } from '../../src/run/run.js';
import { BACKEND, EMODB, smallCorpus } from '../cli/ser.js';

const FIGURES = [
  'class-balance',
  'confusion',
  'confusion-normalised',
  'coverage',
  'history',
  'recall',
  'reliability',
  'spectrogram',
  'waveform',
].flatMap((name) => [`${name}.html`, `${name}.png`]);

describe('run()', function () {
  this.timeout(120000);
  const root = mkdtempSync(join(tmpdir(), 'ser-'));
  const cacheDirectory = join(root, 'cache');
  const small = join(root, 'small');
  before(() => {
    smallCorpus(small);
  });
  after(() => rmSync(root, { recursive: true }));

  const text = (directory: string, name: string) => readFileSync(join(directory, name), 'utf8');
  const rows = (directory: string, name: string) =>
    Papa.parse<Record<string, string>>(text(directory, name), { header: true, skipEmptyLines: true }).data;
  let count = 0;
  /** A run on the small corpus, with a small network unless told otherwise. */
  const quick = (config: Partial<RunConfig> = {}, backend: 'native' | 'wasm' = BACKEND): Promise<RunResult> =>
    run(
      { ...RUN_DEFAULTS, data: small, epochs: 2, sizes: { filters: [8, 8], denseUnits: [8] }, ...config },
      { directory: join(root, `run ${++count}`), backend, cacheDirectory, workers: 2 },
    );

  /** All that equal seeds make equal. */
  function results(directory: string) {
    const { seconds, ...metrics } = JSON.parse(text(directory, 'metrics.json'));
    const history = rows(directory, 'history.csv').map(({ seconds: _, ...record }) => record);
    const [model] = readdirSync(join(directory, 'model')).filter((name) => name.startsWith('weights'));
    return {
      metrics,
      history,
      model,
      predictions: text(directory, 'predictions.csv'),
      clips: text(directory, 'clips.csv'),
    };
  }

  /** Checks that a finished run's folder is complete and consistent in itself. */
  async function checkFolder({ directory, metrics: returned, epochs, bestEpoch }: RunResult, config: RunConfig) {
    assert.deepEqual(readdirSync(directory).sort(), [
      ...[
        'best_model.keras',
        'checkpoint',
        'checksums.txt',
        'clips.csv',
        'config.json',
        'cost.json',
        'environment.json',
        'figures',
        'history.csv',
        'metrics.json',
      ],
      ...['model', 'predictions.csv', 'report.html'],
    ]);
    assert.deepEqual(readdirSync(join(directory, 'figures')).sort(), [...FIGURES, 'plotly.min.js'].sort());
    for (const name of FIGURES.filter((figure) => figure.endsWith('.png')))
      assert.equal(readFileSync(join(directory, 'figures', name)).toString('latin1', 1, 4), 'PNG');
    assert.deepEqual(readConfig(join(directory, 'config.json')), config);
    assert.match(text(directory, 'report.html'), /^<!doctype html>/i);

    const history = rows(directory, 'history.csv');
    assert.deepEqual(Object.keys(history[0]), ['epoch', 'loss', 'accuracy', 'valLoss', 'valAccuracy', 'seconds']);
    assert.equal(history.length, epochs);
    const losses = history.map((record) => Number(record.valLoss));
    assert.equal(bestEpoch, losses.indexOf(Math.min(...losses)) + 1);

    const metrics = JSON.parse(text(directory, 'metrics.json'));
    assert.deepEqual(Object.keys(metrics), [
      ...['labels', 'train', 'validation', 'test', 'calibrationError', 'unheard', 'epochs', 'bestEpoch', 'seconds'],
    ]);
    assert.deepEqual([metrics.epochs, metrics.bestEpoch], [epochs, bestEpoch]);
    assert.deepEqual(Object.keys(metrics.seconds), ['features', 'training', 'evaluation', 'total']);
    for (const value of Object.values(metrics.seconds)) assert.ok((value as number) > 0);
    assert.deepEqual({ train: metrics.train, validation: metrics.validation, test: metrics.test }, returned);

    // The metrics, computed again from the predictions.
    const { labels } = metrics as { labels: string[] };
    const predictions = rows(directory, 'predictions.csv');
    assert.deepEqual(Object.keys(predictions[0]), ['path', 'set', 'true', 'predicted', ...labels]);
    for (const set of SUBSETS) {
      const m = metrics[set] as Metrics;
      assert.deepEqual(Object.keys(m), ['accuracy', 'loss', 'uar', 'macroF1', 'perClass', 'confusion']);
      assert.deepEqual(Object.keys(m.perClass), labels);
      for (const one of Object.values(m.perClass))
        assert.deepEqual(Object.keys(one), ['precision', 'recall', 'f1', 'support']);
      const shown = config.protocol === 'original' && set === 'validation' ? 'test' : set;
      const own = predictions.filter((row) => row.set === shown);
      const targets = own.map((row) => labels.indexOf(row.true));
      const probabilities = Float32Array.from(own.flatMap((row) => labels.map((label) => Number(row[label]))));
      assert.deepEqual(evaluate(targets, probabilities, labels), m);
      const hits = own.filter((row) => row.true === row.predicted).length;
      assert.equal(m.accuracy, hits / own.length);
      const bins = reliability(targets, probabilities, labels.length);
      if (set === 'test') assert.equal(metrics.calibrationError, calibrationError(bins));
      for (const row of own) {
        const best = Math.max(...labels.map((label) => Number(row[label])));
        assert.equal(Number(row[row.predicted]), best);
      }
    }

    // Every clip has a set, and the same one in both files.
    const clips = rows(directory, 'clips.csv');
    assert.deepEqual(
      clips.map((clip) => [clip.path, clip.set, clip.emotion]),
      predictions.map((row) => [row.path, row.set, row.true]),
    );
    assert.deepEqual(
      Object.keys(clips[0]),
      'path,corpus,speaker,text,emotion,label,sex,intensity,durationSeconds,sampleRateHz,sha256,set,problem'.split(','),
    );
    // What a new start predicts is what was evaluated.
    const model = await loadModel(join(directory, 'model'), { backend: environmentOf(directory).backend.name });
    if (config.normalise !== 'speaker')
      for (const row of predictions.slice(0, 3)) {
        const { emotion, probabilities } = await model.predict(row.path);
        assert.equal(emotion, row.predicted);
        assert.deepEqual(
          labels.map((label) => probabilities[label]),
          labels.map((label) => Number(row[label])),
        );
      }
    else {
      const { speaker } = clips[0];
      const paths = clips.filter((clip) => clip.speaker === speaker).map((clip) => clip.path);
      for await (const result of model.predictFiles(paths)) {
        const row = predictions.find(({ path }) => path === result.path)!;
        assert.ok('probabilities' in result);
        for (const label of labels) assert.equal(result.probabilities[label], Number(row[label]));
      }
    }
    model.dispose();
  }

  const environmentOf = (directory: string) => JSON.parse(text(directory, 'environment.json'));

  it("does the whole job with the defaults' network on the native backend", async function () {
    if (!nativeInPlace()) this.skip();
    const data = join(root, 'emodb set');
    const every = ['03', '08', '09', '10', '11', '12', '13', '14', '15', '16'];
    smallCorpus(data, { speakers: every, emotions: ['A', 'E', 'F', 'L', 'N', 'T', 'W'], each: 2 });
    const config = { ...RUN_DEFAULTS, data, epochs: 3 };
    const result = await run(config, { directory: join(root, 'native'), backend: 'native', cacheDirectory });
    assert.ok(result.finished);
    const { backend, node } = environmentOf(result.directory);
    assert.deepEqual([backend.name, node], ['native', process.version]);
    await checkFolder(result, config);
  });

  it("does the whole job with the defaults' network on WebAssembly", async () => {
    const result = await quick({ sizes: {}, epochs: 1 }, 'wasm');
    assert.equal(environmentOf(result.directory).backend.name, 'wasm');
    await checkFolder(result, { ...RUN_DEFAULTS, data: small, epochs: 1 });
  });

  it('gives the same results for the same seed, others for another', async () => {
    const [a, b, c] = [await quick(), await quick(), await quick({ seed: 7 })];
    assert.deepEqual(results(b.directory), results(a.directory));
    assert.notDeepEqual(results(c.directory).predictions, results(a.directory).predictions);
  });

  it('gives nearly the same on both backends', async function () {
    if (!nativeInPlace()) this.skip();
    const [native, wasm] = [await quick({}, 'native'), await quick({}, 'wasm')];
    for (const [i, record] of rows(native.directory, 'history.csv').entries())
      assert.ok(Math.abs(Number(record.loss) - Number(rows(wasm.directory, 'history.csv')[i].loss)) < 1e-3);
  });

  for (const protocol of PROTOCOLS)
    it(`divides by the protocol ${protocol}`, async () => {
      const result = await quick({ protocol });
      const clips = rows(result.directory, 'clips.csv');
      const of = (set: string, key: string) =>
        new Set(clips.filter((clip) => clip.set === set).map((clip) => clip[key]));
      const shared = (key: string) => [...of('train', key)].filter((value) => of('test', key).has(value));
      if (protocol === 'speaker') assert.deepEqual(shared('speaker'), []);
      if (protocol === 'text') assert.deepEqual(shared('text'), []);
      if (protocol === 'original') assert.equal(of('validation', 'path').size, 0);
      await checkFolder(result, readConfig(join(result.directory, 'config.json')));
    });

  for (const normalise of NORMALISATIONS)
    it(`normalises by ${normalise}, and so does the model that it saves`, async () => {
      const result = await quick({ normalise });
      await checkFolder(result, readConfig(join(result.directory, 'config.json')));
    });

  it('trains the network along time', async () => {
    const result = await quick({ network: 'time' });
    await checkFolder(result, readConfig(join(result.directory, 'config.json')));
  });

  it('leaks no tensors', async () => {
    await quick();
    const before = tf.memory().numTensors;
    await quick();
    assert.equal(tf.memory().numTensors, before);
  });

  it('ends after the epoch when aborted; resume() gives the same as a run that was not', async () => {
    const whole = await quick({ epochs: 4 });
    const controller = new AbortController();
    const said: string[] = [];
    const directory = join(root, 'aborted');
    const config = readConfig(join(whole.directory, 'config.json'));
    const aborted = await run(config, {
      directory,
      backend: BACKEND,
      cacheDirectory,
      signal: controller.signal,
      reporter: {
        say: (line) => said.push(line),
        progress: () => ({ update() {}, stop() {} }),
        epoch: ({ epoch }) => epoch === 2 && controller.abort(),
      },
    });
    assert.deepEqual([aborted.finished, aborted.epochs, aborted.metrics], [false, 2, undefined]);
    assert.match(said.at(-1)!, /^Interrupted after 2 epochs, all kept; go on with `resume\("\S+aborted"\)`$/);
    const resumed = await resume(directory, { cacheDirectory });
    assert.ok(resumed.finished);
    // It goes on with the backend that it began with.
    assert.equal(environmentOf(directory).backend.name, BACKEND);
    assert.deepEqual(results(directory), results(whole.directory));
    await checkFolder(resumed, config);
  });

  it('resume() keeps to the backend of before unless told otherwise', async () => {
    const directory = join(root, 'on wasm');
    const config = { ...RUN_DEFAULTS, data: small, epochs: 2, sizes: { filters: [4], denseUnits: [4] } };
    const begun = await run(config, { directory, backend: 'wasm', cacheDirectory, signal: AbortSignal.abort() });
    assert.equal(begun.finished, false);
    await resume(directory, { cacheDirectory, backend: 'auto' });
    assert.equal(environmentOf(directory).backend.name, 'wasm');
  });

  it('gives the same whatever the number of workers, with a cold cache and a warm one', async () => {
    const config = { ...RUN_DEFAULTS, data: small, epochs: 1, sizes: { filters: [4], denseUnits: [4] } };
    const cache = join(root, 'another cache');
    const outcomes = [];
    for (const workers of [1, 2]) {
      const options = { directory: join(root, `workers ${workers}`), backend: BACKEND, workers } as const;
      const { directory } = await run(config, { ...options, cacheDirectory: cache });
      outcomes.push(results(directory));
    }
    assert.deepEqual(outcomes[1], outcomes[0]);
  });

  it('refuses a corpus that cannot be split before it makes a folder', async () => {
    const directory = join(root, 'never');
    const config = { ...RUN_DEFAULTS, data: EMODB, protocol: 'speaker' as const, testSpeakers: ['99'] };
    await assert.rejects(run(config, { directory }), { name: 'UsageError', message: /Cannot test with speaker 99/ });
    assert.ok(!readdirSync(root).includes('never'));
  });
});
