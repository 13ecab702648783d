/**
 * The folder of the feature caches: what is in it, and what is removed where it is to be smaller.
 *
 * In it is a folder for each setting, with a file that says what the setting is, and files of entries. What was used last is
 * known by the times at which files were modified: whoever uses one sets it. File systems that many machines share keep these,
 * where times of access and locks cannot be relied on.
 */

import { readdirSync, rmdirSync, rmSync, statfsSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { createFile, isTemporary, jsonText, readJson } from '../../common/files.js';
import { sha256 } from '../../common/sha256.js';
import { CONDITIONS_VERSION, type ConditionSettings } from '../../conditions/under-condition.js';
import { type FeatureSettings, featureNamed } from '../features.js';
import { BATCH_ENDING } from './batch-file.js';

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

/** The folder of a setting: its feature's name, and a part of the SHA-256 of all its values. */
export function folderOf(setting: CacheSetting): string {
  return `${setting.features.name}-${sha256(JSON.stringify(valuesOf(setting))).slice(0, 12)}`;
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

/** What a setting's folder says of itself; undefined where that is missing or damaged. */
export function readAbout(folder: string): string | undefined {
  try {
    const { what } = readJson(join(folder, ABOUT)) as { what?: unknown };
    return typeof what === 'string' ? what : undefined;
  } catch {
    return undefined;
  }
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

/** The names of what is in a folder; none if there is no such folder. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** The files that this process has used, whatever cache they belong to, and when it has said so last. */
const usedHere = new Map<string, number>();

/** How often it is said that a file is in use: a training of days reads its files again and again. */
const USE_MILLISECONDS = 10 * 60_000;

/** Says that a file is in use: it is not the first to be removed, and never by this process. */
export function markUsed(path: string): void {
  const now = Date.now();
  if (now - (usedHere.get(path) ?? 0) < USE_MILLISECONDS) return;
  usedHere.set(path, now);
  try {
    utimesSync(path, now / 1000, now / 1000);
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
 * Removes the files that were used least recently until the caches are within their bound; but none that this process has used,
 * so that no job makes again and again what it reads again and again. Other processes may do the same at the same time, and who
 * still wants to read what is gone makes it again.
 *
 * @param limitBytes - default: a tenth of the disk
 */
export function shrink(directory: string, limitBytes = defaultLimit(directory)): Shrunk {
  const files = batchFiles(directory);
  let bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  if (bytes > limitBytes)
    for (const file of files.filter(({ path }) => !usedHere.has(path)).sort((a, b) => a.usedAt - b.usedAt)) {
      if (bytes <= limitBytes) break;
      if (removed(file.path)) bytes -= file.bytes;
    }
  return { limitBytes, bytes };
}

/** The share of the disk that may be taken where nobody has said how much. */
const SHARE_OF_DISK = 0.1;

/** The bound of the caches in a folder where nobody has said one. */
export function defaultLimit(directory: string): number {
  const { blocks, bsize } = statfsSync(directory);
  return blocks * bsize * SHARE_OF_DISK;
}

/** Removes files, and the folders of settings in which nothing else is. */
export function removeFiles(directory: string, files: readonly BatchFile[]): void {
  for (const { path } of files) removed(path);
  for (const setting of new Set(files.map((file) => file.setting))) {
    if (setting === undefined) continue;
    const folder = join(directory, setting);
    if (namesIn(folder).some((name) => name !== ABOUT)) continue;
    removed(join(folder, ABOUT));
    try {
      rmdirSync(folder);
    } catch {
      // Another process has begun to write there by now.
    }
  }
}

/** Removes a file, and says whether it is gone: it may be another user's. */
function removed(path: string): boolean {
  try {
    rmSync(path, { force: true });
    return true;
  } catch {
    return false;
  }
}
