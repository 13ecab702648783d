import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The packages that results depend on; their versions are part of a run's environment and of `ser doctor`. */
export const PACKAGES = [
  '@tensorflow/tfjs-core',
  '@tensorflow/tfjs-layers',
  '@tensorflow/tfjs-node',
  '@tensorflow/tfjs-backend-wasm',
  'audio-decode',
  'meyda',
  'pitchy',
  'danfojs-node',
  'plotly.js-dist-min',
  'tslab',
] as const;

/** Those of them that only notebooks and development need, and the one without which WebAssembly computes. */
export const OPTIONAL_PACKAGES: ReadonlySet<string> = new Set(['tslab', 'danfojs-node', '@tensorflow/tfjs-node']);

/** The installed versions of {@link PACKAGES}, null where one is missing. */
export function packageVersions(): Record<string, string | null> {
  return Object.fromEntries(PACKAGES.map((name) => [name, installedVersion(name)]));
}

/** The installed version of a package, null if it is missing. Looked up without loading it, which may take seconds. */
export function installedVersion(name: string): string | null {
  for (const folder of require.resolve.paths(name) ?? []) {
    const path = join(folder, name, 'package.json');
    if (existsSync(path)) return versionIn(path);
  }
  return null;
}

/** This project's own version. */
export function projectVersion(): string {
  return versionIn(join(__dirname, '../../package.json'));
}

/** The commit of a checkout of this project, with `-dirty` where files were changed since; undefined elsewhere. */
export function projectCommit(): string | undefined {
  const root = join(__dirname, '../..');
  if (!existsSync(join(root, '.git'))) return undefined;
  const args = ['--no-optional-locks', 'describe', '--always', '--dirty', '--exclude=*'];
  const { status, stdout } = spawnSync('git', args, { cwd: root, encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

function versionIn(path: string): string {
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
}
