import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCsv } from '../../src/common/csv.js';
import { writeFile } from '../../src/common/files.js';
import { takeLock } from '../../src/common/lock.js';
import { expand } from '../../src/experiment/cells.js';
import { type Plan, readPlan } from '../../src/experiment/plan.js';
import { BACKEND, type Outcome, ser, smallCorpus, start } from '../cli/ser.js';
import { HAS_SIGNALS } from '../setup/system.js';

describe('ser experiment', function () {
  this.timeout(240_000);
  const root = mkdtempSync(join(tmpdir(), 'ser-'));
  const out = join(root, 'experiments');
  const tiny = { network: 'original', epochs: 1, sizes: { filters: [4], denseUnits: [] } };
  const plan = {
    title: 'Small <plan>',
    corpora: { small: 'small' },
    tasks: [{ corpus: 'small', folds: 2 }],
    networks: ['encoder', tiny],
    seeds: [1, 2],
  };
  before(() => {
    smallCorpus(join(root, 'small'), {
      speakers: ['03', '08', '09', '10', '11', '12'],
      emotions: ['F', 'T', 'W'],
      each: 2,
    });
  });
  after(() => rmSync(root, { recursive: true }));

  const write = (name: string, changes: object = {}): string => {
    const path = join(root, `${name}.json`);
    writeFile(path, JSON.stringify({ ...plan, ...changes }));
    return path;
  };
  const experiment = (path: string, ...options: string[]): Promise<Outcome> =>
    ser(['experiment', path, '--out', out, ...options]);
  const cells = () => readdirSync(join(out, 'cells')).sort();
  const results = (name: string) =>
    ['csv', 'md', 'html'].map((end) => readFileSync(join(out, name, `results.${end}`), 'utf8'));

  it('--dry-run lists the cells, and writes nothing', async () => {
    const { code, stdout } = await experiment(write('first'), '--dry-run');
    assert.equal(code, 0);
    assert.match(stdout, /small, one of 2 groups of speakers left out at a time │ encoder +│ +1 │ +2 │/);
    assert.match(stdout, /\n4 cells, 8 runs\n$/);
    assert.ok(!existsSync(out));
  });

  it('--tables has nothing to make tables of before the start', async () => {
    const { code, stderr } = await experiment(write('first'), '--tables');
    assert.deepEqual(
      [code, stderr],
      [1, `ser: Cannot make tables: ${join(root, 'first.json')} was not started yet with ${out}\n`],
    );
  });

  it('carries a plan out in several processes, and makes tables and figures', async () => {
    const { code, stdout, stderr } = await experiment(write('first'), '--jobs', '2', '--backend', BACKEND);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^4 cells \(8 runs\), 4 still to do/);
    assert.match(stderr, /runs 8\/8 /);
    assert.match(
      stdout,
      /^small, one of 2 .*:\n {2}encoder: UAR [\d.]+ %, 95 % from .*, 2 seeds\n {2}original, sizes .*, 2 seeds\nReport: /,
    );
    assert.equal(cells().length, 4);
    assert.match(stderr, /│ encoder +│ 2 +│ \d+ s +│ .* MB +│\n(│.*\n)?│ all +│ +│ 4 /);
    const costs = readCsv(join(out, 'first/cost.csv'));
    const { total, configurations } = JSON.parse(readFileSync(join(out, 'first/cost.json'), 'utf8'));
    const sum = costs.reduce((seconds, row) => seconds + Number(row.processorSeconds), 0);
    assert.deepEqual([costs.length, configurations.length, total.cells, total.unrecorded], [4, 2, 4, 0]);
    assert.ok(Math.abs(total.processorSeconds - sum) < 1e-6);
    for (const { directory, wallSeconds } of costs)
      assert.equal(JSON.parse(readFileSync(join(directory, 'cost.json'), 'utf8')).wallSeconds, Number(wallSeconds));
    const rows = readCsv(join(out, 'first/results.csv'));
    // For each cell: all, two sexes, six speakers.
    assert.equal(rows.length, 4 * 9);
    const [all] = rows;
    const folds = JSON.parse(readFileSync(join(all.directory, 'metrics.json'), 'utf8'));
    assert.equal(Number(all.uar), folds.metrics.uar);
    assert.equal(Number(all.calibrationError), folds.calibrationError);
    const [, markdown, html] = results('first');
    for (const text of [markdown, html])
      for (const part of [
        /4 cells of 4\. Made with version .*backend/,
        /Paired tests/,
        /UAR by speaker/,
        /one of 2 groups/,
        /pre-trained/,
      ])
        assert.match(text, part);
    assert.match(html, /<h1>Small &lt;plan&gt;<\/h1>/);
    for (const [, picture] of markdown.matchAll(/\]\((figures\/.*?)\)/g))
      assert.ok(statSync(join(out, 'first', picture)).size > 1000);
  });

  it('is exported to TensorBoard, each cell a run', async () => {
    const logs = join(root, 'logs');
    const { code, stdout, stderr } = await ser([
      'export',
      join(out, 'first'),
      '--format',
      'tensorboard',
      '--out',
      logs,
    ]);
    assert.equal(code, 0, stderr);
    assert.deepEqual(
      stdout.trimEnd().split('\n').sort(),
      cells().map((name) => join(logs, name)),
    );
    assert.deepEqual(readdirSync(logs).sort(), cells());
  });

  it('computes nothing twice: not at another start, and not for another plan', async () => {
    const written = () => cells().map((name) => statSync(join(out, 'cells', name, 'metrics.json')).mtimeMs);
    const before = written();
    const [again, tables] = [await experiment(write('first')), results('first')];
    assert.match(again.stderr, /0 still to do/);
    assert.deepEqual(written(), before);
    const grown = write('grown', { networks: ['encoder'], seeds: [2, 3] });
    const more = await experiment(grown, '--backend', BACKEND);
    assert.match(more.stderr, /^2 cells \(4 runs\), 1 still to do/);
    assert.equal(cells().length, 5);
    assert.deepEqual(results('first'), tables);
  });

  it('--tables makes the same tables from the folders alone', async () => {
    const before = results('first');
    for (const name of readdirSync(join(out, 'first')))
      if (name !== 'experiment.json') rmSync(join(out, 'first', name), { recursive: true });
    const { code, stdout } = await experiment(join(root, 'first.json'), '--tables');
    assert.equal(code, 0);
    assert.match(stdout, /encoder: UAR/);
    assert.deepEqual(results('first'), before);
    const changed = await experiment(write('first', { seeds: [1] }), '--tables');
    assert.match(changed.stderr, /has changed since it was started; carry it out before tables are made of it/);
    assert.equal(changed.code, 1);
  });

  /** The folders of a plan's cells. */
  async function foldersOf(path: string): Promise<string[]> {
    return (await expand(readPlan(path) as Plan, out)).cells.map(({ directory }) => directory);
  }

  it('reports a cell that fails with its last lines, finishes the others, and says so by its exit code', async () => {
    const path = write('failing', { tasks: [{ corpus: 'small', protocol: 'text' }], networks: ['encoder'] });
    const [first] = await foldersOf(path);
    writeFile(join(first, 'x'), '');
    const unlock = takeLock(join(first, 'lock'));
    assert.ok(typeof unlock === 'function');
    const { code, stderr, stdout } = await experiment(path, '--backend', BACKEND);
    unlock();
    assert.equal(code, 1);
    assert.match(
      stderr,
      /Failed: small, protocol text, encoder, seed 1 \(.*\):\nser: Another run \(process \d+\) is at work/,
    );
    assert.match(stderr, /1 of 2 cells are done/);
    assert.match(stdout, /encoder: UAR .*, 1 seed\n/);
    assert.match(readFileSync(join(out, 'failing/results.md'), 'utf8'), /1 cell of 2; 1 still missing/);
    assert.equal((await experiment(path, '--backend', BACKEND)).code, 0);
  });

  it('ends on Ctrl-C with everything saved, and goes on with the same result as if it had not been interrupted', async function () {
    if (!HAS_SIGNALS) this.skip();
    const networks = [{ ...tiny, epochs: 40, patience: 40 }];
    const path = write('interrupted', { tasks: [{ corpus: 'small', protocol: 'speaker' }], networks, seeds: [1] });
    const [folder] = await foldersOf(path);
    const running = start(['experiment', path, '--out', out, '--backend', BACKEND]);
    while (!existsSync(join(folder, 'history.csv'))) await new Promise((resolve) => setTimeout(resolve, 20));
    running.kill('SIGINT');
    const { code, stderr } = await running.done;
    assert.equal(code, 1);
    assert.match(stderr, /Interrupted, with everything saved; the same command goes on\.\n0 of 1 cell are done/);
    assert.ok(!existsSync(join(folder, 'lock')), 'the child has ended');
    assert.ok(readCsv(join(folder, 'history.csv')).length < 40);
    assert.equal((await experiment(path, '--backend', BACKEND)).code, 0);
    const whole = join(root, 'whole');
    writeFileSync(join(root, 'plain.json'), readFileSync(path));
    await ser(['experiment', join(root, 'plain.json'), '--out', whole, '--backend', BACKEND]);
    const [cell] = readdirSync(join(whole, 'cells'));
    const predictions = (directory: string) => readFileSync(join(directory, 'predictions.csv'), 'utf8');
    assert.equal(predictions(folder), predictions(join(whole, 'cells', cell)));
  });
});
