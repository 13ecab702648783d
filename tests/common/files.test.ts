import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs, { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mock } from 'node:test';
import {
  cannotWrite,
  createFile,
  GrowingFile,
  isTemporary,
  readJson,
  removeLeftovers,
  writeFile,
  writeJson,
} from '../../src/common/files.js';
import { BOUND_BY_PERMISSIONS, HAS_LINKS } from '../setup/system.js';

describe('files', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'ser-'));
  });
  afterEach(() => {
    mock.restoreAll();
    rmSync(root, { recursive: true });
  });

  /** Makes a function of the file system fail as the system would. */
  function fail(
    name: 'writeFileSync' | 'writeSync' | 'ftruncateSync' | 'renameSync' | 'fsyncSync',
    code: string,
  ): void {
    mock.method(fs, name, () => {
      throw Object.assign(new Error(`${code}: something`), { code });
    });
  }

  it('writeFile() makes folders, writes text and bytes, and replaces', () => {
    const path = join(root, 'a', 'b ä.bin');
    writeFile(path, 'text');
    assert.equal(readFileSync(path, 'utf8'), 'text');
    const bytes = new Uint8Array([9, 1, 2, 3]).subarray(1);
    writeFile(path, bytes, { fsync: false });
    assert.deepEqual([...readFileSync(path)], [1, 2, 3]);
    assert.deepEqual(readdirSync(join(root, 'a')), ['b ä.bin']);
  });

  it('writeFile() leaves the old content and nothing else where writing fails', () => {
    const path = join(root, 'x');
    writeFile(path, 'old');
    for (const name of ['writeFileSync', 'fsyncSync', 'renameSync'] as const) {
      fail(name, 'ENOSPC');
      assert.throws(() => writeFile(path, 'new'), {
        name: 'InputError',
        message: `Cannot write ${path}: the disk is full; free some space, then go on (a run with \`resume\`)`,
      });
      mock.restoreAll();
      assert.equal(readFileSync(path, 'utf8'), 'old');
      assert.deepEqual(readdirSync(root), ['x']);
    }
  });

  it('writeFile() goes on after a write that took only a part', () => {
    const path = join(root, 'x');
    const whole = fs.writeSync as (file: number, data: Uint8Array, offset: number, length: number) => number;
    const short = mock.method(fs, 'writeSync', (file: number, data: Uint8Array, offset: number, length: number) =>
      whole(file, data, offset, Math.min(length, 3)),
    );
    writeFile(path, Uint8Array.of(1, 2, 3, 4, 5, 6, 7));
    assert.equal(short.mock.callCount(), 3);
    assert.deepEqual([...readFileSync(path)], [1, 2, 3, 4, 5, 6, 7]);
  });

  it('writeFile() says that a path leads through a file, or is a folder', () => {
    writeFileSync(join(root, 'x'), '');
    mkdirSync(join(root, 'folder'));
    assert.throws(() => writeFile(join(root, 'x', 'y'), ''), {
      name: 'InputError',
      message: /is a file, not a folder/,
    });
    assert.throws(() => writeFile(join(root, 'folder'), ''), { name: 'InputError', message: /it is a folder/ });
    assert.deepEqual(readdirSync(root).sort(), ['folder', 'x']);
  });

  it('writeFile() says what to do in a read-only folder', function () {
    if (!BOUND_BY_PERMISSIONS) this.skip();
    fs.chmodSync(root, 0o500);
    try {
      assert.throws(() => writeFile(join(root, 'x'), ''), {
        name: 'InputError',
        message: /not writable; choose another/,
      });
    } finally {
      fs.chmodSync(root, 0o700);
    }
  });

  it('GrowingFile appends pieces under another name until it is whole', () => {
    const path = join(root, 'a', 'x');
    const file = new GrowingFile(path);
    for (const piece of [[1, 2], [], [3]]) file.append(Uint8Array.from(piece));
    assert.equal(file.length, 3);
    assert.deepEqual([...readFileSync(file.temporary)], [1, 2, 3]);
    const [name, ...others] = readdirSync(join(root, 'a'));
    assert.deepEqual([isTemporary(name), join(root, 'a', name), others], [true, file.temporary, []]);
    file.finish(Uint8Array.of(4));
    assert.deepEqual(readdirSync(join(root, 'a')), ['x']);
    assert.deepEqual([...readFileSync(path)], [1, 2, 3, 4]);
    const given = new GrowingFile(path);
    given.append(Uint8Array.of(9));
    given.discard();
    assert.deepEqual([...readFileSync(path)], [1, 2, 3, 4]);
    assert.deepEqual(readdirSync(join(root, 'a')), ['x']);
  });

  it('GrowingFile goes on after a piece of which only a part could be written', () => {
    const path = join(root, 'x');
    const file = new GrowingFile(path);
    file.append(Uint8Array.of(1, 2));
    const whole = fs.writeSync as (...args: unknown[]) => number;
    let room = 3;
    mock.method(fs, 'writeSync', (fd: number, data: Uint8Array, offset: number, length: number, position: number) => {
      if (room === 0) throw Object.assign(new Error('ENOSPC: no space'), { code: 'ENOSPC' });
      const taken = Math.min(length, room);
      room -= taken;
      return whole(fd, data, offset, taken, position);
    });
    assert.throws(() => file.append(Uint8Array.of(3, 4, 5, 6)), { name: 'InputError', message: /the disk is full/ });
    assert.deepEqual([file.length, statSync(file.temporary).size], [2, 5]);
    room = 1;
    file.append(Uint8Array.of(7));
    // What is left of the piece would be behind the end.
    mock.restoreAll();
    file.finish(Uint8Array.of());
    assert.deepEqual([...readFileSync(path)], [1, 2, 7]);
  });

  it('GrowingFile leaves nothing where it cannot be made or finished', () => {
    const path = join(root, 'x');
    writeFileSync(path, '');
    assert.throws(() => new GrowingFile(join(path, 'y')), {
      name: 'InputError',
      message: /a part of the path is a file/,
    });
    rmSync(path);
    for (const name of ['ftruncateSync', 'writeSync', 'renameSync'] as const) {
      const file = new GrowingFile(path);
      fail(name, 'ENOSPC');
      assert.throws(() => file.finish(Uint8Array.of(1)), { name: 'InputError', message: /the disk is full/ });
      mock.restoreAll();
      assert.deepEqual(readdirSync(root), []);
    }
  });

  it('createFile() makes a file once', () => {
    const path = join(root, 'x');
    assert.equal(createFile(path, 'first'), true);
    assert.equal(createFile(path, 'second'), false);
    assert.equal(readFileSync(path, 'utf8'), 'first');
    assert.deepEqual(readdirSync(root), ['x']);
  });

  it('createFile() gives the file its name when its content is in it', () => {
    const path = join(root, 'x');
    const link = fs.linkSync;
    // Only noted there: createFile() takes an error for a file system without hard links.
    const linked: object[] = [];
    mock.method(fs, 'linkSync', (from: string, to: string) => {
      linked.push({ content: readFileSync(from, 'utf8'), to, wasThere: fs.existsSync(path) });
      link(from, to);
    });
    assert.equal(createFile(path, 'content'), true);
    assert.deepEqual(linked, [{ content: 'content', to: path, wasThere: false }]);
    assert.equal(readFileSync(path, 'utf8'), 'content');
  });

  it('createFile() makes a file once where there are no hard links, too', () => {
    const path = join(root, 'x');
    mock.method(fs, 'linkSync', () => {
      throw Object.assign(new Error('EPERM: operation not permitted'), { code: 'EPERM' });
    });
    assert.equal(createFile(path, 'first'), true);
    assert.equal(createFile(path, 'second'), false);
    assert.equal(readFileSync(path, 'utf8'), 'first');
    assert.deepEqual(readdirSync(root), ['x']);
  });

  it('createFile() leaves nothing where writing fails', () => {
    fail('writeFileSync', 'ENOSPC');
    assert.throws(() => createFile(join(root, 'x'), ''), { name: 'InputError', message: /the disk is full/ });
    assert.deepEqual(readdirSync(root), []);
  });

  it('cannotWrite() knows the usual reasons, and passes on the others', () => {
    const message = (code: string) => cannotWrite('p', Object.assign(new Error('as it is'), { code })).message;
    for (const code of ['EACCES', 'EPERM']) assert.match(message(code), /^Cannot write p: the folder is not writable/);
    assert.match(message('EROFS'), /read-only/);
    assert.match(message('EDQUOT'), /disk is full/);
    assert.match(message('EFBIG'), /larger than/);
    assert.equal(message('EIO'), 'Cannot write p: as it is');
  });

  it('removeLeftovers() removes what killed writes left, at any depth, and nothing else', () => {
    mkdirSync(join(root, 'model'));
    const kept = ['a.csv', 'notes.tmp', join('model', 'model.json')];
    for (const name of [...kept, 'a.csv.12-0.tmp', join('model', 'model.json.7-3.tmp')])
      writeFileSync(join(root, name), '');
    removeLeftovers(root);
    assert.deepEqual(readdirSync(root, { recursive: true }).sort(), [...kept, 'model'].sort());
  });

  it('writeJson() and readJson() keep a value', () => {
    const path = join(root, 'x.json');
    writeJson(path, { a: [1, 'ä'] });
    assert.deepEqual(readJson(path), { a: [1, 'ä'] });
    assert.equal(readFileSync(path, 'utf8'), '{\n  "a": [\n    1,\n    "ä"\n  ]\n}\n');
  });

  it('makeFolder() and writeFile() end where the working directory was removed', function () {
    if (!HAS_LINKS) this.skip();
    this.timeout(30_000);
    const script = join(root, 'gone.cts');
    const files = JSON.stringify(join(__dirname, '../../src/common/files.ts'));
    writeFileSync(
      script,
      `const { makeFolder, writeFile } = require(${files});
      const { mkdtempSync, rmdirSync } = require('node:fs');
      const folder = mkdtempSync(${JSON.stringify(join(root, 'cwd-'))});
      process.chdir(folder);
      process.cwd();
      rmdirSync(folder);
      for (const each of [() => makeFolder('a/b'), () => writeFile('a/b.txt', 'c')])
        try {
          each();
        } catch (error) {
          console.log(error.name, error.message);
        }`,
    );
    const { stdout, status } = spawnSync(process.execPath, ['--require', 'tsx/cjs', script], {
      ...{ cwd: join(__dirname, '../..'), encoding: 'utf8', timeout: 20_000 },
    });
    assert.equal(
      stdout,
      'InputError Cannot write a/b: the working directory was removed\nInputError Cannot write a/b.txt: the working directory was removed\n',
    );
    assert.equal(status, 0);
  });

  it('readJson() says that a file is missing or damaged', () => {
    assert.throws(() => readJson(join(root, 'none')), { name: 'InputError', message: /none is missing/ });
    writeFileSync(join(root, 'bad'), '{"a":');
    assert.throws(() => readJson(join(root, 'bad')), { name: 'InputError', message: /bad is damaged: / });
  });
});
