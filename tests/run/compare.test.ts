import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadModel } from '../../src/model/load.js';
import { compare, resumeComparison } from '../../src/run/compare.js';
import { readRun } from '../../src/run/finished.js';
import { newestModel } from '../../src/run/folder.js';
import { type RunOptions, resume } from '../../src/run/run.js';
import { BACKEND, ser, smallCorpus } from '../cli/ser.js';

describe('compare()', function () {
  this.timeout(240_000);
  const root = mkdtempSync(join(tmpdir(), 'ser-'));
  const data = join(root, 'small');
  const options: RunOptions = { backend: BACKEND, cacheDirectory: join(root, 'cache') };
  const networks = ['original', 'compact', 'encoder'];
  before(() => smallCorpus(data, { speakers: ['03', '08', '09', '10'], emotions: ['F', 'T', 'W'], each: 2 }));
  after(() => rmSync(root, { recursive: true }));

  it('trains every network on the same sets, and hands on the model of the best on the validation set', async () => {
    const directory = join(root, 'runs', 'first');
    const { runs, best } = await compare(networks, { data, seed: 3 }, { ...options, directory });
    assert.deepEqual(
      runs.map(({ config }) => config.network),
      networks,
    );
    for (const { split, config, directory: own } of runs) {
      assert.deepEqual(
        [split.train, split.validation, split.test],
        [runs[0].split.train, runs[0].split.validation, runs[0].split.test],
      );
      assert.equal(config.seed, 3);
      assert.deepEqual(readRun(own).metrics, runs.find((each) => each.directory === own)!.metrics);
    }
    const validated = runs.map(({ metrics }) => metrics.validation.uar);
    assert.equal(best, networks[validated.indexOf(Math.max(...validated))]);
    const model = (folder: string) => readFileSync(join(directory, folder, 'model.json'), 'utf8');
    assert.equal(model('model'), model(`${best}/model`));
    (await loadModel(join(directory, 'model'), { backend: BACKEND })).dispose();
    assert.equal(newestModel(join(root, 'runs')), join(directory, 'model'));
    const saved = JSON.parse(readFileSync(join(directory, 'metrics.json'), 'utf8'));
    assert.equal(saved.best, best);
    assert.deepEqual(saved.networks.encoder, JSON.parse(JSON.stringify(runs[2].metrics)));
    const page = readFileSync(join(directory, 'report.html'), 'utf8');
    for (const network of networks)
      assert.ok(page.includes(`<a href="${network}/report.html">${network}</a>`), network);
    // Recall by emotion, three confusion matrices, how two of them learnt, and what three hear.
    assert.equal(page.match(/class="figure"/g)?.length, 8);
    assert.match(page, /encoder<\/a>.*\(pre-trained\)/);
  });

  it('goes on after an interruption with what is missing', async () => {
    const directory = join(root, 'interrupted');
    const controller = new AbortController();
    const reporter = {
      say: (line: string) => line.startsWith('Network 2 of 2') && controller.abort(),
      progress: () => ({ update() {}, stop() {} }),
      epoch() {},
    };
    const first = await compare(
      ['encoder', 'original'],
      { data },
      { ...options, directory, reporter, signal: controller.signal },
    );
    assert.deepEqual([first.runs.length, first.best], [1, undefined]);
    assert.ok(!existsSync(join(directory, 'report.html')));
    await assert.rejects(resume(directory, options), {
      name: 'InputError',
      message: /so it is not a run's folder; go on with its comparison: `resumeComparison\("/,
    });
    await assert.rejects(resumeComparison(join(directory, 'encoder'), options), {
      name: 'InputError',
      message: /there is no comparison\.json, so it is not a comparison's folder$/,
    });
    const before = statSync(join(directory, 'encoder', 'metrics.json')).mtimeMs;
    const { runs, best } = await resumeComparison(directory, options);
    assert.equal(runs.length, 2);
    assert.ok(best);
    assert.equal(statSync(join(directory, 'encoder', 'metrics.json')).mtimeMs, before);
    writeFileSync(join(directory, 'comparison.json'), '{"networks": "all"}');
    await assert.rejects(resumeComparison(directory, options), {
      name: 'InputError',
      message: /comparison\.json is damaged: .*expected array/,
    });
  });

  it('refuses fewer than two networks, one twice, unknown ones and data that is not there, and leaves nothing', async () => {
    const directory = join(root, 'no');
    const refused = (names: string[], message: RegExp, name = 'UsageError', shared = { data }) =>
      assert.rejects(compare(names, shared, { ...options, directory }), { name, message });
    await refused(['encoder'], /at least two networks, each named once, current ones are encoder$/);
    await refused(['encoder', 'time', 'encoder'], /each named once, current ones are encoder, time, encoder$/);
    await refused(['encoder', 'none'], /There is no network none; there are original,/);
    await refused(networks, /./, 'InputError', { data: join(root, 'nowhere') });
    assert.ok(!existsSync(directory));
  });

  it('is a command, which prints a table of at most 80 columns', async () => {
    const out = join(root, 'command');
    const args = ['compare', '--data', data, '--networks', 'encoder,time', '--backend', BACKEND, '--out', out];
    const { code, stdout, stderr } = await ser(args);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /│ encoder/);
    assert.match(stdout, /^\* The best on the validation set/m);
    for (const line of stdout.split('\n').filter((each) => /[│┌]/.test(each))) assert.ok(line.length <= 80, line);
    assert.deepEqual(readdirSync(out).sort(), [
      ...['checksums.txt', 'comparison.json', 'cost.json', 'encoder', 'metrics.json', 'model', 'report.html', 'time'],
    ]);
    const again = await ser(['compare', '--resume', out, '--backend', BACKEND]);
    assert.deepEqual([again.code, again.stdout], [0, stdout], again.stderr);
    const { code: refused, stderr: why } = await ser(['compare', '--resume', out, '--seed', '3']);
    assert.deepEqual(
      [refused, why],
      [2, 'ser: --seed does not go with --resume: it goes on with the options that it was started with\n'],
    );
  });
});
