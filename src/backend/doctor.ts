import { accessSync, constants, existsSync } from 'node:fs';
import { arch, availableParallelism, cpus, platform, release, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { reasonOf } from '../common/errors.js';
import { OPTIONAL_PACKAGES, packageVersions, projectVersion } from '../common/packages.js';
import { count } from '../common/text.js';
import {
  type NativeState,
  nativeCacheFolder,
  nativeInPlace,
  provideNative,
  rememberedFailure,
} from './native/native.js';
import { firstVersionLine, loadedVersion, systemCompiler } from './native/sources.js';

/** What this installation runs on, and what is wrong with it. Plain data, the same in the terminal and as JSON. */
export interface Diagnosis {
  /** This project's version. */
  readonly version: string;
  readonly node: string;
  /** Installed versions of the packages that determine results; null where one is missing. */
  readonly packages: Readonly<Record<string, string | null>>;
  readonly system: string;
  readonly processor: string;
  readonly cores: number;
  readonly memoryGigabytes: number;
  readonly python: string | null;
  readonly compiler: string | null;
  /** What `--backend auto` chooses, and why; `undecided` before the first start. */
  readonly backend: { readonly name: 'native' | 'wasm' | 'undecided'; readonly why: string };
  /** TensorFlow's C library; null where there is none. */
  readonly native: { readonly version: string; readonly source: string; readonly folder: string } | null;
  /** Where the C library is kept between checkouts. */
  readonly cacheFolder: string;
  readonly problems: readonly { readonly problem: string; readonly remedy: string }[];
}

export interface DiagnoseOptions {
  /** Provides the native library now, even if that failed less than a day ago. Default false: only looks. */
  readonly setup?: boolean;
  /** Told how the set-up is going, one line at a time. */
  readonly report?: (line: string) => void;
  /** The state of the native library; default: looked up, or made if `setup`. */
  readonly native?: () => Promise<NativeState | undefined>;
}

/** Looks at the machine and the installation; changes nothing unless `setup` is set. */
export async function diagnose(options: DiagnoseOptions = {}): Promise<Diagnosis> {
  const look = async () => nativeInPlace() ?? rememberedFailure();
  const setUp = () => provideNative({ force: true, report: options.report });
  const state = await (options.native ?? (options.setup ? setUp : look))();
  const [python, compiler] = [await firstVersionLine(['python3', 'python']), await systemCompiler()];
  const loading = state?.state === 'ready' ? await reasonNotToLoad(state.libraryFolder) : undefined;
  const packages = packageVersions();
  const cacheFolder = state?.cacheFolder ?? nativeCacheFolder();
  return {
    version: projectVersion(),
    node: process.version,
    packages,
    system: `${platform()} ${arch()} ${release()}`,
    processor: cpus()[0]?.model.trim() || 'unknown',
    cores: availableParallelism(),
    memoryGigabytes: Math.round(totalmem() / 1e8) / 10,
    python: python ?? null,
    compiler: compiler ? ((await firstVersionLine([compiler.command])) ?? compiler.command) : null,
    backend: choice(state, loading),
    native:
      state?.state === 'ready' ? { version: state.version, source: state.source, folder: state.libraryFolder } : null,
    cacheFolder,
    problems: [
      ...nodeProblems(process.versions.node),
      ...packageProblems(packages),
      ...nativeProblems(state, loading),
      ...cacheProblems(cacheFolder),
    ],
  };
}

/** The diagnosis as lines for a terminal, problems and their remedies last. */
export function formatDiagnosis(diagnosis: Diagnosis): string {
  const { native, backend } = diagnosis;
  const rows: [string, string][] = [
    ['speech-emotion', diagnosis.version],
    ['Node', diagnosis.node],
    ['system', diagnosis.system],
    ['processor', `${diagnosis.processor}, ${diagnosis.cores} cores, ${diagnosis.memoryGigabytes} GB`],
    ['Python', diagnosis.python ?? 'none'],
    ['C++ compiler', diagnosis.compiler ?? 'none'],
    ['backend', `${backend.name} (${backend.why})`],
    ['TensorFlow', native ? `${native.version}, from ${native.source}` : 'none'],
    ...(native ? [['  in', native.folder] as [string, string]] : []),
    ['cache', diagnosis.cacheFolder],
    ...Object.entries(diagnosis.packages).map(([name, version]): [string, string] => [name, version ?? 'missing']),
  ];
  const width = Math.max(...rows.map(([name]) => name.length)) + 2;
  const lines = rows.map(([name, value]) => name.padEnd(width) + value);
  if (diagnosis.problems.length === 0) return [...lines, '', 'No problems found.'].join('\n');
  const problems = diagnosis.problems.flatMap(({ problem, remedy }) => [`- ${problem}`, `  Remedy: ${remedy}`]);
  return [...lines, '', `${count(diagnosis.problems.length, 'problem')}:`, ...problems].join('\n');
}

type Problem = Diagnosis['problems'][number];

/** The versions of package.json's `engines`: require() of ES modules needs 20.19, or 22.12. */
export function nodeProblems(version: string): Problem[] {
  const [major, minor] = version.split('.').map(Number);
  const supported = (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major >= 24;
  if (supported) return [];
  return [
    { problem: `Node ${version} is not supported`, remedy: 'install Node 20.19 or later, 22.12 or later, or 24' },
  ];
}

function packageProblems(packages: Diagnosis['packages']): Problem[] {
  const missing = Object.keys(packages).filter((name) => packages[name] === null && !OPTIONAL_PACKAGES.has(name));
  return missing.length === 0
    ? []
    : [{ problem: `Packages are missing: ${missing.join(', ')}`, remedy: 'run `npm install` in the project' }];
}

function nativeProblems(state: NativeState | undefined, loading: string | undefined): Problem[] {
  if (loading)
    return [
      {
        problem: `The native library is there, but ${loading}`,
        remedy: 'delete the cache folder and run `ser doctor --setup`',
      },
    ];
  if (state?.state !== 'unavailable') return [];
  const problem = `No native library, so training is several times slower (tried ${state.since}): ${state.reasons.join('; ')}`;
  return [{ problem, remedy: state.remedy }];
}

/** The nearest existing folder above the cache must be writable, or every start makes the library again. */
function cacheProblems(cacheFolder: string): Problem[] {
  let folder = cacheFolder;
  while (!existsSync(folder)) folder = dirname(folder);
  try {
    accessSync(folder, constants.W_OK);
    return [];
  } catch {
    return [
      { problem: `The cache folder ${cacheFolder} is not writable`, remedy: `change the permissions of ${folder}` },
    ];
  }
}

function choice(state: NativeState | undefined, loading: string | undefined): Diagnosis['backend'] {
  if (!state)
    return { name: 'undecided', why: 'the first start provides the native library, or `ser doctor --setup` now' };
  if (state.state === 'unavailable') return { name: 'wasm', why: 'there is no native library' };
  return loading ? { name: 'wasm', why: loading } : { name: 'native', why: 'the native library loads' };
}

async function reasonNotToLoad(libraryFolder: string): Promise<string | undefined> {
  try {
    await loadedVersion(join(libraryFolder, '../..'));
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}
