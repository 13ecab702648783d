/**
 * The folder of the feature caches: what is in it, and what is removed where it is to be smaller.
 *
 * In it is a folder for each setting, with a file that says what the setting is, and files of entries. What was used last is
 * known by the times at which files were modified: whoever uses one sets it. File systems that many machines share keep these,
 * where times of access and locks cannot be relied on.
 */

import { existsSync, readdirSync, rmdirSync, rmSync, statfsSync, statSync, utimesSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { reasonOf } from '../../common/errors.js';
import { createFile, isTemporary, jsonText, readJson } from '../../common/files.js';
import type { FileProblem } from '../../common/problems.js';
import { sha256 } from '../../common/sha256.js';
import { CONDITIONS_VERSION, type ConditionSettings } from '../../conditions/under-condition.js';
import { type FeatureSettings, featureNamed } from '../features.js';
import { BATCH_ENDING, countEntries, FORMAT } from './batch-file.js';

/** What the entries of one cache have in common. */
export interface CacheSetting {
  readonly features: FeatureSettings;
  /** The condition that recordings were put under first. */
  readonly condition?: ConditionSettings;
  /** The name of what was derived from the features, and is kept in their place. */
  readonly derivation?: string;
}

/** All that a setting's entries are computed by, versions included, in a fixed order. */
export function valuesOf({ features: { name, options }, condition, derivation }: CacheSetting): readonly unknown[] {
  const values = Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    ...[name, featureNamed(name).version, values],
    ...(condition === undefined ? [] : [{ condition: [condition.name, condition.seed, CONDITIONS_VERSION] }]),
    ...(derivation === undefined ? [] : [derivation]),
  ];
}

/** The folder of a setting: its feature's name, and a part of the SHA-256 of all its values, and of how they are written. */
export function folderOf(setting: CacheSetting): string {
  return `${setting.features.name}-${sha256(JSON.stringify([FORMAT, ...valuesOf(setting)])).slice(0, 12)}`;
}

const SETTING_FOLDER = /-[0-9a-f]{12}$/;

/** In the folder of a setting, says what it is. */
const ABOUT = 'about.json';

/** Writes into a setting's folder what it is, unless that is there, or not possible: only people read it. */
export function writeAbout(folder: string, setting: CacheSetting): void {
  const { features, condition, derivation } = setting;
  const about = {
    what: inWords(setting),
    features: { ...features, version: featureNamed(features.name).version },
    condition: condition && { ...condition, version: CONDITIONS_VERSION },
    derivation,
  };
  try {
    createFile(join(folder, ABOUT), jsonText(about));
  } catch {
    // The entries are found without it.
  }
}

function inWords({ features: { name, options }, condition, derivation }: CacheSetting): string {
  const { description, defaults } = featureNamed(name);
  const usual = new Map(Object.entries(defaults));
  const changed = Object.entries(options).filter(([option, value]) => value !== usual.get(option));
  return [
    ...(derivation === undefined ? [] : [`${derivation} of:`]),
    description,
    ...(changed.length === 0 ? [] : [`(${changed.map((pair) => pair.join(' ')).join(', ')})`]),
    ...(condition === undefined ? [] : [`under ${condition.name} (seed ${condition.seed})`]),
  ].join(' ');
}

/** What a setting's folder says of itself. */
function readAbout(folder: string): string {
  try {
    const { what } = readJson(join(folder, ABOUT)) as { what?: unknown };
    if (typeof what === 'string') return what;
  } catch {
    // As where it says nothing.
  }
  return `unknown: ${ABOUT} is missing, or damaged`;
}

/** A file of entries. */
export interface BatchFile {
  readonly path: string;
  /** The folder of its setting; undefined of one that an earlier version of the project has written. */
  readonly setting?: string;
  readonly bytes: number;
  /** When it was used last, in milliseconds since 1970. */
  readonly usedAt: number;
}

/** A file that is being written grows every few seconds: one that has not for a day was left by a process that was killed. */
const ABANDONED_MILLISECONDS = 24 * 3600_000;

/** All files of entries in the folder of the caches, and what was left of files by processes that were killed. */
export function batchFiles(directory: string): BatchFile[] {
  const settings = namesIn(directory).filter((name) => SETTING_FOLDER.test(name));
  return [undefined, ...settings].flatMap((setting) => {
    const folder = setting === undefined ? directory : join(directory, setting);
    return namesIn(folder).flatMap((name) => {
      if (!name.endsWith(BATCH_ENDING) && !isTemporary(name)) return [];
      const path = join(folder, name);
      const found = statSync(path, { throwIfNoEntry: false });
      const abandoned = !isTemporary(name) || Date.now() - (found?.mtimeMs ?? 0) > ABANDONED_MILLISECONDS;
      return found?.isFile() && abandoned ? [{ path, setting, bytes: found.size, usedAt: found.mtimeMs }] : [];
    });
  });
}

/** What is kept of a setting. */
export interface CachedSetting {
  /** The name of its folder; undefined of what earlier versions of the project have written. */
  readonly setting?: string;
  /** For people. */
  readonly what: string;
  /** Undefined where it is not known. */
  readonly entries?: number;
  readonly files: number;
  readonly bytes: number;
  /** When it was used last, in milliseconds since 1970. */
  readonly usedAt: number;
}

/** What is kept of each setting, the one that was used last first. */
export function cachedSettings(directory: string, files: readonly BatchFile[]): CachedSetting[] {
  const settings = new Map<string | undefined, BatchFile[]>();
  for (const file of files) {
    const others = settings.get(file.setting);
    if (others) others.push(file);
    else settings.set(file.setting, [file]);
  }
  return [...settings]
    .map(([setting, some]) => ({
      setting,
      what:
        setting === undefined
          ? 'of an earlier version of the project, which this one does not read'
          : readAbout(join(directory, setting)),
      entries: setting === undefined ? undefined : some.reduce((sum, { path }) => sum + (countEntries(path) ?? 0), 0),
      files: some.length,
      bytes: bytesIn(some),
      usedAt: Math.max(...some.map(({ usedAt }) => usedAt)),
    }))
    .sort((a, b) => b.usedAt - a.usedAt);
}

export function bytesIn(files: readonly BatchFile[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** The names of what is in a folder; none if there is no such folder. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** The files that this process has used, whatever cache they belong to. */
const usedHere = new Set<string>();

/** When it was last said of all of them that they are in use, in milliseconds since 1970. */
let saidAt = Date.now();

/** How often that is said: a training of days reads some of its clips again and again, and others at its end. */
const SAYING_MILLISECONDS = 10 * 60_000;

/** So long after it was used, a file is taken to be in use: a training that no longer finds its clips ends. */
const IN_USE_MILLISECONDS = 3600_000;

/**
 * Says that a file is in use. As long as this process goes on to use any, what it has used is not removed to keep a bound, by
 * whatever process.
 */
export function markUsed(path: string): void {
  const now = Date.now();
  if (!usedHere.has(path)) setModified(path, now);
  usedHere.add(path);
  if (now - saidAt < SAYING_MILLISECONDS) return;
  saidAt = now;
  for (const each of usedHere) setModified(each, now);
}

function setModified(path: string, milliseconds: number): void {
  try {
    utimesSync(path, milliseconds / 1000, milliseconds / 1000);
  } catch {
    // Gone by now, or another user's: then that one's use counts.
  }
}

/** What {@link shrink} has come to. */
export interface Shrunk {
  readonly limitBytes: number;
  /** What is left. */
  readonly bytes: number;
}

/**
 * Removes the files that were used least recently until the caches are within their bound; but none that is in use, by another
 * process within the last hour or by this one at all: a training reads its clips again and again. Other processes may do the same
 * at the same time.
 *
 * @param limitBytes - default: a tenth of the disk
 */
export function shrink(directory: string, limitBytes = defaultLimit(directory)): Shrunk {
  const files = batchFiles(directory);
  const bytes = bytesIn(files);
  if (bytes <= limitBytes) return { limitBytes, bytes };
  const chosen: BatchFile[] = [];
  let left = bytes;
  const unused = files.filter(({ path, usedAt }) => !usedHere.has(path) && Date.now() - usedAt > IN_USE_MILLISECONDS);
  for (const file of unused.sort((a, b) => a.usedAt - b.usedAt)) {
    if (left <= limitBytes) break;
    chosen.push(file);
    left -= file.bytes;
  }
  removeFiles(chosen);
  return { limitBytes, bytes: bytesIn(batchFiles(directory)) };
}

/** The share of the disk that may be taken where nobody has said how much. */
const SHARE_OF_DISK = 0.1;

/** The bound of the caches in a folder, which need not be there yet, where nobody has said one. */
export function defaultLimit(directory: string): number {
  if (!existsSync(directory)) return defaultLimit(dirname(resolve(directory)));
  const { blocks, bsize } = statfsSync(directory);
  return blocks * bsize * SHARE_OF_DISK;
}

/**
 * Removes files.
 *
 * @returns those that could not be removed, and why
 */
export function removeFiles(files: readonly BatchFile[]): FileProblem[] {
  const problems: FileProblem[] = [];
  for (const { path } of files)
    try {
      rmSync(path, { force: true });
    } catch (error) {
      // It may be another user's.
      problems.push({ path, reason: `cannot be removed: ${reasonOf(error)}` });
    }
  return problems;
}

/** Removes the folders of settings of which nothing is kept. */
export function removeEmptySettings(directory: string): void {
  for (const name of namesIn(directory)) {
    const folder = join(directory, name);
    if (!SETTING_FOLDER.test(name) || namesIn(folder).some((each) => each !== ABOUT)) continue;
    try {
      rmSync(join(folder, ABOUT), { force: true });
      rmdirSync(folder);
    } catch {
      // Another process has begun to write there by now.
    }
  }
}
