import { createRequire } from 'node:module';
import { arch, cpus, platform, release, totalmem } from 'node:os';
import type { BackendInfo } from '../backend/backend.js';

/** The packages whose version can change a result. */
const PACKAGES = [
  '@tensorflow/tfjs-core',
  '@tensorflow/tfjs-layers',
  '@tensorflow/tfjs-node',
  '@tensorflow/tfjs-backend-wasm',
  'audio-decode',
];

/** Where and with what a run was made; saved as `environment.json`. */
export interface Environment {
  readonly project: string;
  readonly node: string;
  readonly platform: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly backend: BackendInfo;
  readonly packages: Readonly<Record<string, string>>;
}

/** Describes this process's machine and packages. */
export function describeEnvironment(backend: BackendInfo): Environment {
  return {
    project: packageVersion('../../package.json'),
    node: process.version,
    platform: `${platform()} ${arch()} ${release()}`,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    backend,
    packages: Object.fromEntries(PACKAGES.map((name) => [name, packageVersion(`${name}/package.json`)])),
  };
}

const packageRequire = createRequire(__filename);

function packageVersion(manifest: string): string {
  return (packageRequire(manifest) as { version: string }).version;
}
