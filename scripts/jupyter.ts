/** The project's own Jupyter: a Python environment in `.venv`, and in it the kernel that runs the notebooks. */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../src/common/errors.js';
import { writeFile, writeJson } from '../src/common/files.js';
import { findPython } from './python.js';

export const ROOT = join(__dirname, '..');
export const NOTEBOOKS = join(ROOT, 'notebooks');
export const KERNEL = 'speech-emotion';

const VENV = join(ROOT, '.venv');
const REQUIREMENTS = join(NOTEBOOKS, 'requirements.txt');
/** Written last: an environment without it, or made for other requirements or another place, is made anew. */
const STAMP = join(VENV, 'speech-emotion.json');
const PYTHON = process.platform === 'win32' ? join(VENV, 'Scripts', 'python.exe') : join(VENV, 'bin', 'python');

/** Variables of other Python and Jupyter installations, which would be searched before `.venv`. */
const FOREIGN = ['PYTHONPATH', 'PYTHONHOME', 'JUPYTER_PATH', 'VIRTUAL_ENV'];

export interface ProcessOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Told each line of standard output, which else goes where this process's goes. */
  readonly onLine?: (line: string) => void;
}

/**
 * Makes the environment unless it is there, and registers the kernel in it: nothing outside the project is touched.
 *
 * @throws InputError with a remedy if there is no Python 3.10 or later, it has no venv module, or pip fails
 */
export async function prepareJupyter(): Promise<void> {
  const stamp = JSON.stringify({ place: VENV, requirements: hashOf(REQUIREMENTS) });
  if (!existsSync(STAMP) || readFileSync(STAMP, 'utf8') !== stamp || !existsSync(PYTHON)) {
    console.error('Setting up JupyterLab in .venv (once, about 100 MB to download, 320 MB on disk) …');
    makeEnvironment(findPython(10, 'JupyterLab'));
    console.error('Installing packages …');
    const pip = ['-m', 'pip', 'install', '--disable-pip-version-check', '--require-hashes', '-r', REQUIREMENTS];
    let count = 0;
    const code = await runPython(pip, { onLine: (line) => line.startsWith('Collecting ') && tell(++count) });
    if (code !== 0)
      throw new InputError(
        'Cannot set up JupyterLab: pip failed, see above; check the network or pip’s mirror and proxy (environment.md), and start again',
      );
    writeFile(STAMP, stamp);
  }
  writeKernel();
}

/** Runs the environment's Python in the project's root; returns its exit code. */
export function runPython(args: readonly string[], { env, onLine }: ProcessOptions = {}): Promise<number> {
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !FOREIGN.includes(name)));
  const child = spawn(PYTHON, args, {
    cwd: ROOT,
    env: { ...inherited, JUPYTER_PREFER_ENV_PATH: '1', PYTHONIOENCODING: 'utf-8', ...env },
    stdio: ['inherit', onLine ? 'pipe' : 'inherit', 'inherit'],
  });
  let rest = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop()!;
    for (const line of lines) onLine?.(line);
  });
  // Ctrl-C reaches the child as well, which decides when to end.
  const wait = () => {};
  process.on('SIGINT', wait);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      process.off('SIGINT', wait);
      resolve(code ?? 1);
    });
  });
}

function tell(packages: number): void {
  if (packages % 20 === 0) console.error(`  ${packages} packages …`);
}

function makeEnvironment(python: string): void {
  rmSync(VENV, { recursive: true, force: true });
  const made = spawnSync(python, ['-m', 'venv', VENV], { encoding: 'utf8' });
  if (made.status === 0) return;
  rmSync(VENV, { recursive: true, force: true });
  const said = `${made.stdout}${made.stderr}${made.error ?? ''}`.trim().split('\n').pop();
  throw new InputError(
    `Cannot set up JupyterLab: ${python} -m venv failed (${said}); on Debian and Ubuntu, install python3-venv`,
  );
}

/** Rewritten at every start, since another Node may be in use than last time. */
function writeKernel(): void {
  writeJson(join(VENV, 'share', 'jupyter', 'kernels', KERNEL, 'kernel.json'), {
    argv: [process.execPath, join(__dirname, 'kernel.cjs'), '{connection_file}'],
    display_name: 'TypeScript (speech-emotion)',
    language: 'typescript',
    interrupt_mode: 'signal',
  });
}

function hashOf(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}
