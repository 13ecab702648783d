import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { prepareSnakemake } from '../../scripts/cluster/snakemake.js';
import { findPython } from '../../scripts/python.js';
import { readCsv } from '../../src/common/csv.js';
import { InputError } from '../../src/common/errors.js';
import { writeFile } from '../../src/common/files.js';
import { BACKEND, type Outcome, ser, smallCorpus, start } from '../cli/ser.js';

describe('ser experiment --engine snakemake', function () {
  this.timeout(300_000);
  const root = mkdtempSync(join(tmpdir(), 'ser-'));
  let snakemake: string;
  before(function () {
    if (process.platform === 'win32') this.skip();
    snakemake = prepareSnakemake();
    smallCorpus(join(root, 'small'));
    writeFile(join(root, 'plan.json'), JSON.stringify(plan));
  });
  after(() => rmSync(root, { recursive: true }));
  const tiny = { network: 'original', epochs: 2, sizes: { filters: [4], denseUnits: [] } };
  const plan = {
    title: 'Small',
    corpora: { small: 'small' },
    tasks: [
      { corpus: 'small', folds: 2 },
      { corpus: 'small', protocol: 'text' },
    ],
    networks: ['functionals', tiny],
    seeds: [1],
  };
  /** In a folder of its own, so that all write the same relative paths. */
  const experiment = (place: string, name: string, ...options: string[]): Promise<Outcome> => {
    writeFile(join(root, place, '.keep'), '');
    const args = ['experiment', `../${name}.json`, '--out', 'out', '--threads', '1', '--backend', BACKEND];
    return ser([...args, ...options], { cwd: join(root, place) });
  };
  const ENGINE = ['--engine', 'snakemake', '--jobs', '2'];
  const folderOf = (place: string) => join(root, place, 'out');
  const cellsOf = (place: string) => readdirSync(join(folderOf(place), 'cells')).sort();
  const tablesOf = (place: string) =>
    ['csv', 'md'].map((end) =>
      // Whoever works on this project may commit while its tests run.
      readFileSync(join(folderOf(place), `plan/results.${end}`), 'utf8').replace(/ Made with .*/, ''),
    );
  /** What Snakemake says where it is started as the Snakefile says, without `ser`. */
  const byItself = (place: string, ...options: string[]): string => {
    const [line] = readFileSync(join(folderOf(place), 'plan/Snakefile'), 'utf8').match(/snakemake --snakefile .*/)!;
    const command = [line.replace('snakemake', `'${snakemake}'`), ...options].join(' ');
    const { status, stdout, stderr } = spawnSync('bash', ['-c', command], { cwd: folderOf(place), encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    return stdout;
  };

  it('is set up with a Python that is new enough, or says so', () => {
    assert.match(findPython(11, 'Snakemake'), /^python3?$/);
    assert.throws(() => findPython(999, 'Snakemake'), {
      constructor: InputError,
      message: /^Cannot set up Snakemake: Python 3\.999 or later is needed, and there is none on the search path/,
    });
  });

  it('makes the tables that the local engine makes, byte for byte', async () => {
    const [here, there] = [
      await experiment('local', 'plan', '--jobs', '2'),
      await experiment('engine', 'plan', ...ENGINE),
    ];
    assert.equal(here.code, 0, here.stderr);
    assert.equal(there.code, 0, there.stderr);
    assert.match(there.stderr, /The workflow is out\/plan\/Snakefile; .* goes to out\/plan\/snakemake.log/);
    assert.match(there.stderr, /runs 6\/6 /);
    assert.deepEqual(cellsOf('engine'), cellsOf('local'));
    assert.deepEqual(tablesOf('engine'), tablesOf('local'));
  });

  it('has computed the features before any cell', () => {
    const log = readFileSync(join(folderOf('engine'), 'plan/snakemake.log'), 'utf8');
    assert.match(log, /features +2\ncell +4\n/);
    for (const rule of ['features', 'cell']) assert.match(log, new RegExp(`Finished jobid: \\d+ \\(Rule: ${rule}\\)`));
    for (const name of cellsOf('engine')) {
      const cell = join(folderOf('engine'), 'cells', name);
      const [shard] = readdirSync(join(folderOf('engine'), 'plan/shards'))
        .map((each) => join(folderOf('engine'), 'plan/shards', each, '1-of-1'))
        .sort((a, b) => statSync(a).mtimeMs - statSync(b).mtimeMs);
      assert.ok(statSync(shard).mtimeMs <= statSync(join(cell, 'metrics.json')).mtimeMs);
    }
  });

  it('computes nothing twice: not at another start, and not a finished cell beside one that is missing', async () => {
    const [first, ...others] = cellsOf('engine').map((name) => join(folderOf('engine'), 'cells', name, 'metrics.json'));
    const written = () => others.map((path) => statSync(path).mtimeMs);
    const before = written();
    const again = await experiment('engine', 'plan', ...ENGINE);
    assert.match(again.stderr, /0 still to do/);
    rmSync(first);
    rmSync(join(folderOf('engine'), 'plan/shards'), { recursive: true });
    assert.match(byItself('engine', '-n'), /\ncell +1\n/);
    const { code, stderr } = await experiment('engine', 'plan', ...ENGINE);
    assert.equal(code, 0, stderr);
    assert.deepEqual(written(), before);
    assert.deepEqual(tablesOf('engine'), tablesOf('local'));
  });

  it('leaves a workflow that makes the tables by itself', () => {
    assert.match(byItself('engine', '-n'), /Nothing to be done/);
    const tables = tablesOf('engine');
    for (const end of ['csv', 'md']) rmSync(join(folderOf('engine'), `plan/results.${end}`));
    byItself('engine');
    // The folders of cells are named as seen from where it was started.
    assert.deepEqual(tablesOf('engine'), [tables[0].replaceAll('out/cells/', 'cells/'), tables[1]]);
  });

  it('ends on Ctrl-C with everything saved, and goes on after the last epoch', async () => {
    const networks = [{ ...tiny, epochs: 20, patience: 20 }];
    const interrupted = { ...plan, tasks: [{ corpus: 'small' }], networks };
    writeFile(join(root, 'interrupted.json'), JSON.stringify(interrupted));
    writeFile(join(root, 'stopped/.keep'), '');
    const args = [
      'experiment',
      '../interrupted.json',
      '--out',
      'out',
      '--threads',
      '1',
      '--backend',
      BACKEND,
      ...ENGINE,
    ];
    const running = start(args, { cwd: join(root, 'stopped') });
    const cell = () =>
      existsSync(join(folderOf('stopped'), 'cells')) ? join(folderOf('stopped'), 'cells', cellsOf('stopped')[0]) : '';
    while (!existsSync(join(cell(), 'history.csv'))) await setTimeout(20);
    running.kill('SIGINT');
    const { code, stderr } = await running.done;
    assert.equal(code, 1);
    assert.match(stderr, /Interrupted, with everything saved; the same command goes on\.\n0 of 1 cell are done/);
    assert.ok(!existsSync(join(cell(), 'lock')), 'the job has ended');
    const epochs = readCsv(join(cell(), 'history.csv')).length;
    assert.ok(epochs < 20);
    assert.equal((await experiment('stopped', 'interrupted', ...ENGINE)).code, 0);
    const log = readFileSync(join(cell(), 'log.txt'), 'utf8');
    const lines = log.match(/^epoch \d+\//gm)!;
    assert.equal(lines.length, new Set(lines).size, 'no epoch was computed twice');
  });

  it('reports what fails, in a cell or in Snakemake itself', async () => {
    const broken = await experiment('broken', 'plan', ...ENGINE, '--', '--no-such-option');
    assert.equal(broken.code, 1);
    assert.match(
      broken.stderr,
      /Snakemake ended with exit code 2; in out\/plan\/snakemake.log it said last:[\s\S]*--no-such-option/,
    );
    assert.match(broken.stderr, /0 of 4 cells are done/);
    const [cell] = cellsOf('broken').map((name) => join(folderOf('broken'), 'cells', name));
    // Neither a configuration that fits its checksum, nor one that can be read.
    writeFile(join(cell, 'predictions.csv', 'in-the-way'), '');
    const { code, stderr } = await experiment('broken', 'plan', ...ENGINE, '--', '--retries', '0');
    assert.equal(code, 1);
    assert.match(
      stderr,
      new RegExp(`Failed: small, .*\\(${cell.slice(join(root, 'broken/').length)}\\):\n[^]*ser: Cannot write`),
    );
    assert.match(stderr, /3 of 4 cells are done/);
  });

  it('refuses options of Snakemake for the local engine', async () => {
    const { code, stderr } = await experiment('refused', 'plan', '--', '--executor', 'slurm');
    assert.deepEqual([code, stderr], [2, 'ser: --executor is for Snakemake, which is used with --engine snakemake\n']);
  });
});
