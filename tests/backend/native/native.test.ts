import assert from 'node:assert/strict';
import fs, {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { mock } from 'node:test';
import {
  NATIVE_REMEDY,
  type NativeOptions,
  nativeInPlace,
  provideNative,
  rememberedFailure,
} from '../../../src/backend/native/native.js';
import { errorLine, type NativeSource } from '../../../src/backend/native/sources.js';

const LIBRARY =
  { darwin: 'libtensorflow.2.dylib', win32: 'tensorflow.dll' }[process.platform as string] ?? 'libtensorflow.so.2';
const KEY = `tfjs-node-4.22.0-${process.platform}-${process.arch}`;
const ADDON = 'lib/napi-v8/tfjs_binding.node';

/** A source that writes small files in place of the library, and counts how often it was asked to. */
function fakeSource(name = 'a fake'): NativeSource & { made: number } {
  return {
    name,
    made: 0,
    async make({ staging }) {
      this.made++;
      mkdirSync(join(staging, 'deps/lib'), { recursive: true });
      mkdirSync(join(staging, 'lib/napi-v8'), { recursive: true });
      writeFileSync(join(staging, 'deps/lib', LIBRARY), 'library');
      writeFileSync(join(staging, ADDON), 'addon');
    },
  };
}

function failingSource(name: string): NativeSource & { made: number } {
  return {
    name,
    made: 0,
    async make({ staging }) {
      this.made++;
      writeFileSync(join(staging, 'half'), 'a half-written file');
      throw new Error('no network');
    },
  };
}

describe('provideNative()', () => {
  let folder: string;
  let cacheFolder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ser-'));
    cacheFolder = join(folder, 'cache');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** A package as npm leaves it when no install script runs. */
  function checkout(name: string): string {
    const packageFolder = join(folder, name);
    mkdirSync(packageFolder, { recursive: true });
    writeFileSync(join(packageFolder, 'package.json'), JSON.stringify({ version: '4.22.0' }));
    return packageFolder;
  }

  function options(source: NativeSource | NativeSource[], packageFolder = checkout('first')): NativeOptions {
    return { cacheFolder, packageFolder, sources: [source].flat(), load: async () => '2.15.1' };
  }

  async function provided(given: NativeOptions) {
    const state = await provideNative(given);
    assert.equal(state.state, 'ready', JSON.stringify(state));
    return state as Extract<typeof state, { state: 'ready' }>;
  }

  it('makes the library, links it into the package and leaves nothing else in the cache', async () => {
    const given = options(fakeSource());
    const state = await provided(given);
    assert.deepEqual([state.from, state.source, state.version], ['made', 'a fake', '2.15.1']);
    assert.equal(state.libraryFolder, realpathSync(join(cacheFolder, KEY, 'deps/lib')));
    assert.equal(readFileSync(join(given.packageFolder!, ADDON), 'utf8'), 'addon');
    assert.equal(readFileSync(join(given.packageFolder!, 'deps/lib', LIBRARY), 'utf8'), 'library');
    assert.deepEqual(readdirSync(cacheFolder), [KEY]);
  });

  it('does nothing when the library is in place', async () => {
    const given = options(fakeSource());
    await provided(given);
    assert.equal((await provided({ ...given, sources: [] })).from, 'package');
  });

  it('takes the library from the cache for a second checkout', async () => {
    await provided(options(fakeSource()));
    const second = fakeSource();
    assert.equal((await provided(options(second, checkout('second')))).from, 'cache');
    assert.equal(second.made, 0);
  });

  it('leaves a library alone that tfjs-node installed itself', async () => {
    const packageFolder = checkout('first');
    await fakeSource().make({ staging: packageFolder, packageFolder, report: () => {} });
    const state = await provided(options(failingSource('none'), packageFolder));
    assert.deepEqual([state.from, state.source, state.version], ['package', 'unknown', 'unknown']);
  });

  for (const [damage, spoil] of [
    ['a file of another size', (path: string) => writeFileSync(path, 'add')],
    ['a missing file', (path: string) => rmSync(path)],
  ] as const) {
    it(`makes the library again when it finds ${damage}`, async () => {
      const given = options(fakeSource());
      await provided(given);
      spoil(join(cacheFolder, KEY, ADDON));
      assert.equal((await provided(given)).from, 'made');
      assert.equal(readFileSync(join(given.packageFolder!, ADDON), 'utf8'), 'addon');
      assert.deepEqual(readdirSync(cacheFolder), [KEY]);
    });
  }

  it('notices changed bytes when it links a second checkout', async () => {
    await provided(options(fakeSource()));
    writeFileSync(join(cacheFolder, KEY, ADDON), 'noddA');
    assert.equal((await provided(options(fakeSource(), checkout('second')))).from, 'made');
  });

  it('replaces real folders that an interrupted install script left', async () => {
    const given = options(fakeSource());
    mkdirSync(join(given.packageFolder!, 'deps/lib'), { recursive: true });
    await provided(given);
    assert.equal(readFileSync(join(given.packageFolder!, 'deps/lib', LIBRARY), 'utf8'), 'library');
  });

  it('goes on to the next source when one fails, and keeps nothing of the failed one', async () => {
    const state = await provided(options([failingSource('first way'), fakeSource('second way')]));
    assert.equal(state.source, 'second way');
    assert.equal(existsSync(join(cacheFolder, KEY, 'half')), false);
  });

  it('counts a library that does not load as failed', async () => {
    const load = async () => Promise.reject(new Error('SIGILL'));
    const state = await provideNative({ ...options(fakeSource()), load });
    assert.deepEqual(state.state === 'unavailable' && state.reasons, ['a fake: SIGILL']);
    assert.equal(existsSync(join(cacheFolder, KEY)), false);
  });

  it('says why and what helps when nothing works, remembers it for a day, and tries again when forced', async () => {
    const source = failingSource('a way');
    const given = options(source);
    const state = await provideNative(given);
    assert.equal(state.state, 'unavailable');
    assert.deepEqual(state.state === 'unavailable' && state.reasons, ['a way: no network']);
    assert.equal(state.state === 'unavailable' && state.remedy, NATIVE_REMEDY);
    assert.deepEqual(await provideNative(given), state);
    assert.equal(source.made, 1);
    assert.deepEqual(rememberedFailure(given.packageFolder, cacheFolder), state);
    await provideNative({ ...given, force: true });
    assert.equal(source.made, 2);
    assert.equal((await provided({ ...options(fakeSource()), force: true })).from, 'made');
    assert.equal(rememberedFailure(given.packageFolder, cacheFolder), undefined);
  });

  it('speaks of the folder, not of the network, where the cache cannot be written', async () => {
    const { mkdirSync } = fs;
    const making = mock.method(fs, 'mkdirSync', (path: string, options?: object) => {
      if (path.includes('.making-')) throw Object.assign(new Error('EROFS: read-only file system'), { code: 'EROFS' });
      return mkdirSync(path, options);
    });
    const source = fakeSource();
    const state = await provideNative(options(source));
    making.mock.restore();
    assert.equal(source.made, 0);
    assert.deepEqual(state.state === 'unavailable' && state.reasons, ['EROFS: read-only file system']);
    const remedy = state.state === 'unavailable' ? state.remedy : '';
    assert.ok(remedy.startsWith(`make ${cacheFolder} writable, or name another`), remedy);
    assert.doesNotMatch(remedy, /network/);
  });

  it('tries again a day after a failure', async () => {
    const source = failingSource('a way');
    const given = options(source);
    await provideNative(given);
    const since = new Date(Date.now() - 25 * 60 * 60 * 1000).toISOString();
    writeFileSync(join(cacheFolder, `${KEY}.unavailable.json`), JSON.stringify({ since, reasons: ['old'] }));
    await provideNative(given);
    assert.equal(source.made, 2);
  });

  it('lets two first starts run side by side', async () => {
    const states = await Promise.all(
      ['first', 'second'].map((name) => provided(options(fakeSource(), checkout(name)))),
    );
    assert.equal(states[0].libraryFolder, states[1].libraryFolder);
    for (const name of ['first', 'second']) assert.equal(readFileSync(join(folder, name, ADDON), 'utf8'), 'addon');
    assert.deepEqual(readdirSync(cacheFolder), [KEY]);
  });

  it('clears away what a killed process left, but not what a living one is making', async () => {
    const dead = join(cacheFolder, `${KEY}.making-${hostname()}-99999999-abc`);
    const living = join(cacheFolder, `${KEY}.making-${hostname()}-${process.ppid}-abc`);
    for (const path of [dead, living]) mkdirSync(path, { recursive: true });
    await provided(options(fakeSource()));
    assert.deepEqual([existsSync(dead), existsSync(living)], [false, true]);
  });

  it('is unavailable, with the reason, where the cache cannot be written', async () => {
    writeFileSync(cacheFolder, 'a file where the folder should be');
    const state = await provideNative(options(fakeSource()));
    assert.match(state.state === 'unavailable' ? state.reasons.join() : '', /ENOTDIR|EEXIST|file already exists/);
  });
});

describe('nativeInPlace()', () => {
  it('is undefined for a package without a library', () => {
    const folder = mkdtempSync(join(tmpdir(), 'ser-'));
    assert.equal(nativeInPlace(folder, folder), undefined);
    rmSync(folder, { recursive: true });
  });
});

describe('errorLine()', () => {
  it("finds the error in Node's, pip's and a compiler's output", () => {
    const node =
      "node:events:497\n      throw er;\n\nError: getaddrinfo ENOTFOUND host\n    at x (y:1)\nEmitted 'error' event\n    at z";
    assert.equal(errorLine(node), 'getaddrinfo ENOTFOUND host');
    assert.equal(errorLine('WARNING: Retrying\nERROR: No matching distribution.\n'), 'No matching distribution');
    assert.equal(errorLine('a.cc: In function f\na.cc:1:2: error: no such file\n'), 'a.cc:1:2: error: no such file');
  });
  it('is the last line where none is called an error, and undefined for no output', () => {
    assert.equal(errorLine('one\ntwo\n'), 'two');
    assert.equal(errorLine(' \n'), undefined);
  });
});
