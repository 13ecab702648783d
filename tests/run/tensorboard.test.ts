import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCsv } from '../../src/common/csv.js';
import { eventFile, type LogEvent } from '../../src/exchange/event-file.js';
import { configFor, RUN_DEFAULTS } from '../../src/run/config.js';
import { readCost } from '../../src/run/cost.js';
import { runFolds } from '../../src/run/folds.js';
import { run } from '../../src/run/run.js';
import { BACKEND, ser, smallCorpus } from '../cli/ser.js';

describe('ser export --format tensorboard', function () {
  this.timeout(120_000);
  const root = mkdtempSync(join(tmpdir(), 'ser-'));
  after(() => rmSync(root, { recursive: true }));
  const at = (...names: string[]) => join(root, ...names);
  const file = (...names: string[]) => readFileSync(at('logs', ...names, 'events.out.tfevents.ser'));
  const json = (...names: string[]) => JSON.parse(readFileSync(at(...names), 'utf8'));
  const command = (folder: string, out = 'logs') =>
    ser(['export', folder, '--format', 'tensorboard', '--out', out], { cwd: root });

  /** A record as it stands in a file. */
  function record(event: LogEvent): Buffer {
    const bytes = Buffer.from(eventFile([event]));
    return bytes.subarray(bytes.readUInt32LE(0) + 16);
  }

  before(async () => {
    smallCorpus(at('clips'));
    const options = { backend: BACKEND, workers: 1, cacheDirectory: at('cache') } as const;
    const config = { ...RUN_DEFAULTS, data: at('clips'), epochs: 2, sizes: { filters: [4], denseUnits: [4] } };
    await run(config, { ...options, directory: at('run') });
    const folds = { ...configFor('functionals', { data: at('clips') }), groups: 2 };
    await runFolds(folds, { ...options, directory: at('folds') });
  });

  it('writes curves as Keras does, results, figures, cost and settings, but no path of this machine', async () => {
    const { code, stdout, stderr } = await command('run');
    assert.deepEqual([code, stdout], [0, 'logs/run\n'], stderr);
    const began = Date.parse(readCost(at('run'))!.sittings[0].began) / 1000;
    let seconds = began;
    for (const row of readCsv(at('run/history.csv'))) {
      seconds += Number(row.seconds);
      const time = { seconds, step: Number(row.epoch) };
      for (const [folder, tag, column] of [
        ['train', 'epoch_loss', 'loss'],
        ['train', 'epoch_accuracy', 'accuracy'],
        ['validation', 'epoch_loss', 'valLoss'],
        ['validation', 'epoch_accuracy', 'valAccuracy'],
      ])
        assert.ok(
          file('run', folder).includes(record({ ...time, summary: { tag, scalar: Number(row[column]) } })),
          tag,
        );
    }
    const all = file('run');
    const has = (tag: string, scalar: number) =>
      assert.ok(all.includes(record({ seconds: began, step: 0, summary: { tag, scalar } })), tag);
    const { test, validation } = json('run/metrics.json');
    has('test/UAR', test.uar);
    has('validation/loss', validation.loss);
    has('test/recall of anger', test.perClass.anger.recall);
    has('cost/processor seconds', readCost(at('run'))!.processorSeconds);
    const card = readFileSync(at('run/model/MODEL_CARD.md'), 'utf8');
    assert.ok(all.includes(record({ seconds: began, step: 0, summary: { tag: 'model card', markdown: card } })));
    for (const name of readdirSync(at('run/figures')).filter((each) => each.endsWith('.png')))
      assert.ok(all.includes(readFileSync(at('run/figures', name))), name);
    for (const setting of ['features.options.bands', 'corpus', 'emodb', 'sizes.filters'])
      assert.ok(all.includes(setting));
    assert.ok(!all.includes(root));
  });

  it('writes folds below the run that they belong to', async () => {
    assert.equal((await command('folds')).code, 0);
    const began = (folder: string) => Date.parse(readCost(at(folder))!.sittings[0].began) / 1000;
    const uar = (folder: string, scalar: number) =>
      record({ seconds: began(folder), step: 0, summary: { tag: 'test/UAR', scalar } });
    assert.ok(file('folds').includes(uar('folds', json('folds/metrics.json').metrics.uar)));
    assert.ok(file('folds/fold-02').includes(uar('folds/fold-02', json('folds/fold-02/metrics.json').test.uar)));
    assert.deepEqual(readdirSync(at('logs/folds')).sort(), ['events.out.tfevents.ser', 'fold-01', 'fold-02']);
  });

  it('refuses what is there already, and what is no finished run, and writes nothing', async () => {
    const before = statSync(at('logs/run/events.out.tfevents.ser')).mtimeMs;
    const again = await command('run');
    assert.deepEqual([again.code, again.stdout], [1, '']);
    assert.match(again.stderr, /^ser: Cannot write logs\/run: there is such a file or folder already\n$/);
    assert.equal(statSync(at('logs/run/events.out.tfevents.ser')).mtimeMs, before);
    const none = await command('clips', 'other');
    assert.equal(none.code, 1);
    assert.match(none.stderr, /Cannot read the run in clips: there is no config\.json/);
    assert.ok(!readdirSync(root).includes('other'));
  });
});
