import assert from 'node:assert/strict';
import { type ChildProcess, fork, spawnSync } from 'node:child_process';
import fs, { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mock } from 'node:test';
import { takeLock } from '../../src/common/lock.js';
import type { Order } from './lock-racer.js';

const ROUNDS = 100;

describe('takeLock()', () => {
  let root: string;
  let path: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'ser-'));
    path = join(root, 'lock');
  });
  afterEach(() => {
    mock.restoreAll();
    rmSync(root, { recursive: true });
  });

  /** The id of a process that has ended. */
  const DEAD = spawnSync(process.execPath, ['-e', '']).pid;

  function taken(lock = takeLock(path)): () => void {
    assert.ok(typeof lock === 'function', 'the lock was refused');
    return lock;
  }

  it('names the owner to all others until the lock is released', () => {
    const release = taken();
    assert.equal(Number.parseInt(readFileSync(path, 'utf8'), 10), process.pid);
    assert.deepEqual(takeLock(path), { pid: process.pid });
    release();
    assert.deepEqual(readdirSync(root), []);
  });

  it('is refused while another process has it', () => {
    writeFileSync(path, String(process.ppid));
    assert.deepEqual(takeLock(path), { pid: process.ppid });
    assert.equal(readFileSync(path, 'utf8'), String(process.ppid));
  });

  it('is taken over from a process that died, also from one that had our id', () => {
    for (const content of [`${DEAD} token`, String(DEAD), String(process.pid)]) {
      writeFileSync(path, content);
      taken()();
      assert.deepEqual(readdirSync(root), []);
    }
  });

  it('is taken over where a process died while it was taking it over', () => {
    writeFileSync(path, `${DEAD} first`);
    // The lock on the removal of the first one, as that process left it.
    const link = mock.method(fs, 'linkSync');
    taken()();
    const removal = String(link.mock.calls[1].arguments[1]);
    writeFileSync(path, `${DEAD} first`);
    writeFileSync(removal, `${DEAD} second`);
    taken()();
    assert.deepEqual(readdirSync(root), []);
  });

  it('is refused while another process takes it over', () => {
    writeFileSync(path, `${DEAD} first`);
    const link = mock.method(fs, 'linkSync');
    taken()();
    writeFileSync(path, `${DEAD} first`);
    writeFileSync(String(link.mock.calls[1].arguments[1]), `${process.ppid} second`);
    assert.deepEqual(takeLock(path), { pid: process.ppid });
    assert.equal(readFileSync(path, 'utf8'), `${DEAD} first`);
  });

  it('is not taken from an owner who has yet to write the file, unless it has had 10 s for it', () => {
    for (const content of ['', 'x']) {
      writeFileSync(path, content);
      assert.deepEqual(takeLock(path), { pid: undefined });
      const eightSecondsAgo = Date.now() / 1000 - 8;
      utimesSync(path, eightSecondsAgo, eightSecondsAgo);
      assert.deepEqual(takeLock(path), { pid: undefined });
      utimesSync(path, eightSecondsAgo - 3, eightSecondsAgo - 3);
      taken()();
    }
  });

  it('leaves a lock alone that is no longer its own', () => {
    const release = taken();
    writeFileSync(path, String(process.ppid));
    release();
    assert.equal(readFileSync(path, 'utf8'), String(process.ppid));
  });

  it('works on file systems without hard links', () => {
    mock.method(fs, 'linkSync', () => {
      throw Object.assign(new Error('EPERM: operation not permitted'), { code: 'EPERM' });
    });
    const release = taken();
    assert.deepEqual(takeLock(path), { pid: process.pid });
    release();
    writeFileSync(path, `${DEAD} token`);
    taken()();
    assert.deepEqual(readdirSync(root), []);
  });

  it('says where it cannot be written', () => {
    const nowhere = join(root, 'none', 'lock');
    assert.throws(() => takeLock(nowhere), { name: 'InputError', message: /^Cannot write .*lock: no folder/ });
  });

  it(`is taken by exactly one of several processes that find a dead owner's, ${ROUNDS} times`, async function () {
    this.timeout(60_000);
    const racers = Array.from({ length: 4 }, () =>
      fork(join(__dirname, 'lock-racer.ts'), { execArgv: ['--require', require.resolve('tsx/cjs')] }),
    );
    const answers = (order?: Order) => Promise.all(racers.map((racer) => answerTo(racer, order)));
    try {
      await answers();
      for (let round = 0; round < ROUNDS; round++) {
        mkdirSync(join(root, `${round}`));
        const lock = join(root, `${round}`, 'lock');
        // Also without the token that makes locks differ, as another version may have written it; and with nothing in it.
        writeFileSync(lock, [`${DEAD} token`, `${DEAD}`, ''][round % 3]);
        utimesSync(lock, 1000, 1000);
        const results = await answers({ take: lock, at: Date.now() + 10 });
        assert.deepEqual(results.sort(), ['refused', 'refused', 'refused', 'taken'], `round ${round}`);
        await answers('release');
        assert.deepEqual(readdirSync(join(root, `${round}`)), []);
      }
    } finally {
      for (const racer of racers) racer.kill();
    }
  });
});

/** A racer's next message, after an order if there is one. */
function answerTo(racer: ChildProcess, order?: Order): Promise<unknown> {
  return new Promise((resolve, reject) => {
    racer.once('exit', reject);
    racer.once('message', (answer) => {
      racer.off('exit', reject);
      resolve(answer);
    });
    if (order) racer.send(order);
  });
}
