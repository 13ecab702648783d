/**
 * TensorFlow's native library. In: the installed tfjs-node, the user's cache, or else a download. Out: whether tfjs-node can
 * be loaded here and from where, or why not and what helps.
 */

import { randomBytes } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { cacheDirectory } from '../../common/cache-directory.js';
import { InputError, reasonOf } from '../../common/errors.js';
import { readJson, writeJson } from '../../common/files.js';
import { isAlive } from '../../common/processes.js';
import { sha256OfFile } from '../../common/sha256.js';
import { loadedVersion, type NativeSource, nativeSources } from './sources.js';

/** What to do where there is no native library. */
export const NATIVE_REMEDY =
  'check the network and that Python 3 has pip, then run `ser doctor --setup` (see environment.md)';

const PACKAGE = '@tensorflow/tfjs-node';

/** What to do where the package is not there that the library belongs to: it is optional where this one is installed. */
const PACKAGE_REMEDY = `install the package with \`npm install --ignore-scripts ${PACKAGE}@4.22.0\``;

/** Codes of what goes wrong where nothing may or can be written. */
const UNWRITABLE: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT']);

/** Whether TensorFlow's native library can be loaded here, and where it comes from. */
export type NativeState = NativeReady | NativeUnavailable;

/** The native library is in place: `require('@tensorflow/tfjs-node')` works. */
export interface NativeReady {
  readonly state: 'ready';
  /** Where it was taken from this time: in place already, the user's cache, or made just now. */
  readonly from: 'package' | 'cache' | 'made';
  /** Who made the cached copy: `tfjs-node's own download`, `the Python wheel`, or `unknown` if not this project. */
  readonly source: string;
  /** TensorFlow's own version, e.g. `2.15.1`; `unknown` if this project did not install it. */
  readonly version: string;
  /** The folder that holds the libraries, symbolic links resolved. */
  readonly libraryFolder: string;
  readonly cacheFolder: string;
}

/** Why there is no native library, and what helps. */
export interface NativeUnavailable {
  readonly state: 'unavailable';
  /** One line per way that was tried. */
  readonly reasons: readonly string[];
  readonly remedy: string;
  /** When it was tried (ISO 8601); for one day the attempt is not repeated unless forced. */
  readonly since: string;
  readonly cacheFolder: string;
}

export interface NativeOptions {
  /** Told how the set-up is going, one line at a time; default: nobody. */
  readonly report?: (line: string) => void;
  /** Tries again even if it failed less than a day ago. Default false. */
  readonly force?: boolean;
  /** Parent of the cached libraries; default: the user's cache folder. */
  readonly cacheFolder?: string;
  /** The folder of `@tensorflow/tfjs-node`; default: the installed one. */
  readonly packageFolder?: string;
  /** The ways to make the library, tried in order; default: {@link nativeSources}. */
  readonly sources?: readonly NativeSource[];
  /** Loads the library in a process of its own and returns its version; default: {@link loadedVersion}. */
  readonly load?: (folder: string) => Promise<string>;
}

/** Written last, so that an entry of the cache without it, or at odds with it, is not used. */
interface Manifest {
  readonly source: string;
  readonly version: string;
  readonly files: readonly { readonly path: string; readonly bytes: number; readonly sha256: string }[];
}

const ADDON = 'lib/napi-v8/tfjs_binding.node';
const MANIFEST = 'manifest.json';
const DAY_MILLISECONDS = 24 * 60 * 60 * 1000;

/** The folder in which this project keeps TensorFlow's native library, shared by all checkouts of one user. */
export function nativeCacheFolder(): string {
  return join(cacheDirectory(), 'tensorflow');
}

/** The folder of the installed `@tensorflow/tfjs-node`; undefined if it is not. */
function tfjsNodeFolder(): string | undefined {
  try {
    return dirname(require.resolve(`${PACKAGE}/package.json`));
  } catch {
    return undefined;
  }
}

/**
 * Makes `@tensorflow/tfjs-node` loadable: `npm install` runs no install scripts here, so its native library comes at the
 * first start. In place already: milliseconds. In the user's cache: linked, no network. Otherwise made by the first of
 * the sources that succeeds, in a temporary folder of the cache that is renamed when complete, so that neither an
 * interruption nor a second process leaves anything half done.
 *
 * Never throws because there is no library: the state says why.
 */
export async function provideNative(options: NativeOptions = {}): Promise<NativeState> {
  const packageFolder = options.packageFolder ?? tfjsNodeFolder();
  const cacheFolder = options.cacheFolder ?? nativeCacheFolder();
  if (packageFolder === undefined) return notInstalled(cacheFolder);
  const found = nativeInPlace(packageFolder, cacheFolder);
  if (found) return found;
  const entry = join(cacheFolder, cacheKey(packageFolder));
  const failure = `${entry}.unavailable.json`;
  try {
    const cached = await verified(entry);
    if (cached) return linked(packageFolder, entry, { manifest: cached, from: 'cache', cacheFolder });
    const remembered = recentFailure(failure);
    if (remembered && !options.force) return { ...remembered, cacheFolder };
    const made = await make(entry, packageFolder, options);
    if (!Array.isArray(made)) {
      rmSync(failure, { force: true });
      return linked(packageFolder, entry, { manifest: made as Manifest, from: 'made', cacheFolder });
    }
    return rememberFailure(failure, { reasons: made, remedy: NATIVE_REMEDY, cacheFolder });
  } catch (error) {
    const remedy = UNWRITABLE.has((error as NodeJS.ErrnoException).code ?? '')
      ? `make ${cacheFolder} writable, or name another cache folder with XDG_CACHE_HOME, then run \`ser doctor --setup\``
      : NATIVE_REMEDY;
    return rememberFailure(failure, { reasons: [reasonOf(error)], remedy, cacheFolder });
  }
}

/**
 * The native library that `@tensorflow/tfjs-node` would load now, without making or linking anything; undefined if there
 * is none, or its files no longer have the size they had when they were made.
 */
export function nativeInPlace(
  packageFolder = tfjsNodeFolder(),
  cacheFolder = nativeCacheFolder(),
): NativeReady | undefined {
  if (packageFolder === undefined) return undefined;
  const library = { darwin: 'libtensorflow.2.dylib', win32: 'tensorflow.dll' }[process.platform as string];
  const libraryPath = join(packageFolder, 'deps/lib', library ?? 'libtensorflow.so.2');
  if (!existsSync(join(packageFolder, ADDON)) || !existsSync(libraryPath)) return undefined;
  const libraryFolder = realpathSync(dirname(libraryPath));
  const entry = dirname(dirname(libraryFolder));
  const ready = { state: 'ready', from: 'package', libraryFolder, cacheFolder } as const;
  if (!existsSync(join(entry, MANIFEST))) return { ...ready, source: 'unknown', version: 'unknown' };
  const manifest = readManifest(entry);
  return manifest && sizesMatch(entry, manifest)
    ? { ...ready, source: manifest.source, version: manifest.version }
    : undefined;
}

/** Why there is no library, if that is known: for one day after a failure, no start waits for another attempt. */
export function rememberedFailure(
  packageFolder = tfjsNodeFolder(),
  cacheFolder = nativeCacheFolder(),
): NativeUnavailable | undefined {
  if (packageFolder === undefined) return notInstalled(cacheFolder);
  const remembered = recentFailure(join(cacheFolder, `${cacheKey(packageFolder)}.unavailable.json`));
  return remembered && { ...remembered, cacheFolder };
}

function notInstalled(cacheFolder: string): NativeUnavailable {
  const since = new Date().toISOString();
  return { state: 'unavailable', reasons: [`${PACKAGE} is not installed`], remedy: PACKAGE_REMEDY, since, cacheFolder };
}

/** What the library depends on: another version of tfjs-node, system or processor needs a library of its own. */
function cacheKey(packageFolder: string): string {
  const { version } = readJson(join(packageFolder, 'package.json')) as { version: string };
  return `tfjs-node-${version}-${process.platform}-${process.arch}`;
}

/** Makes the entry with the first source that succeeds; returns the reason why each failed if none does. */
async function make(entry: string, packageFolder: string, options: NativeOptions): Promise<Manifest | string[]> {
  const report = options.report ?? (() => {});
  const reasons: string[] = [];
  mkdirSync(dirname(entry), { recursive: true });
  removeAbandoned(entry);
  for (const source of options.sources ?? nativeSources()) {
    const staging = `${entry}.making-${hostname()}-${process.pid}-${randomBytes(3).toString('hex')}`;
    // What cannot be written is no fault of the source.
    mkdirSync(staging);
    try {
      await source.make({ staging, packageFolder, report });
      const version = await (options.load ?? loadedVersion)(staging);
      const manifest = { source: source.name, version, files: await hashes(staging) };
      writeJson(join(staging, MANIFEST), manifest);
      return await adopted(staging, entry, manifest);
    } catch (error) {
      reasons.push(`${source.name}: ${reasonOf(error)}`);
    } finally {
      rmSync(staging, { recursive: true, force: true });
    }
  }
  return reasons;
}

/** Moves a complete staging folder to its place, unless another process was faster. */
async function adopted(staging: string, entry: string, manifest: Manifest): Promise<Manifest> {
  const other = await verified(entry);
  if (other) return other;
  if (existsSync(entry)) discard(entry);
  try {
    renameSync(staging, entry);
    return manifest;
  } catch (error) {
    const winner = await verified(entry);
    if (winner) return winner;
    throw error;
  }
}

/** The entry's manifest if every file has the size and the SHA-256 that it names. */
async function verified(entry: string): Promise<Manifest | undefined> {
  const manifest = readManifest(entry);
  if (!manifest || !sizesMatch(entry, manifest)) return undefined;
  for (const file of manifest.files) {
    if ((await sha256OfFile(join(entry, file.path))) !== file.sha256) return undefined;
  }
  return manifest;
}

/**
 * Links the entry into the package: `deps` for the libraries, `lib/napi-v8` for the addon, which Node loads from the
 * link's target, where its library is found at `../../deps/lib`.
 */
function linked(
  packageFolder: string,
  entry: string,
  { manifest, from, cacheFolder }: { manifest: Manifest; from: 'cache' | 'made'; cacheFolder: string },
): NativeReady {
  for (const name of ['deps', 'lib/napi-v8']) {
    const link = join(packageFolder, name);
    mkdirSync(dirname(link), { recursive: true });
    replaceByLink(link, join(entry, name));
  }
  const libraryFolder = realpathSync(join(packageFolder, 'deps/lib'));
  return { state: 'ready', from, source: manifest.source, version: manifest.version, libraryFolder, cacheFolder };
}

function replaceByLink(link: string, target: string): void {
  const fresh = `${link}.${process.pid}`;
  rmSync(fresh, { recursive: true, force: true });
  symlinkSync(target, fresh, 'junction');
  try {
    renameSync(fresh, link);
  } catch {
    // A real folder (left by tfjs-node's own script) cannot be replaced by a rename.
    rmSync(link, { recursive: true, force: true });
    renameSync(fresh, link);
  }
}

function readManifest(entry: string): Manifest | undefined {
  try {
    const { source, version, files } = JSON.parse(readFileSync(join(entry, MANIFEST), 'utf8')) as Manifest;
    return Array.isArray(files) && files.length > 0 ? { source, version, files } : undefined;
  } catch {
    return undefined;
  }
}

function sizesMatch(entry: string, manifest: Manifest): boolean {
  return manifest.files.every(
    ({ path, bytes }) => statSync(join(entry, path), { throwIfNoEntry: false })?.size === bytes,
  );
}

/** Size and SHA-256 of every regular file below the folder; links among them are followed through their targets. */
async function hashes(folder: string): Promise<Manifest['files']> {
  const files: { path: string; bytes: number; sha256: string }[] = [];
  for (const path of (readdirSync(folder, { recursive: true }) as string[]).sort()) {
    const stat = lstatSync(join(folder, path));
    if (stat.isFile()) files.push({ path, bytes: stat.size, sha256: await sha256OfFile(join(folder, path)) });
  }
  if (files.length === 0) throw new Error('nothing was made');
  return files;
}

/** Renames before removing, so that no other process sees a half-removed entry. */
function discard(entry: string): void {
  const trash = `${entry}.making-${hostname()}-${process.pid}-trash`;
  renameSync(entry, trash);
  rmSync(trash, { recursive: true, force: true });
}

/** Removes what interrupted attempts left: those of this machine's dead processes, and any older than a day. */
function removeAbandoned(entry: string): void {
  const prefix = `${basename(entry)}.making-`;
  for (const name of readdirSync(dirname(entry)).filter((other) => other.startsWith(prefix))) {
    const path = join(dirname(entry), name);
    const here = `${prefix}${hostname()}-`;
    const dead = name.startsWith(here) && !isAlive(Number.parseInt(name.slice(here.length), 10));
    const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0);
    if (dead || age > DAY_MILLISECONDS) rmSync(path, { recursive: true, force: true });
  }
}

function recentFailure(path: string): Omit<NativeUnavailable, 'cacheFolder'> | undefined {
  try {
    const { since, reasons } = readJson(path) as { since: string; reasons: string[] };
    const age = Date.now() - Date.parse(since);
    return age < DAY_MILLISECONDS ? { state: 'unavailable', reasons, remedy: NATIVE_REMEDY, since } : undefined;
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

function rememberFailure(
  path: string,
  { reasons, remedy, cacheFolder }: Pick<NativeUnavailable, 'reasons' | 'remedy' | 'cacheFolder'>,
): NativeUnavailable {
  const since = new Date().toISOString();
  try {
    writeJson(path, { since, reasons });
  } catch {
    // A cache that cannot be written is itself among the reasons; the next start finds out again.
  }
  return { state: 'unavailable', reasons, remedy, since, cacheFolder };
}
