/**
 * Installs what package-lock.json lists, unless it is there: `npm start`, `npm test` and the other scripts begin with this.
 *
 * Their own `prestart` and `pretest` would not run, as `.npmrc` sets `ignore-scripts`. Plain Node, since nothing is installed yet.
 */
const { spawnSync } = require('node:child_process');
const { existsSync, readFileSync } = require('node:fs');
const { basename, join } = require('node:path');

const ROOT = join(__dirname, '..');

/** The packages of a lock file by their folder, or undefined where there is no such file or it is damaged. */
function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(join(ROOT, file), 'utf8')).packages;
  } catch {
    return undefined;
  }
}

/** Why node_modules is not what package-lock.json lists, or undefined if it is. */
function whatIsMissing() {
  const wanted = packagesOf('package-lock.json');
  if (!wanted) {
    console.error('Cannot install packages: package-lock.json is missing or damaged; restore it');
    process.exit(1);
  }
  // npm's own record of what it has put into node_modules.
  const installed = packagesOf('node_modules/.package-lock.json');
  if (!installed) return 'there are none yet';
  for (const [folder, { version, optional }] of Object.entries(wanted)) {
    // Optional packages are for one system each, and npm leaves out those of others.
    if (folder === '' || (optional && !installed[folder])) continue;
    const name = folder.slice('node_modules/'.length);
    if (!installed[folder] || !existsSync(join(ROOT, folder, 'package.json'))) return `${name} is missing`;
    if (installed[folder].version !== version) return `${name} is ${installed[folder].version} instead of ${version}`;
  }
  return undefined;
}

/** Runs `npm ci`, development packages included even where NODE_ENV is `production`; returns its exit code. */
function install() {
  const args = ['ci', '--include=dev', '--no-audit'];
  // What npm prints is no output of the command that follows.
  const options = { cwd: ROOT, stdio: ['ignore', 2, 2] };
  const running = process.env.npm_execpath ?? '';
  const { status } = /^npm-cli\.c?js$/.test(basename(running))
    ? spawnSync(process.execPath, [running, ...args], options)
    : spawnSync('npm', args, { ...options, shell: process.platform === 'win32' });
  return status ?? 1;
}

const reason = whatIsMissing();
if (reason) {
  console.error(`Installing the packages of package-lock.json with npm ci (${reason}) …`);
  process.exitCode = install();
  if (process.exitCode !== 0)
    console.error(
      'Cannot install packages: npm ci failed, see above; check the network or npm’s mirror and proxy (environment.md), and start again',
    );
}
