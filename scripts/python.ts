import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../src/common/errors.js';
import { writeFile } from '../src/common/files.js';

/** A Python with packages of its own. */
export interface PythonOptions {
  /** Where it is set up. */
  readonly folder: string;
  /** The file with its packages, all versions pinned. */
  readonly requirements: string;
  /** What it needs, for the message where it cannot be set up. */
  readonly needs: string;
  /** What it is made with; default: `python3`. */
  readonly python?: string;
  /** How much there is to download; default 400. */
  readonly megabytes?: number;
}

/**
 * A Python on the search path that is new enough: `python3`, or on Windows `python`.
 *
 * @param least - 11 for Python 3.11
 * @throws InputError saying that there is none to set something up with
 */
export function findPython(least: number, what: string): string {
  const version = 'import sys; print(*sys.version_info[:2])';
  for (const python of ['python3', 'python']) {
    const [major, minor] = (spawnSync(python, ['-c', version], { encoding: 'utf8' }).stdout ?? '')
      .split(' ')
      .map(Number);
    if (major === 3 && minor >= least) return python;
  }
  throw new InputError(
    `Cannot set up ${what}: Python 3.${least} or later is needed, and there is none on the search path; install it`,
  );
}

/**
 * Sets up a Python with pinned packages, once, and again when they have changed.
 *
 * @returns the path of its interpreter
 * @throws Error if a package cannot be installed
 */
export function pythonWith({ folder, requirements, needs, ...options }: PythonOptions): string {
  const { python: maker = 'python3', megabytes = 400 } = options;
  const python = join(folder, 'bin/python');
  const stamp = join(folder, 'requirements.txt');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === readFileSync(requirements, 'utf8')) return python;
  console.error(`Setting up Python in ${folder} (once, ${megabytes} MB to download) …`);
  const quiet = ['--quiet', '--disable-pip-version-check'];
  for (const command of [
    [maker, '-m', 'venv', folder],
    [python, '-m', 'pip', 'install', ...quiet, '-r', requirements],
  ])
    if (spawnSync(command[0], command.slice(1), { stdio: ['ignore', 2, 2] }).status !== 0)
      throw new Error(`${command.join(' ')} failed; it needs ${needs}`);
  writeFile(stamp, readFileSync(requirements));
  return python;
}
