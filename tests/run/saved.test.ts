import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { writeCsv } from '../../src/common/csv.js';
import { InputError } from '../../src/common/errors.js';
import { PROTOCOLS, splitClips } from '../../src/dataset/splits.js';
import { loadModel } from '../../src/model/load.js';
import { RUN_DEFAULTS, type RunConfig } from '../../src/run/config.js';
import { readRun } from '../../src/run/finished.js';
import { lockFolder } from '../../src/run/folder.js';
import { SILENT } from '../../src/run/reporter.js';
import { run } from '../../src/run/run.js';
import { savedRun } from '../../src/run/saved.js';
import { classesTable, clipsTable, historyTable, metricsTable, predictionsTable } from '../../src/tables/tables.js';
import { BACKEND, EMODB, smallCorpus } from '../cli/ser.js';

describe('saved runs', function () {
  this.timeout(120_000);
  const root = mkdtempSync(join(tmpdir(), 'ser-'));
  const data = join(root, 'small');
  const options = { backend: BACKEND, workers: 1, cacheDirectory: join(root, 'cache') } as const;
  const config: RunConfig = {
    ...RUN_DEFAULTS,
    data,
    epochs: 2,
    sizes: { filters: [4], denseUnits: [4] },
  };
  let names: string[];
  before(() => {
    names = smallCorpus(data);
  });
  after(() => rmSync(root, { recursive: true }));

  /** A folder with a finished run; what has the usual configuration is carried out once, and copied. */
  let count = 0;
  async function finished(settings: RunConfig = config): Promise<string> {
    const directory = join(root, `run ${++count}`);
    const usual = join(root, 'usual');
    if (settings === config) {
      if (!existsSync(usual)) await run(config, { ...options, directory: usual });
      cpSync(usual, directory, { recursive: true });
    } else await run(settings, { ...options, directory });
    return directory;
  }

  /** Whether `savedRun` trains, and what it gives back and says. */
  async function asked(settings: RunConfig, directory: string) {
    const metrics = join(directory, 'metrics.json');
    const before = existsSync(metrics) ? statSync(metrics, { bigint: true }).mtimeNs : undefined;
    const lines: string[] = [];
    let epochs = 0;
    const reporter = { ...SILENT, say: (line: string) => lines.push(line), epoch: () => epochs++ };
    const result = await savedRun(settings, { ...options, directory, reporter });
    const written = statSync(metrics, { bigint: true }).mtimeNs !== before;
    assert.equal(written, epochs > 0);
    return { trained: written, result, last: lines.at(-1) };
  }

  describe('readRun()', () => {
    for (const protocol of PROTOCOLS)
      it(`gives back what a run with protocol ${protocol} found`, async () => {
        const settings = { ...config, protocol };
        const directory = join(root, protocol);
        const { metrics, bestEpoch, epochs } = await run(settings, { ...options, directory });
        const found = readRun(directory);
        assert.deepEqual(found.config, settings);
        assert.deepEqual(found.metrics, metrics);
        assert.equal(found.bestEpoch, bestEpoch);
        assert.deepEqual(
          found.history.map(({ epoch }) => epoch),
          Array.from({ length: epochs }, (_, e) => e + 1),
        );
        assert.deepEqual(
          found.clips.map(({ path }) => path),
          names.map((name) => join(data, name)).sort(),
        );
        assert.deepEqual(found.split, splitClips(found.clips, settings));
        assert.deepEqual(found.skipped, []);
        const model = await loadModel(found.model, { backend: BACKEND });
        const { probabilities } = await model.predict(found.clips[1].path);
        model.dispose();
        assert.deepEqual(
          [...found.probabilities.subarray(3, 6)],
          found.labels.map((label) => probabilities[label]),
        );
      });

    it('gives tables of it', async () => {
      const found = readRun(await finished());
      assert.deepEqual(clipsTable(found.clips, found).shape, [24, 9]);
      assert.deepEqual(predictionsTable(found).shape, [24, 7]);
      assert.deepEqual(historyTable(found.history).shape, [2, 6]);
      assert.deepEqual(metricsTable(found.metrics).shape, [3, 5]);
      assert.deepEqual(classesTable(found.metrics.test).shape, [3, 5]);
    });

    it('keeps clips that were left out apart', async () => {
      const folder = join(root, 'with a bad one');
      smallCorpus(folder);
      writeFileSync(join(folder, '11a01Fa.flac'), 'no sound');
      const found = readRun(await finished({ ...config, data: folder, maxSkipped: 0.1 }));
      assert.equal(found.clips.length, 24);
      assert.deepEqual(found.skipped, [
        {
          path: join(folder, '11a01Fa.flac'),
          corpus: 'emodb',
          speaker: '11',
          text: 'a01',
          emotion: 'happiness',
          label: 'F',
          sex: 'male',
        },
      ]);
    });

    it('refuses what is no run, or is not finished', async () => {
      assert.throws(() => readRun(join(root, 'none')), {
        name: 'InputError',
        message: /^Cannot read the run in .*none: there is no config\.json in it$/,
      });
      const directory = await finished();
      unlinkSync(join(directory, 'metrics.json'));
      assert.throws(() => readRun(directory), {
        name: 'InputError',
        message: /it is not finished; go on with `resume\(/,
      });
    });

    const damages: [file: string, change: (text: string) => string, message: RegExp][] = [
      ['metrics.json', (text) => text.replace('"uar"', '"u"'), /metrics\.json is damaged: .*train\.uar/],
      [
        'clips.csv',
        (text) => text.replaceAll(',test,', ',train,'),
        /clips\.csv is damaged: its sets are not those of a split/,
      ],
      ['clips.csv', (text) => text.replace('path,', 'name,'), /clips\.csv is damaged: .*path/],
      ['history.csv', (text) => text.replace(/\n1,[^,]*/, '\n1,much'), /history\.csv is damaged: .*loss/],
      ['history.csv', (text) => text.replace('\n1,', '\n'), /history\.csv is damaged: row 0: Too few fields/],
      ['predictions.csv', (text) => text.replace(/\n.*\n/, '\n'), /predictions\.csv is damaged: its clips are not/],
      [
        'predictions.csv',
        (text) => text.replace(/\n(.*)\n(.*)\n/, '\n$2\n$1\n'),
        /predictions\.csv is damaged: its clips/,
      ],
      ['predictions.csv', (text) => text.replace('sadness', 'joy'), /predictions\.csv is damaged: .*sadness/],
    ];
    for (const [file, change, message] of damages)
      it(`refuses a ${file} in which ${change.toString().slice(10)}`, async () => {
        const directory = await finished();
        const path = join(directory, file);
        const changed = change(readFileSync(path, 'utf8'));
        assert.notEqual(changed, readFileSync(path, 'utf8'));
        writeFileSync(path, changed);
        assert.throws(() => readRun(directory), { name: 'InputError', message: /was changed since it was written/ });
        // As an earlier version left it.
        unlinkSync(join(directory, 'checksums.txt'));
        assert.throws(() => readRun(directory), { name: 'InputError', message });
      });

    const changes: [file: string, from: RegExp, to: string][] = [
      ['config.json', /"hopLength": 512/, '"hopLength": 256'],
      ['config.json', /"learningRate": [\d.]+/, '"learningRate": 0.5'],
      ['metrics.json', /"uar": [\d.]+/, '"uar": 0.99'],
      ['predictions.csv', /,happiness,/, ',anger,'],
      ['history.csv', /\n1,\d/, '\n1,9'],
      ['clips.csv', /,happiness,/, ',anger,'],
      ['environment.json', /"name": "\w+"/, '"name": "other"'],
    ];
    for (const [file, from, to] of changes)
      it(`notices ${to.trim()} in ${file}`, async () => {
        const directory = await finished();
        const path = join(directory, file);
        const text = readFileSync(path, 'utf8');
        assert.match(text, from);
        writeFileSync(path, text.replace(from, to));
        const message = new RegExp(`${file} was changed since it was written: its checksum is not`);
        assert.throws(() => readRun(directory), { name: 'InputError', message });
      });

    it('gives the same from wherever one is', async () => {
      const directory = join(root, 'begun here');
      const start = process.cwd();
      process.chdir(root);
      try {
        await run({ ...config, data: 'small' }, { ...options, directory: 'begun here' });
        assert.equal(readRun('begun here').clips[0].path, join('small', names.sort()[0]));
        process.chdir(tmpdir());
        const found = readRun(directory);
        assert.ok(found.clips.every(({ path }) => existsSync(path)));
        assert.equal(found.config.data, relative('.', data));
      } finally {
        process.chdir(start);
      }
    });
  });

  describe('savedRun()', () => {
    it('trains the first time, reads the second, and says and gives the same', async () => {
      const directory = join(root, 'saved');
      const first = await asked(config, directory);
      const second = await asked(config, directory);
      assert.deepEqual([first.trained, second.trained], [true, false]);
      assert.deepEqual(second.result, first.result);
      assert.equal(second.last, first.last);
      assert.match(first.last!, /saved: 2 epochs, of which epoch [12] has the lowest validation loss$/);
    });

    it('takes the same configuration whatever its properties that are undefined', async () => {
      const directory = await finished();
      assert.equal((await asked({ ...config, corpus: undefined }, directory)).trained, false);
    });

    it('trains again with another configuration', async () => {
      const directory = await finished();
      const { trained, result } = await asked({ ...config, seed: 7 }, directory);
      assert.ok(trained);
      assert.equal(result.config.seed, 7);
    });

    it('trains again if clips were added or have other labels', async () => {
      const manifest = join(root, 'own.csv');
      const rows = names.map((name) => ({
        path: join(EMODB, name),
        emotion: name[5],
        speaker: name.slice(0, 2),
        text: name.slice(2, 5),
      }));
      const settings = { ...config, data: manifest };
      writeCsv(manifest, rows.slice(1));
      const directory = await finished(settings);
      assert.equal((await asked(settings, directory)).trained, false);
      writeCsv(manifest, rows);
      assert.equal((await asked(settings, directory)).trained, true);
      writeCsv(manifest, [{ ...rows[0], emotion: 'T' }, ...rows.slice(1)]);
      assert.equal((await asked(settings, directory)).trained, true);
      assert.equal((await asked(settings, directory)).trained, false);
    });

    it('trains again in place of an unfinished or damaged run, or one without its model', async () => {
      const directory = await finished();
      for (const file of ['metrics.json', 'predictions.csv', 'model/model.json']) {
        unlinkSync(join(directory, file));
        assert.equal((await asked(config, directory)).trained, true);
      }
      writeFileSync(join(directory, 'config.json'), '{}');
      assert.equal((await asked(config, directory)).trained, true);
      assert.equal((await asked(config, directory)).trained, false);
    });

    it('removes nothing for a run that cannot be carried out', async () => {
      const directory = await finished();
      await assert.rejects(asked({ ...config, data: join(root, 'nowhere') }, directory), InputError);
      await assert.rejects(asked({ ...config, testSpeakers: ['none'] }, directory), { name: 'UsageError' });
      assert.equal((await asked(config, directory)).trained, false);
    });

    it('removes neither a folder that is no run nor one that is being worked in', async () => {
      const other = mkdtempSync(join(root, 'other'));
      writeFileSync(join(other, 'thesis.txt'), '');
      await assert.rejects(asked(config, other), { name: 'InputError', message: /it is not empty/ });
      assert.ok(existsSync(join(other, 'thesis.txt')));
      const directory = await finished();
      const unlock = lockFolder(directory);
      await assert.rejects(asked({ ...config, seed: 7 }, directory), { name: 'InputError', message: /is at work in/ });
      unlock();
      assert.equal((await asked(config, directory)).trained, false);
    });
  });
});
