import { join } from 'node:path';
import { findPython, pythonWith } from '../python.js';

const ROOT = join(__dirname, '../..');

/**
 * Sets up Snakemake and its executor for Slurm in `.cache/snakemake`, once, where `ser experiment --engine snakemake` finds them.
 *
 * @returns the path of the command
 * @throws InputError if there is no Python 3.11 or later; Error if a package cannot be installed
 */
export function prepareSnakemake(): string {
  const folder = join(ROOT, '.cache/snakemake');
  pythonWith({
    folder,
    requirements: join(__dirname, 'requirements.txt'),
    needs: 'Python 3.11 or later, with its module venv, on Linux or macOS',
    python: findPython(11, 'Snakemake'),
    megabytes: 80,
  });
  return join(folder, 'bin/snakemake');
}
