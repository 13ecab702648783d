import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const ROOT = join(__dirname, '../..');

interface Entry {
  readonly version: string;
  readonly optional?: true;
}

/** Two packages, one of which has a part for each system. */
const LOCKED: Readonly<Record<string, Entry>> = {
  'node_modules/plain': { version: '1.0.0' },
  'node_modules/@scope/inner': { version: '2.0.0' },
  'node_modules/inner-elsewhere': { version: '2.0.0', optional: true },
};
const { 'node_modules/inner-elsewhere': _, ...HERE } = LOCKED;

/** Stands in for npm: notes what it is called with, and ends as it is told. */
const NPM = `
  require('node:fs').writeFileSync(process.env.NPM_CALLED, process.argv.slice(2).join(' '));
  console.log('npm said this');
  process.exit(Number(process.env.NPM_CODE));
`;

describe('scripts/install.cjs', () => {
  let folder = '';
  const put = (path: string, content: string | object) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), typeof content === 'string' ? content : JSON.stringify(content));
  };
  /** What node_modules holds, and npm's record of it. */
  const putPackages = (installed: Readonly<Record<string, Entry>>) => {
    put('node_modules/.package-lock.json', { packages: installed });
    for (const [path, { version }] of Object.entries(installed)) put(`${path}/package.json`, { version });
  };
  /** Runs the script; `npm` is what npm was called with, if it was. */
  const start = (npmCode = 0) => {
    const called = join(folder, 'called');
    const env = {
      ...process.env,
      npm_execpath: join(folder, 'npm-cli.js'),
      NPM_CALLED: called,
      NPM_CODE: String(npmCode),
    };
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(folder, 'scripts/install.cjs')], {
      env,
      encoding: 'utf8',
    });
    return { status, stdout, stderr, npm: existsSync(called) ? readFileSync(called, 'utf8') : undefined };
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ser- '));
    put('npm-cli.js', NPM);
    put('package-lock.json', { packages: { '': {}, ...LOCKED } });
    mkdirSync(join(folder, 'scripts'));
    copyFileSync(join(ROOT, 'scripts/install.cjs'), join(folder, 'scripts/install.cjs'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('does nothing and says nothing where all packages are installed, but for those of other systems', () => {
    putPackages(HERE);
    assert.deepEqual(start(), { status: 0, stdout: '', stderr: '', npm: undefined });
  });

  it('installs in a fresh clone, and leaves standard output to the command that follows', () => {
    const { status, stdout, stderr, npm } = start();
    assert.equal(npm, 'ci --include=dev --no-audit');
    assert.equal(status, 0);
    assert.equal(stdout, '');
    assert.match(stderr, /Installing the packages of package-lock.json with npm ci \(there are none yet\) …\nnpm said/);
  });

  it('installs where the lock file has another version', () => {
    putPackages({ ...HERE, 'node_modules/plain': { version: '0.9.0' } });
    const { stderr, npm } = start();
    assert.match(stderr, /\(plain is 0\.9\.0 instead of 1\.0\.0\)/);
    assert.ok(npm);
  });

  it('installs where a package of another system is there in another version', () => {
    putPackages({ ...LOCKED, 'node_modules/inner-elsewhere': { version: '1.9.0' } });
    assert.match(start().stderr, /\(inner-elsewhere is 1\.9\.0 instead of 2\.0\.0\)/);
  });

  it('installs where the lock file has a package more', () => {
    putPackages({ 'node_modules/plain': LOCKED['node_modules/plain'] });
    assert.match(start().stderr, /\(@scope\/inner is missing\)/);
  });

  it('installs where the folder of a package was deleted', () => {
    putPackages(HERE);
    rmSync(join(folder, 'node_modules/plain'), { recursive: true });
    assert.match(start().stderr, /\(plain is missing\)/);
  });

  it('installs where npm’s record is damaged', () => {
    putPackages(HERE);
    put('node_modules/.package-lock.json', '{');
    assert.ok(start().npm);
  });

  it('ends with npm’s exit code and says what to do where npm fails', () => {
    const { status, stderr } = start(3);
    assert.equal(status, 3);
    assert.match(stderr, /Cannot install packages: npm ci failed, see above; check the network .*environment\.md/);
  });

  it('ends where there is no lock file', () => {
    rmSync(join(folder, 'package-lock.json'));
    const { status, stderr, npm } = start();
    assert.deepEqual([status, npm], [1, undefined]);
    assert.equal(stderr, 'Cannot install packages: package-lock.json is missing or damaged; restore it\n');
  });

  it('finds the packages of this checkout', () => {
    const { status, stderr } = spawnSync(process.execPath, [join(ROOT, 'scripts/install.cjs')], { encoding: 'utf8' });
    assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
  });

  it('is what every npm script begins with', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: object };
    for (const [name, command] of Object.entries(scripts))
      assert.ok(command.startsWith('node scripts/install.cjs && '), name);
  });
});
