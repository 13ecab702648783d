import assert from 'node:assert/strict';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { extractFeatures } from '../../src/features/extraction/extract.js';
import { BACKEND, type Outcome, ser, smallCorpus } from './ser.js';

/** The variables that a command takes its folder and its bound from. */
const FOLDER = 'SPEECH_EMOTION_FEATURE_CACHE';
const LIMIT = 'SPEECH_EMOTION_FEATURE_CACHE_LIMIT';

describe('ser cache', function () {
  this.timeout(120_000);
  const root = mkdtempSync(join(tmpdir(), 'ser-'));
  const cache = join(root, 'cache');
  const corpus = join(root, 'corpus');
  const clips = smallCorpus(corpus);
  const filled = join(root, 'filled');
  const command = (args: string[], env: Readonly<Record<string, string>> = {}) =>
    ser(['cache', ...args], { env: { [FOLDER]: cache, [LIMIT]: '', ...env } });
  const json = async (...args: string[]) => {
    const { code, stdout, stderr } = await command([...args, '--json']);
    assert.deepEqual([code, stderr], [0, ''], stderr);
    return JSON.parse(stdout);
  };
  const failed = ({ code, stdout, stderr }: Outcome, status: number, message: RegExp) => {
    assert.deepEqual([code, stdout], [status, ''], stderr);
    assert.match(stderr, message);
  };
  const settings = () => (existsSync(cache) ? readdirSync(cache) : []);
  const filesOf = (setting: string) =>
    readdirSync(join(cache, setting))
      .filter((name) => name.endsWith('.features'))
      .map((name) => join(cache, setting, name));

  const paths = clips.map((name) => join(corpus, name));
  const extracted = async (cacheDirectory: string) => {
    for await (const result of extractFeatures(paths, { workers: 1, cacheDirectory })) assert.ok('matrix' in result);
  };
  before(() => extracted(filled));
  after(() => rmSync(root, { recursive: true }));

  // What was computed, of two settings, the second of which was last used 40 days ago; and what an earlier version has left 45 days ago.
  const OTHER = 'mel-0123456789ab';
  const EARLIER = `${'5'.repeat(64)}.features`;
  beforeEach(() => {
    rmSync(cache, { recursive: true, force: true });
    const [setting] = readdirSync(filled);
    for (const folder of [setting, OTHER]) {
      mkdirSync(join(cache, folder), { recursive: true });
      for (const name of readdirSync(join(filled, setting)))
        copyFileSync(join(filled, setting, name), join(cache, folder, name));
    }
    writeFileSync(join(cache, EARLIER), 'as it was');
    const used = (path: string, days: number) => {
      const seconds = Date.now() / 1000 - days * 24 * 3600;
      utimesSync(path, seconds, seconds);
    };
    used(join(cache, EARLIER), 45);
    for (const path of filesOf(OTHER)) used(path, 40);
  });

  it('shows each setting, what it is, how much there is of it and how much there may be', async () => {
    const { code, stdout, stderr } = await command([], { [LIMIT]: '20GB' });
    assert.deepEqual([code, stderr], [0, '']);
    const [setting] = settings().filter((name) => name !== OTHER && name !== EARLIER);
    const day = String.raw`\d{4}-\d{2}-\d{2} \d{2}:\d{2}`;
    assert.match(
      stdout,
      new RegExp(String.raw`│ ${setting} │ +${clips.length} │ 1\.1 MB │ ${day} │ mel spectrogram in decibels +│`),
    );
    assert.match(stdout, new RegExp(`│ – +│ +│ 9 B +│ ${day} │ of an earlier version of the project, which`));
    assert.ok(stdout.endsWith(`\n2.1 MB of at most 20.0 GB, in ${cache}\n`), stdout);
    assert.match((await command([], { [LIMIT]: 'none' })).stdout, /\n2\.1 MB of any size, in /);
    assert.match((await command([])).stdout, /\n2\.1 MB of at most [\d.,]+ [GT]B, in /);
  });

  it('--json tells the same, in bytes and times', async () => {
    const shown = await json();
    assert.deepEqual(Object.keys(shown), ['directory', 'limitBytes', 'bytes', 'settings']);
    assert.equal(shown.directory, cache);
    assert.ok(shown.limitBytes > 1e6);
    const [first, second, third] = shown.settings;
    assert.deepEqual(
      shown.settings.map(({ entries }: { entries?: number }) => entries),
      [clips.length, clips.length, undefined],
    );
    assert.equal(shown.bytes, first.bytes + second.bytes + third.bytes);
    assert.deepEqual([second.setting, second.files, third.setting, third.bytes], [OTHER, 1, undefined, 9]);
    assert.equal(Math.round((Date.now() - Date.parse(second.lastUsed)) / 1000 / 3600 / 24), 40);
    assert.equal(JSON.parse((await command(['--json'], { [LIMIT]: 'none' })).stdout).limitBytes, null);
  });

  it('shows one setting alone', async () => {
    assert.deepEqual(
      (await json('mel-01')).settings.map(({ setting }: { setting: string }) => setting),
      [OTHER],
    );
    failed(
      await command(['mfcc']),
      1,
      /^ser: No setting in .* has a name that begins with mfcc; `ser cache` lists them\n$/,
    );
  });

  it('has nothing to show, or to remove, where there is nothing', async () => {
    rmSync(cache, { recursive: true });
    for (const args of [[], ['--empty'], ['--limit', '1GB']]) {
      const { code, stdout, stderr } = await command(args);
      assert.deepEqual([code, stderr], [0, '']);
      assert.match(stdout, /0 B of at most .* in .*cache\n$/);
    }
    assert.ok(!existsSync(cache));
  });

  it('--empty removes everything, and what is needed again is made again', async () => {
    const { code, stdout } = await command(['--empty']);
    assert.equal(code, 0);
    assert.match(stdout, /^Removed 3 files, 2\.1 MB\n0 B of at most /);
    assert.deepEqual(settings(), []);
    await extracted(cache);
    assert.equal((await json()).settings[0].entries, clips.length);
  });

  it("--empty removes one setting, or what was not used for some days; a user's own files stay", async () => {
    writeFileSync(join(cache, OTHER, 'notes.txt'), 'of the user');
    assert.deepEqual((await json('--empty', '--older-than', '46')).removed, { files: 0, bytes: 0 });
    assert.equal((await json('mel-01', '--empty', '--older-than', '39')).removed.files, 1);
    assert.deepEqual(readdirSync(join(cache, OTHER)).sort(), ['about.json', 'notes.txt']);
    const { removed, settings: left } = await json('--empty', '--older-than', '39');
    assert.deepEqual(removed, { files: 1, bytes: 9 });
    assert.deepEqual(
      left.map(({ entries }: { entries: number }) => entries),
      [clips.length],
    );
  });

  it('--limit removes what was used least recently', async () => {
    const { bytes } = (await json()).settings[0];
    const { removed, settings: left } = await json('--limit', `${bytes}B`);
    assert.deepEqual(removed, { files: 2, bytes: bytes + 9 });
    assert.notEqual(left[0].setting, OTHER);
    assert.equal((await json('--limit', 'none')).removed.files, 0);
    const { code, stdout, stderr } = await command(['--limit', '1MB']);
    assert.equal(code, 0);
    assert.match(stdout, /^Removed 0 files, 0 B\n/);
    assert.equal(stderr, 'More is left than was to be: 1.1 MB are in use, by jobs of the last hour\n');
  });

  it('--cache-limit bounds what a job leaves, but for what is in use', async () => {
    const args = ['--data', corpus, '--network', 'functionals', '--backend', BACKEND, '--out', join(root, 'run')];
    const { code, stderr } = await ser(['run', ...args, '--cache-limit', '1kB'], { env: { [FOLDER]: cache } });
    assert.equal(code, 0, stderr);
    assert.match(
      stderr,
      /take 1\.1 MB, more than the 1\.0 kB that they may \(--cache-limit\): all of them are in use\n/,
    );
    // What was used 40 days ago, and before, is gone; what others have used just now is not.
    const { settings: left } = await json();
    assert.deepEqual(
      left.map(({ setting, entries }: { setting: string; entries: number }) => [setting.split('-')[0], entries]),
      [
        ['functionals', clips.length],
        ['mel', clips.length],
      ],
    );
  });
});
