import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '../../src/common/errors.js';
import { jsonText } from '../../src/common/files.js';
import { configFor, RUN_DEFAULTS, type RunConfig } from '../../src/run/config.js';
import { type Cost, CostMeter, readCost, type Spent, spentInWords, totalSpent } from '../../src/run/cost.js';
import { runFolds } from '../../src/run/folds.js';
import { resume, run } from '../../src/run/run.js';
import { BACKEND, smallCorpus, start } from '../cli/ser.js';
import { HAS_SIGNALS } from '../setup/system.js';

const ROOT = join(__dirname, '../..');

/** Uses the processor for so long. */
function work(seconds: number): void {
  const until = performance.now() + 1000 * seconds;
  while (performance.now() < until);
}

describe('CostMeter', () => {
  const root = mkdtempSync(join(tmpdir(), 'ser-'));
  after(() => rmSync(root, { recursive: true }));
  const folder = (name: string, cost?: Cost): string => {
    const path = mkdtempSync(join(root, `${name}-`));
    if (cost) writeFileSync(join(path, 'cost.json'), jsonText(cost));
    return path;
  };

  it('counts from its construction on, and all that this process does meanwhile', () => {
    const directory = folder('run');
    const meter = new CostMeter();
    work(0.05);
    const first = meter.record(directory);
    assert.deepEqual(readCost(directory), JSON.parse(JSON.stringify(first)));
    assert.ok(first.wallSeconds >= 0.05 && first.processorSeconds > 0);
    work(0.05);
    const second = meter.record(directory);
    assert.equal(second.sittings.length, 1);
    assert.ok(second.wallSeconds >= first.wallSeconds + 0.05);
    const [{ began, cpu, cores, node }] = second.sittings;
    assert.deepEqual([cpu, cores, node], [cpus()[0].model.trim(), cpus().length, process.version]);
    assert.ok(Math.abs(Date.parse(began) - Date.now()) < 60_000);
    // Its own share alone, in a process that has worked before.
    assert.ok(new CostMeter().record(folder('next')).wallSeconds < second.wallSeconds);
  });

  it("adds another process's sittings up, and keeps the largest memory", () => {
    const machine = { project: '1', node: 'v20', platform: 'other', cpu: 'other', cores: 64, memoryGiB: 512 };
    const earlier = { began: '2026-01-01T00:00:00.000Z', wallSeconds: 100, processorSeconds: 300, peakMegabytes: 1e6 };
    const directory = folder('run', { ...earlier, sittings: [{ ...earlier, ...machine }] });
    const cost = new CostMeter().record(directory);
    assert.deepEqual(cost.sittings[0], { ...earlier, ...machine });
    const [, own] = cost.sittings;
    assert.ok(own.peakMegabytes < 1e5 && own.wallSeconds < 60);
    assert.equal(cost.wallSeconds, 100 + own.wallSeconds);
    assert.equal(cost.processorSeconds, 300 + own.processorSeconds);
    assert.equal(cost.peakMegabytes, 1e6);
  });

  it('counts a part once, which has a record of its own', async () => {
    const directory = folder('folds');
    const part = join(directory, 'fold-01');
    const begun = performance.now();
    const meter = new CostMeter();
    const result = await meter.part(part, async () => {
      const inner = new CostMeter();
      work(0.1);
      spawnSync('mkdir', [part]);
      inner.record(part);
      return 'done';
    });
    assert.equal(result, 'done');
    const cost = readCost(directory)!;
    const within = readCost(part)!;
    const { sittings, ...spent } = within;
    assert.deepEqual(cost.parts, { 'fold-01': spent });
    assert.ok(within.wallSeconds >= 0.1 && cost.wallSeconds <= (performance.now() - begun) / 1000);
    assert.equal(cost.wallSeconds, cost.sittings[0].wallSeconds + within.wallSeconds);
    // Gone on with by another process, which finds the part finished.
    const next = new CostMeter();
    await next.part(part, async () => {});
    assert.deepEqual(next.record(directory).parts, cost.parts);
  });

  it('does not take the memory of the process that started this one for its own', function () {
    if (process.platform !== 'linux') this.skip();
    const script = `const { CostMeter } = require(${JSON.stringify(join(ROOT, 'src/run/cost.ts'))});
      console.log(new CostMeter().record(${JSON.stringify(folder('child'))}).peakMegabytes)`;
    const large = Buffer.alloc(8e8, 1);
    const child = spawnSync(process.execPath, ['--require', 'tsx/cjs', '-e', script], { encoding: 'utf8', cwd: ROOT });
    assert.equal(large[1e8], 1);
    const megabytes = Number(child.stdout);
    assert.ok(megabytes > 20 && megabytes < 700, `${child.stdout}${child.stderr}`);
  });

  it('says what to do about a damaged record', () => {
    const directory = folder('run', { wallSeconds: 'long' } as unknown as Cost);
    const told = { name: InputError.name, message: /cost\.json is damaged; delete it to go on without knowing/ };
    assert.throws(() => new CostMeter().record(directory), told);
    assert.equal(readCost(folder('none')), undefined);
  });

  it('totalSpent() and spentInWords()', () => {
    const spent = (wallSeconds: number, processorSeconds: number, peakMegabytes: number): Spent => {
      return { wallSeconds, processorSeconds, peakMegabytes };
    };
    assert.deepEqual(totalSpent([spent(1, 2, 300), spent(10, 20, 200)]), spent(11, 22, 300));
    assert.deepEqual(totalSpent([]), spent(0, 0, 0));
    assert.equal(
      spentInWords(spent(3661, 90, 512.4)),
      '1 h 01 min, 1 min 30 s of processor time, 512 MB of memory at most',
    );
  });
});

describe('what runs cost', function () {
  this.timeout(120_000);
  const root = mkdtempSync(join(tmpdir(), 'ser-'));
  const data = join(root, 'clips');
  before(() => {
    smallCorpus(data);
  });
  after(() => rmSync(root, { recursive: true }));
  const config: RunConfig = { ...RUN_DEFAULTS, data, epochs: 2, sizes: { filters: [4], denseUnits: [4] } };
  const options = { backend: BACKEND, workers: 1, cacheDirectory: join(root, 'cache'), report: false } as const;
  const at = (name: string) => join(root, name);

  it('is returned and kept, over an interruption, too', async () => {
    const ending = new AbortController();
    const reporter = { say() {}, progress: () => ({ update() {}, stop() {} }), epoch: () => ending.abort() };
    const begun = await run(config, { ...options, directory: at('run'), reporter, signal: ending.signal });
    assert.ok(!begun.finished);
    assert.deepEqual(readCost(at('run')), JSON.parse(JSON.stringify(begun.cost)));
    const finished = await resume(at('run'), options);
    assert.deepEqual(readCost(at('run')), JSON.parse(JSON.stringify(finished.cost)));
    const { sittings } = finished.cost;
    assert.deepEqual(sittings[0], JSON.parse(JSON.stringify(begun.cost.sittings[0])));
    assert.equal(sittings.length, 2);
    assert.equal(finished.cost.processorSeconds, sittings[0].processorSeconds + sittings[1].processorSeconds);
  });

  it('is at most what the process used', async () => {
    const [wall, processor] = [performance.now(), process.cpuUsage()];
    const { cost } = await run(config, { ...options, directory: at('measured') });
    const { user, system } = process.cpuUsage(processor);
    assert.ok(cost.wallSeconds <= (performance.now() - wall) / 1000);
    assert.ok(cost.processorSeconds <= (user + system) / 1e6);
    assert.ok(cost.processorSeconds > 0 && cost.peakMegabytes <= (process.resourceUsage().maxRSS * 1024) / 1e6);
  });

  it('of folds is that of each fold, and their own', async () => {
    const folds = await runFolds(
      { ...configFor('functionals', { data }), groups: 2 },
      { ...options, directory: at('folds') },
    );
    assert.deepEqual(Object.keys(folds.cost.parts!), ['fold-01', 'fold-02']);
    const parts = Object.values(folds.cost.parts!);
    assert.equal(folds.cost.wallSeconds, totalSpent([...folds.cost.sittings, ...parts]).wallSeconds);
    assert.equal(readCost(at('folds/fold-02'))!.wallSeconds, parts[1].wallSeconds);
  });

  it('is known up to the last epoch of a run that was killed', async function () {
    if (!HAS_SIGNALS) this.skip();
    const running = start([
      'run',
      '--data',
      data,
      '--out',
      at('killed'),
      '--backend',
      BACKEND,
      '--network',
      'original',
    ]);
    await running.until((stderr) => /epoch +2\b/i.test(stderr));
    running.kill('SIGKILL');
    await running.done;
    const { sittings } = readCost(at('killed'))!;
    const epochs = readFileSync(at('killed/history.csv'), 'utf8').trimEnd().split('\n').slice(1);
    const training = epochs.reduce((sum, line) => sum + Number(line.split(',').at(-1)), 0);
    assert.ok(epochs.length >= 2 && sittings.length === 1);
    assert.ok(sittings[0].wallSeconds > training);
  });
});
