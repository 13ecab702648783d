import { arch, cpus, platform, release, totalmem } from 'node:os';
import type { BackendInfo } from '../backend/info.js';
import { packageVersions, projectCommit, projectVersion } from '../common/packages.js';

/** A machine, and the version of the project on it. */
export interface Machine {
  readonly project: string;
  /** Of a checkout: the commit, and whether files were changed since. */
  readonly commit?: string;
  readonly node: string;
  readonly platform: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
}

/** Where and with what a run was made; saved as `environment.json`. */
export interface Environment extends Machine {
  readonly backend: BackendInfo;
  /** Versions of the packages that results depend on; null where one is missing. */
  readonly packages: Readonly<Record<string, string | null>>;
}

/** Describes this process's machine, backend and packages. */
export function describeEnvironment(backend: BackendInfo, machine = describeMachine()): Environment {
  return { ...machine, backend, packages: packageVersions() };
}

/** Describes this process's machine. */
export function describeMachine(): Machine {
  return {
    project: projectVersion(),
    commit: projectCommit(),
    node: process.version,
    platform: `${platform()} ${arch()} ${release()}`,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
  };
}
