import { type SpawnOptions, spawn } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

/** What a source of the native library is given. */
export interface MakeContext {
  /** An empty folder on the cache's disk, to be filled with `deps/lib/` (libraries) and `lib/napi-v8/` (the addon). */
  readonly staging: string;
  /** The folder of the installed `@tensorflow/tfjs-node`; read only. */
  readonly packageFolder: string;
  readonly report: (line: string) => void;
}

/** One way to get TensorFlow's native library and the addon that binds it to Node. */
export interface NativeSource {
  readonly name: string;
  /** @throws Error with the reason, in one line */
  make(context: MakeContext): Promise<void>;
}

/** A file on the Python package index, named by version and SHA-256, so that it can be nothing else. */
interface Wheel {
  readonly requirement: string;
  readonly sha256: string;
  readonly megabytes: number;
  /** What pip selects the file by; the Python that runs pip may be another. */
  readonly tags: readonly string[];
}

const TENSORFLOW: Wheel = {
  requirement: 'tensorflow-cpu==2.15.1',
  sha256: '54660c074d7241a503e81edfd9f5ef5af88f64051b72e2945f26318c790f2d26',
  megabytes: 207,
  tags: ['--python-version', '3.11', '--implementation', 'cp', '--abi', 'cp311', '--platform', 'manylinux2014_x86_64'],
};

/** The Zig compiler, which brings its own C++ library: for machines without a C++ compiler. */
const ZIG: Wheel = {
  requirement: 'ziglang==0.13.0',
  sha256: '3ce0c9f16547e5d61b32e0d226926e9a2552ef4b91fccf7ab5ea1a623a77824b',
  megabytes: 81,
  tags: ['--platform', 'manylinux2010_x86_64'],
};

const LIBRARIES = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];
/** What is needed from the wheel: the C library, and the headers of its C interface (455 small files). */
const TENSORFLOW_MEMBERS = [
  ...LIBRARIES.map((name) => `tensorflow/${name}`),
  ...['tensorflow/c/', 'tensorflow/core/platform/', 'tsl/'].map((folder) => `tensorflow/include/${folder}`),
];

/** Extracts the members of a wheel (a zip file) whose name starts with one of the prefixes. */
const UNZIP = `import sys, zipfile
archive, target, *prefixes = sys.argv[1:]
with zipfile.ZipFile(archive) as wheel:
    for member in wheel.namelist():
        if member.startswith(tuple(prefixes)): wheel.extract(member, target)`;

const SILENCE_LIMIT_MILLISECONDS = 20_000;

/** The ways to get the native library, in the order in which they are tried. */
export function nativeSources(): NativeSource[] {
  return [
    { name: "tfjs-node's own download", make: makeByOwnScript },
    { name: 'the Python wheel', make: makeFromWheel },
  ];
}

/**
 * Loads the addon in a process of its own, because a library made for another processor or C library may crash.
 *
 * @param folder - holds `lib/napi-v8` and `deps/lib`
 * @returns TensorFlow's version, e.g. `2.15.1`
 * @throws Error if it does not load
 */
export async function loadedVersion(folder: string): Promise<string> {
  const addon = join(folder, 'lib/napi-v8/tfjs_binding.node');
  const script = 'process.stdout.write(require(process.argv[1]).TF_Version)';
  try {
    return (
      await run(process.execPath, ['-e', script, addon], { env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2' } })
    ).trim();
  } catch (error) {
    throw new Error(`it does not load on this machine (${(error as Error).message})`);
  }
}

/**
 * Runs tfjs-node's install script on a copy of what it needs, so that a failure leaves the package as it was.
 * It honours the proxy settings and the mirror that its own documentation names.
 */
async function makeByOwnScript({ staging, packageFolder, report }: MakeContext): Promise<void> {
  report('Looking for TensorFlow where tfjs-node downloads it from ...');
  const parts = ['package.json', 'binding.gyp', 'binding', 'scripts'];
  for (const part of parts) cpSync(join(packageFolder, part), join(staging, part), { recursive: true });
  const modules = dirname(dirname(packageFolder));
  const env = {
    ...process.env,
    NODE_PATH: [join(packageFolder, 'node_modules'), modules].join(delimiter),
    PATH: [join(modules, '.bin'), process.env.PATH].join(delimiter),
  };
  await run(process.execPath, [join(staging, 'scripts/install.js')], { cwd: staging, env, watch: staging });
  // Node-API versions above 8 make the script look for another folder (Windows only: the library lies beside the addon).
  const dll = join(staging, 'deps/lib/tensorflow.dll');
  if (existsSync(dll)) copyFileSync(dll, join(staging, 'lib/napi-v8/tensorflow.dll'));
  for (const part of [...parts, 'build', 'deps/include']) rmSync(join(staging, part), { recursive: true, force: true });
}

/** Takes the C library out of the Python wheel, which pip fetches from wherever it is set to, and compiles the addon. */
async function makeFromWheel({ staging, packageFolder, report }: MakeContext): Promise<void> {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new Error(`the wheel is for Linux on x64, this is ${process.platform} on ${process.arch}`);
  if (!isGlibc()) throw new Error('the wheel needs glibc, this system has another C library');
  const work = join(staging, 'work');
  mkdirSync(work);
  const python = await pythonWithPip(work);
  const unpacked = await fetchWheel(TENSORFLOW, TENSORFLOW_MEMBERS, { python, work, report });
  const library = join(staging, 'deps/lib');
  mkdirSync(library, { recursive: true });
  for (const name of LIBRARIES) renameSync(join(unpacked, 'tensorflow', name), join(library, name));
  symlinkSync(LIBRARIES[0], join(library, 'libtensorflow.so.2'));
  const compiler = await systemCompiler();
  report('Compiling the binding for Node ...');
  await compileAddon(compiler ?? (await zigCompiler({ python, work, report })), {
    binding: join(packageFolder, 'binding'),
    includes: [join(unpacked, 'tensorflow/include'), nodeHeaders()],
    staging,
  });
  rmSync(work, { recursive: true, force: true });
}

/** tfjs-node's binding speaks Node-API only, so one shared library serves all versions of Node; no node-gyp needed. */
async function compileAddon(
  compiler: Compiler,
  { binding, includes, staging }: { binding: string; includes: string[]; staging: string },
): Promise<void> {
  mkdirSync(join(staging, 'lib/napi-v8'), { recursive: true });
  await run(
    compiler.command,
    [
      ...compiler.args,
      ...['-std=c++17', '-O2', '-fPIC', '-shared', '-s', '-DNAPI_VERSION=8'],
      ...includes.flatMap((folder) => ['-I', folder]),
      ...['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) => join(binding, name)),
      ...LIBRARIES.map((name) => join(staging, 'deps/lib', name)),
      '-Wl,-rpath,$ORIGIN/../../deps/lib',
      ...['-o', join(staging, 'lib/napi-v8/tfjs_binding.node')],
    ],
    { env: { ...process.env, ...compiler.env } },
  );
}

interface Compiler {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

/** The C++ compiler on the search path, if there is one. */
export async function systemCompiler(): Promise<Compiler | undefined> {
  for (const command of ['c++', 'g++', 'clang++']) {
    if (await succeeds(command, ['--version'])) return { command, args: [] };
  }
  return undefined;
}

async function zigCompiler(tools: WheelTools): Promise<Compiler> {
  const unpacked = await fetchWheel(ZIG, ['ziglang/'], tools);
  const command = join(unpacked, 'ziglang/zig');
  chmodSync(command, 0o755);
  const cache = join(tools.work, 'zig-cache');
  return {
    command,
    args: ['c++', '-target', 'x86_64-linux-gnu.2.17'],
    env: { ZIG_GLOBAL_CACHE_DIR: cache, ZIG_LOCAL_CACHE_DIR: cache },
  };
}

/** What the first of the commands that runs says its version is, e.g. `Python 3.11.7`. */
export async function firstVersionLine(commands: readonly string[]): Promise<string | undefined> {
  for (const command of commands) {
    const said = await run(command, ['--version']).catch(() => undefined);
    if (said !== undefined) return said.split('\n')[0].trim();
  }
  return undefined;
}

/** The folder of Node-API's C headers. */
function nodeHeaders(): string {
  try {
    return (require('node-api-headers') as { include_dir: string }).include_dir;
  } catch {
    const beside = join(dirname(process.execPath), '../include/node');
    if (existsSync(join(beside, 'node_api.h'))) return beside;
    throw new Error("Node's C headers are missing: run `npm install` again");
  }
}

interface WheelTools {
  /** A Python that has pip. */
  readonly python: string;
  /** A scratch folder. */
  readonly work: string;
  readonly report: (line: string) => void;
}

/** Downloads a wheel with pip, which checks its SHA-256 and honours the user's mirror and proxy, and unpacks parts of it. */
async function fetchWheel(
  wheel: Wheel,
  members: readonly string[],
  { python, work, report }: WheelTools,
): Promise<string> {
  const name = wheel.requirement.split('==')[0];
  const folder = join(work, name);
  mkdirSync(join(folder, 'download'), { recursive: true });
  const pinned = join(folder, 'requirements.txt');
  writeFileSync(pinned, `${wheel.requirement} --hash=sha256:${wheel.sha256}\n`);
  report(
    `Downloading ${wheel.requirement.replace('==', ' ')} (${wheel.megabytes} MB, once for this user and machine) ...`,
  );
  const terminal = process.stderr.isTTY === true;
  const args = ['-m', 'pip', 'download', '--no-deps', '--only-binary=:all:', ...wheel.tags, '--require-hashes'];
  args.push('-r', pinned, '-d', join(folder, 'download'), '--retries', '1', '--disable-pip-version-check');
  if (!terminal) args.push('--progress-bar', 'off');
  // pip downloads to its temporary folder: inside ours, an interrupted download is cleared away, and the size shows the progress.
  const env = { ...process.env, TMPDIR: folder };
  let told = 0;
  const timer = setInterval(() => {
    const megabytes = Math.floor(bytesBelow(folder) / 1e6);
    if (!terminal && megabytes > told) report(`  ${megabytes} of ${wheel.megabytes} MB`);
    told = megabytes;
  }, 10_000);
  try {
    await run(python, args, { env, showProgress: terminal });
  } finally {
    clearInterval(timer);
  }
  const archive = readdirSync(join(folder, 'download')).find((file) => file.endsWith('.whl'));
  if (!archive) throw new Error(`pip downloaded no file for ${wheel.requirement}`);
  report(`Unpacking ${name} ...`);
  await run(python, ['-c', UNZIP, join(folder, 'download', archive), folder, ...members]);
  rmSync(join(folder, 'download'), { recursive: true });
  return folder;
}

/** A Python that has pip: one on the search path, or else a fresh virtual environment made with it. */
async function pythonWithPip(work: string): Promise<string> {
  let found = false;
  for (const python of ['python3', 'python']) {
    if (!(await succeeds(python, ['--version']))) continue;
    found = true;
    if (await succeeds(python, ['-m', 'pip', '--version'])) return python;
    const environment = join(work, 'venv');
    if (await succeeds(python, ['-m', 'venv', environment])) return join(environment, 'bin/python');
  }
  throw new Error(found ? 'Python has no pip: install python3-pip' : 'there is no Python 3 on the search path');
}

function isGlibc(): boolean {
  const { header } = process.report.getReport() as unknown as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime !== undefined;
}

interface RunOptions extends SpawnOptions {
  /** Kills the child if, for 20 s, it prints nothing and this folder does not grow. */
  readonly watch?: string;
  /** Lets the child draw on the terminal (stderr, so that stdout stays the program's own). */
  readonly showProgress?: boolean;
}

/** Runs a command quietly and returns its standard output; if it fails, what it printed is the reason. */
function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { watch, showProgress, ...spawnOptions } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...spawnOptions, stdio: ['ignore', showProgress ? 2 : 'pipe', 'pipe'] });
    let output = '';
    let said = '';
    let silence: string | undefined;
    child.stdout?.on('data', (chunk: Buffer) => {
      output += chunk;
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      said += chunk;
    });
    const watcher = watch ? watchForSilence(watch, () => output.length + said.length) : undefined;
    watcher?.silent.then(() => {
      silence = `nothing happened for ${SILENCE_LIMIT_MILLISECONDS / 1000} s`;
      child.kill('SIGKILL');
    });
    child.on('error', (error) => {
      watcher?.stop();
      reject(error);
    });
    child.on('close', (code, signal) => {
      watcher?.stop();
      if (code === 0) resolve(output);
      else reject(new Error(silence ?? errorLine(`${output}\n${said}`) ?? `${command} ended with ${signal ?? code}`));
    });
  });
}

/** Resolves `silent` once neither the folder's size nor the amount of output has changed for as long as the limit. */
function watchForSilence(folder: string, outputLength: () => number): { silent: Promise<void>; stop: () => void } {
  let timer: NodeJS.Timeout | undefined;
  const silent = new Promise<void>((resolve) => {
    let last = '';
    let since = Date.now();
    timer = setInterval(() => {
      const now = `${bytesBelow(folder)} ${outputLength()}`;
      if (now !== last) since = Date.now();
      last = now;
      if (Date.now() - since > SILENCE_LIMIT_MILLISECONDS) resolve();
    }, 1000);
  });
  return { silent, stop: () => clearInterval(timer) };
}

/** The line of a tool's output that says what went wrong: the first one called an error, or else the last. */
export function errorLine(text: string): string | undefined {
  const lines = text.split('\n').map((line) => line.trim());
  const told = lines.filter((line) => line !== '' && !line.startsWith('at '));
  const line = told.find((one) => /(^|\s)\w*error:/i.test(one)) ?? told.pop();
  return line?.replace(/^\w*error:\s*|\.$/gi, '').slice(0, 300);
}

function bytesBelow(folder: string): number {
  let bytes = 0;
  for (const name of readdirSync(folder, { recursive: true }) as string[])
    bytes += statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0;
  return bytes;
}

async function succeeds(command: string, args: readonly string[]): Promise<boolean> {
  return run(command, args).then(
    () => true,
    () => false,
  );
}
