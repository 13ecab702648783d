import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** A worker thread's code: compiled where the package is installed, TypeScript in a checkout and in a notebook's kernel. */
export function workerFile(folder: string, name: string): { filename: string; execArgv: string[] } {
  const compiled = join(folder, `${name}.js`);
  if (existsSync(compiled)) return { filename: compiled, execArgv: [] };
  return { filename: join(folder, `${name}.ts`), execArgv: ['--require', require.resolve('tsx/cjs')] };
}
