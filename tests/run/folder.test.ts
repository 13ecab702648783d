import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeFile } from '../../src/common/files.js';
import { createRunFolder, inFolder, inNewFolder, lockFolder, newestModel } from '../../src/run/folder.js';
import { BOUND_BY_PERMISSIONS } from '../setup/system.js';

describe('run folder', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'ser-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it('createRunFolder() makes the folder and those above it', () => {
    assert.equal(createRunFolder(join(root, 'a', 'b')), join(root, 'a', 'b'));
    assert.ok(existsSync(join(root, 'a', 'b')));
  });

  it('createRunFolder() names a folder in runs/ after the local time unless told otherwise', () => {
    const before = process.cwd();
    const Clock = globalThis.Date;
    process.chdir(root);
    globalThis.Date = class extends Clock {
      constructor() {
        super(2026, 0, 31, 4, 5, 9);
      }
    } as DateConstructor;
    try {
      assert.equal(createRunFolder(), join('runs', '2026-01-31_04-05-09'));
      assert.ok(existsSync(join(root, 'runs', '2026-01-31_04-05-09')));
    } finally {
      globalThis.Date = Clock;
      process.chdir(before);
    }
  });

  it('createRunFolder() takes an empty folder that is there', () => {
    assert.equal(createRunFolder(root), root);
  });

  it('createRunFolder() takes a folder in which a run ended before it began, e.g. on a full disk', () => {
    for (const name of ['lock', 'checksums.txt', 'config.json.123-4.tmp']) writeFileSync(join(root, name), '');
    assert.equal(createRunFolder(root), root);
    writeFileSync(join(root, 'config.json'), '{}');
    assert.throws(() => createRunFolder(root), { name: 'InputError', message: /not empty.*`resume\("/ });
  });

  it('createRunFolder() refuses a folder that holds something, and a file', () => {
    writeFileSync(join(root, 'x'), '');
    const refused = (folder: string, message: string) =>
      assert.throws(() => createRunFolder(folder), {
        name: 'InputError',
        message: `Cannot write a run to ${folder}: it is not empty; ${message}`,
      });
    refused(root, 'choose another `directory`');
    // What is advised can be done: only what is begun and not finished can be gone on with.
    for (const [file, call, what] of [
      ['config.json', 'resume', 'the run in it'],
      ['folds.json', 'resumeFolds', 'its folds'],
      ['comparison.json', 'resumeComparison', 'its comparison'],
    ]) {
      const folder = join(root, file.replace('.json', ''));
      mkdirSync(folder);
      writeFileSync(join(folder, file), '{}');
      refused(folder, `choose another \`directory\`, or go on with ${what}: \`${call}(${JSON.stringify(folder)})\``);
      writeFileSync(join(folder, 'metrics.json'), '{}');
      refused(folder, 'choose another `directory`');
    }
    assert.throws(() => createRunFolder(join(root, 'x')), { name: 'InputError', message: /a file, not a folder/ });
    assert.throws(() => createRunFolder(join(root, 'x', 'y')), { name: 'InputError', message: /Cannot write/ });
  });

  it('inNewFolder() leaves the folder as it was where a job fails before training has begun', async () => {
    const failing = (folder: string, files: readonly string[]) =>
      assert.rejects(
        inNewFolder(folder, async (directory) => {
          assert.ok(existsSync(join(directory, 'lock')));
          for (const file of files) writeFile(join(directory, file), 'x');
          throw new RangeError('broken');
        }),
        { name: 'RangeError', message: 'broken' },
      );
    const [fresh, empty, trained] = [join(root, 'fresh'), join(root, 'empty'), join(root, 'trained')];
    await failing(fresh, ['config.json', 'fold-01/config.json']);
    assert.ok(!existsSync(fresh));
    mkdirSync(empty);
    await failing(empty, ['config.json']);
    assert.deepEqual(readdirSync(empty), []);
    for (const [i, result] of ['history.csv', 'fold-01/training-state.bin', 'compact/model/model.json'].entries()) {
      await failing(`${trained} ${i}`, ['config.json', result]);
      assert.ok(existsSync(join(`${trained} ${i}`, 'config.json')));
      assert.ok(existsSync(join(`${trained} ${i}`, result)));
      assert.ok(!existsSync(join(`${trained} ${i}`, 'lock')));
    }
    // Another process's folder is none of its business.
    mkdirSync(join(root, 'theirs'));
    const theirs = await inNewFolder(join(root, 'theirs'), async (directory) => {
      await assert.rejects(
        inFolder(directory, async () => {}),
        { name: 'InputError', message: /Another run/ },
      );
      return readdirSync(directory);
    });
    assert.deepEqual(theirs, ['lock']);
  });

  it('createRunFolder() says what to do where it may not write', function () {
    if (!BOUND_BY_PERMISSIONS) this.skip();
    chmodSync(root, 0o500);
    assert.throws(() => createRunFolder(join(root, 'a')), {
      name: 'InputError',
      message: /not writable; choose another/,
    });
    chmodSync(root, 0o700);
  });

  it('lockFolder() keeps others out until it is unlocked', () => {
    const unlock = lockFolder(root);
    assert.throws(() => lockFolder(root), {
      name: 'InputError',
      message: new RegExp(`process ${process.pid}.*at work.*If no run is at work there, delete ${join(root, 'lock')}$`),
    });
    unlock();
    lockFolder(root)();
    assert.ok(!existsSync(join(root, 'lock')));
  });

  it('lockFolder() takes over from a process that died', () => {
    writeFileSync(join(root, 'lock'), '999999999');
    lockFolder(root)();
    writeFileSync(join(root, 'lock'), '');
    utimesSync(join(root, 'lock'), 1000, 1000);
    lockFolder(root)();
  });

  it('lockFolder() leaves a lock alone that its owner may be about to write', () => {
    writeFileSync(join(root, 'lock'), '');
    assert.throws(() => lockFolder(root), { name: 'InputError', message: /^Another run is at work in / });
    assert.equal(readFileSync(join(root, 'lock'), 'utf8'), '');
  });

  it('newestModel() finds the model written last, among runs that have one', () => {
    assert.equal(newestModel(join(root, 'none')), undefined);
    for (const [name, seconds] of [
      ['old', 1000],
      ['new', 3000],
      ['middle', 2000],
    ] as const) {
      const path = join(root, name, 'model', 'model.json');
      mkdirSync(join(root, name, 'model'), { recursive: true });
      writeFileSync(path, '{}');
      utimesSync(path, seconds, seconds);
    }
    mkdirSync(join(root, 'unfinished'));
    assert.equal(newestModel(root), join(root, 'new', 'model'));
  });
});
