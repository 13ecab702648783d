import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');

interface Selection {
  readonly path: readonly string[];
  readonly pathNot: readonly string[];
}

/** All files of `src`, from the project's root; AssemblyScript's are none. */
export function sourceFiles(): string[] {
  return readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .map((name) => `src/${name.replaceAll('\\', '/')}`)
    .filter((file) => file.endsWith('.ts') && !file.startsWith('src/kernels/assembly/'));
}

/** Those that compute from their arguments alone, as .dependency-cruiser.cjs has them. */
export function pureFiles(): string[] {
  const { forbidden } = require('../../.dependency-cruiser.cjs') as { forbidden: { name: string; from: Selection }[] };
  const { path, pathNot } = forbidden.find(({ name }) => name === 'pure-needs-no-node')!.from;
  const matches = (patterns: readonly string[], file: string) => patterns.some((text) => new RegExp(text).test(file));
  return sourceFiles().filter((file) => matches(path, file) && !matches(pathNot, file));
}
