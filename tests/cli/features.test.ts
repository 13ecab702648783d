import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FEATURE_CACHE_VARIABLE } from '../../src/common/cache-directory.js';
import { readCsv } from '../../src/common/csv.js';
import { sha256 } from '../../src/common/sha256.js';
import { configFor, writeConfig } from '../../src/run/config.js';
import { EMODB, type Outcome, ser, smallCorpus } from './ser.js';

/** The names of all files below a folder, and what is in them. */
function contentOf(folder: string): Record<string, string> {
  const all = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = all.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  return Object.fromEntries(files.sort().map((path) => [path.slice(folder.length), sha256(readFileSync(path))]));
}

describe('ser features --shard and --for', function () {
  this.timeout(60_000);
  let cwd: string;
  const at = (...names: string[]) => join(cwd, ...names);
  const features = (...args: string[]) => ser(['features', ...args, '--workers', '1'], { cwd });
  const failed = ({ code, stderr }: Outcome, wanted: number, message: RegExp) => {
    assert.match(stderr, message);
    assert.equal(code, wanted, stderr);
  };
  before(() => {
    cwd = mkdtempSync(join(tmpdir(), 'ser-'));
    smallCorpus(at('corpus'), { speakers: ['03', '08'], emotions: ['F', 'W'], each: 2 });
    mkdirSync(at('recordings', 'deep'), { recursive: true });
    const clip = join(EMODB, '03a01Fa.flac');
    for (const name of ['a.flac', 'a.oga', 'b.flac', 'deep/a.flac']) copyFileSync(clip, at('recordings', name));
    writeFileSync(at('recordings', 'c.wav'), 'no recording');
    writeFileSync(at('recordings', 'd.wav'), '');
  });
  after(() => rmSync(cwd, { recursive: true }));

  it('writes the same files in any number of shards, and none over what another has found', async () => {
    failed(await features('recordings', '--out', 'whole'), 1, /c\.wav/);
    const whole = contentOf(at('whole'));
    const isList = (name: string) => name.startsWith('/problems');
    const matrices = Object.fromEntries(Object.entries(whole).filter(([name]) => !isList(name)));
    assert.deepEqual(Object.keys(matrices), ['/a.flac.npy', '/a.oga.npy', '/b.npy', '/deep/a.npy']);
    for (const of of [2, 7]) {
      const out = `in-${of}`;
      const said: string[] = [];
      // From the last to the first: the order is of no account.
      for (let part = of; part >= 1; part--) {
        const { stdout, stderr, code } = await features('recordings', '--out', out, '--shard', `${part}/${of}`);
        const unusable = /c\.wav|d\.wav/.test(stderr);
        assert.equal(code, unusable ? 1 : 0, stderr);
        said.push(stdout);
      }
      const parts = contentOf(at(out));
      assert.deepEqual(Object.fromEntries(Object.entries(parts).filter(([name]) => !isList(name))), matrices);
      const lists = Object.keys(parts).filter(isList);
      assert.ok(
        lists.every((name) => new RegExp(`^/problems-\\d-of-${of}\\.csv$`).test(name)),
        `${lists}`,
      );
      assert.deepEqual(
        lists.flatMap((name) => readCsv(at(out, name))),
        readCsv(at('whole', 'problems.csv')),
      );
      const written = said.reduce((sum, line) => sum + Number.parseInt(line, 10), 0);
      assert.equal(written, 4);
      // The first of seven parts of six recordings.
      if (of === 7) assert.equal(said.at(-1), '0 files in in-7\n');
    }
  });

  it('refuses what is no shard', async () => {
    for (const wrong of ['0/4', '5/4', 'x', '1', '1/0', '-1/4', '1.5/4', '1/4/2', ''])
      failed(
        await features('recordings', '--out', 'wrong', `--shard=${wrong}`),
        2,
        /'--shard <i\/n>' argument '.*' is invalid\. It must be like 3\/16: the third of sixteen parts/,
      );
    mkdirSync(at('empty'));
    failed(await features('empty', '--out', 'wrong', '--shard', '1/2'), 1, /There are no recordings in empty/);
    assert.ok(!readdirSync(cwd).includes('wrong'));
  });

  it('fills the cache for a run, or for folds, and writes no files', async () => {
    const config = configFor('original', { data: at('corpus') });
    writeConfig(at('run', 'config.json'), config);
    writeConfig(at('folds', 'folds.json'), { ...config, groups: 2 });
    const fill = (run: string, cache: string, ...args: string[]) =>
      ser(['features', '--for', run, ...args], { cwd, env: { [FEATURE_CACHE_VARIABLE]: at(cache) } });
    const { code, stdout, stderr } = await fill('run', 'cache', '--shard', '1/3');
    assert.equal(code, 0, stderr);
    assert.equal(stdout, `Features of 2 clips for run are in ${at('cache')}\n`);
    assert.match((await fill('run', 'cache', '--shard', '9/9')).stdout, /^Features of 1 clip for/);
    assert.match((await fill('run', 'cache', '--shard', '1/9')).stdout, /^Features of 0 clips for/);
    for (const which of ['run/config.json', 'folds', 'folds/folds.json']) {
      rmSync(at('cache'), { recursive: true });
      assert.match((await fill(which, 'cache')).stdout, /^Features of 8 clips for/);
      assert.ok(readdirSync(at('cache')).length > 0);
    }
    assert.deepEqual(readdirSync(at('run')).sort(), ['checksums.txt', 'config.json']);
  });

  it('takes either recordings or a run, each with its own options', async () => {
    failed(await features(), 2, /give either a path, or a run with --for/);
    failed(await features('recordings', '--for', 'run'), 2, /give either a path, or a run with --for/);
    failed(await features('recordings'), 2, /Cannot write features: --out must name a folder/);
    failed(await features('recordings', '--out', 'x', '--backend', 'wasm'), 2, /--backend goes only with --for/);
    failed(await features('recordings', '--out', 'x', '--cache-limit', '1GB'), 2, /--cache-limit goes only with --for/);
    for (const more of [['--out', 'x'], ['--normalised'], ['--allow-truncated', '0.1']])
      failed(await features('--for', 'run', ...more), 2, /'--for <run>' cannot be used with option '--/);
    failed(await features('--for', 'nowhere'), 1, /nowhere is missing/);
    failed(await features('--for', 'corpus'), 1, /corpus\/config\.json is missing/);
  });

  it('refuses a corpus that the run would refuse', async () => {
    mkdirSync(at('damaged'));
    for (const name of readdirSync(at('corpus'))) copyFileSync(at('corpus', name), at('damaged', name));
    writeFileSync(at('damaged', readdirSync(at('corpus'))[0]), '');
    writeConfig(at('refused', 'config.json'), configFor('original', { data: at('damaged') }));
    failed(await features('--for', 'refused'), 1, /1 of 8 clips are unusable, and at most 1 % may be/);
    writeConfig(at('allowed', 'config.json'), configFor('original', { data: at('damaged'), maxSkipped: 0.2 }));
    const { code, stdout, stderr } = await features('--for', 'allowed');
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^Features of 7 clips for/);
    assert.match(stderr, /^ser: .*: the file is empty/m);
  });
});
