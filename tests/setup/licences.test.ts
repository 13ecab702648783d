import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { installedPackages, isAllowed, refusedPackages } from '../../scripts/licences.js';

const ROOT = join(__dirname, '../..');
const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));

describe('licences', () => {
  it('of all packages that are installed with the project are allowed, or exceptions with a reason', () => {
    const packages = installedPackages(lock);
    assert.ok(packages.length > 100);
    assert.deepEqual(refusedPackages(packages), []);
  });

  it('in the lock file are those that the packages themselves give', () => {
    const checked = Object.entries(lock.packages as Record<string, { license?: string; dev?: boolean }>).filter(
      ([path, { dev }]) => path !== '' && !dev && existsSync(join(ROOT, path, 'package.json')),
    );
    assert.ok(checked.length > 100);
    for (const [path, { license }] of checked)
      assert.equal(JSON.parse(readFileSync(join(ROOT, path, 'package.json'), 'utf8')).license, license, path);
  });

  it('isAllowed() reads AND and OR', () => {
    for (const licence of ['MIT', '(MIT AND Zlib)', 'GPL-2.0 OR MIT', '(MIT OR GPL-3.0)', 'Apache-2.0 AND MIT'])
      assert.ok(isAllowed(licence), licence);
    for (const licence of [undefined, '', 'GPL-2.0', 'MIT AND GPL-2.0', 'LGPL-3.0-or-later', 'SEE LICENSE IN x'])
      assert.ok(!isAllowed(licence), licence);
  });

  it('refusedPackages() finds what another package brings along, and leaves out what is for development', () => {
    const packages = installedPackages({
      packages: {
        '': { version: '1.0.0', license: 'MIT' },
        'node_modules/a': { version: '1.0.0', license: 'MIT' },
        'node_modules/a/node_modules/@b/c': { version: '2.0.0', license: 'AGPL-3.0' },
        'node_modules/d': { version: '3.0.0', license: 'AGPL-3.0', dev: true },
        'node_modules/e': { version: '4.0.0' },
      },
    });
    assert.deepEqual(
      refusedPackages(packages).map(({ name }) => name),
      ['@b/c', 'e'],
    );
  });
});
