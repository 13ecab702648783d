import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CHECKSUMS_FILE, requireUnchanged, writeListed } from '../../src/run/checksums.js';

describe("the checksums of a run's files", () => {
  let directory: string;
  const at = (name: string) => join(directory, name);
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'ser-'));
    writeFileSync(at('a.csv'), 'x,y\n');
    writeListed(at('b.json'), '{"ä": 1}\n', ['a.csv', 'none.csv']);
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('are listed as sha256sum lists and compares them', function () {
    const found = spawnSync('sha256sum', ['a.csv', 'b.json'], { cwd: directory, encoding: 'utf8' });
    if (found.error) this.skip();
    assert.equal(readFileSync(at(CHECKSUMS_FILE), 'utf8'), found.stdout);
    assert.equal(spawnSync('sha256sum', ['--check', CHECKSUMS_FILE], { cwd: directory }).status, 0);
  });

  it('are those of the file itself and of the others that are there', () => {
    assert.equal(readFileSync(at('b.json'), 'utf8'), '{"ä": 1}\n');
    requireUnchanged(directory);
    requireUnchanged(directory, ['b.json']);
  });

  it('tell what was changed, is missing, or was never listed', () => {
    writeFileSync(at('a.csv'), 'x,z\n');
    requireUnchanged(directory, ['b.json']);
    assert.throws(() => requireUnchanged(directory), {
      name: 'InputError',
      message: /a\.csv was changed since it was written: .*checksums\.txt; put the original back, or start a new run$/,
    });
    rmSync(at('a.csv'));
    assert.throws(() => requireUnchanged(directory), { name: 'InputError', message: /a\.csv is missing$/ });
    writeFileSync(at('c.json'), '');
    assert.throws(() => requireUnchanged(directory, ['c.json']), {
      name: 'InputError',
      message: /c\.json was changed/,
    });
  });

  it('are not asked for where an earlier version wrote none', () => {
    rmSync(at(CHECKSUMS_FILE));
    writeFileSync(at('a.csv'), 'x,z\n');
    requireUnchanged(directory);
  });
});
