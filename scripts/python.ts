import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFile } from '../src/common/files.js';

/** A Python with packages of its own. */
export interface PythonOptions {
  /** Where it is set up. */
  readonly folder: string;
  /** The file with its packages, all versions pinned. */
  readonly requirements: string;
  /** What it needs, for the message where it cannot be set up. */
  readonly needs: string;
}

/**
 * Sets up a Python with pinned packages, once, and again when they have changed.
 *
 * @returns the path of its interpreter
 * @throws Error if a package cannot be installed
 */
export function pythonWith({ folder, requirements, needs }: PythonOptions): string {
  const python = join(folder, 'bin/python');
  const stamp = join(folder, 'requirements.txt');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === readFileSync(requirements, 'utf8')) return python;
  console.error(`Setting up Python in ${folder} (once, 400 MB to download) …`);
  const quiet = ['--quiet', '--disable-pip-version-check'];
  for (const command of [
    ['python3', '-m', 'venv', folder],
    [python, '-m', 'pip', 'install', ...quiet, '-r', requirements],
  ])
    if (spawnSync(command[0], command.slice(1), { stdio: ['ignore', 2, 2] }).status !== 0)
      throw new Error(`${command.join(' ')} failed; it needs ${needs}`);
  writeFile(stamp, readFileSync(requirements));
  return python;
}
