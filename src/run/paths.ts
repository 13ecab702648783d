import { existsSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { z } from 'zod';
import { readJson } from '../common/files.js';

/**
 * Relative paths in a run's files begin at the folder where the run was begun, wherever one goes on with it; those in memory
 * at the folder where one is. Absolute ones stay as they are.
 */
export interface RunPaths {
  /** From a path in memory to one in a file. */
  readonly toFile: (path: string) => string;
  /** The other way. */
  readonly fromFile: (path: string) => string;
}

const baseSchema = z.object({ relativeTo: z.string() });

/** Where the relative paths of a run begin that is begun here: its `relativeTo`, seen from the file that says so. */
export function startingHere(file: string): string {
  return relative(realpathSync(dirname(file)), process.cwd()) || '.';
}

/** The paths of a run, by its `config.json` or `folds.json`; those of earlier versions begin where one is. */
export function pathsOf(file: string): RunPaths {
  const found = existsSync(file) ? baseSchema.safeParse(readJson(file)) : undefined;
  const base = found?.success ? resolve(realpathSync(dirname(file)), found.data.relativeTo) : process.cwd();
  const moved = (path: string, from: string, to: string) =>
    isAbsolute(path) || from === to ? path : relative(to, resolve(from, path));
  return {
    toFile: (path) => moved(path, process.cwd(), base),
    fromFile: (path) => moved(path, base, process.cwd()),
  };
}
