/**
 * `npm run licences`: lists the licences of all packages that come with the project when it is installed, those that others
 * bring along included, and the packages of each; ends with 1 where one is not among those that are allowed.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { count } from '../src/common/text.js';

/** Licences that ask for no more than their notice, or for the changed files themselves. */
const ALLOWED: readonly string[] = [
  ...['MIT', 'MIT-0', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'Apache-2.0', 'MPL-2.0', 'Zlib'],
  ...['CC0-1.0', 'Unlicense', 'BlueOak-1.0.0'],
];

/** Packages under other licences, and why they may be there. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  'codec-parser':
    'splits Ogg and FLAC into frames for the decoders; unchanged, a package of its own that can be replaced',
  '@audio/decode-wma': 'brought along by audio-decode; unchanged, a package of its own that can be replaced',
  '@audio/decode-eac3': 'brought along by audio-decode, and never loaded',
  '@audio/decode-ac3': 'brought along by audio-decode, and never loaded',
  '@audio/decode-dts': 'brought along by audio-decode, and never loaded',
  '@audio/decode-aac': 'brought along by audio-decode; no part of this package, npm fetches it from its makers',
};

/** A package that is installed with the project. */
export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  /** As the package gives it, an SPDX expression; undefined if it gives none. */
  readonly licence?: string;
}

/** All packages of a lock file but those for development, each version once, in the order of their names. */
export function installedPackages(lock: {
  readonly packages: Readonly<Record<string, { version?: string; license?: string; dev?: boolean }>>;
}): InstalledPackage[] {
  const found = new Map(
    Object.entries(lock.packages).flatMap(([path, { version = '', license, dev }]): [string, InstalledPackage][] => {
      const name = path.split('node_modules/').at(-1)!;
      return name === '' || dev ? [] : [[`${name}@${version}`, { name, version, licence: license }]];
    }),
  );
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Whether an SPDX expression asks only for what is allowed: all of it where it says AND, some of it where it says OR. */
export function isAllowed(licence: string | undefined): boolean {
  if (licence === undefined) return false;
  const bare = licence.replace(/^\((.*)\)$/, '$1');
  if (bare.includes(' OR ')) return bare.split(' OR ').some(isAllowed);
  if (bare.includes(' AND ')) return bare.split(' AND ').every(isAllowed);
  return ALLOWED.includes(bare);
}

/** The packages that are neither under an allowed licence nor named as exceptions. */
export function refusedPackages(packages: readonly InstalledPackage[]): InstalledPackage[] {
  return packages.filter(({ name, licence }) => !isAllowed(licence) && !Object.hasOwn(EXCEPTIONS, name));
}

function main(): void {
  const lock = JSON.parse(readFileSync(join(__dirname, '../package-lock.json'), 'utf8'));
  const packages = installedPackages(lock);
  const refused = refusedPackages(packages);
  for (const licence of [...new Set(packages.map((each) => each.licence ?? 'none given'))].sort()) {
    const some = packages.filter((each) => (each.licence ?? 'none given') === licence);
    console.log(`${licence} (${some.length}): ${some.map(({ name, version }) => `${name} ${version}`).join(', ')}`);
  }
  const exceptions = packages.filter(({ name }) => Object.hasOwn(EXCEPTIONS, name));
  console.log(`${count(packages.length, 'package')}, of which exceptions: ${exceptions.length}`);
  for (const { name } of exceptions) console.log(`  ${name}: ${EXCEPTIONS[name]}`);
  for (const { name, licence } of refused) console.error(`not allowed: ${name}, licence ${licence ?? 'none given'}`);
  if (refused.length > 0) process.exitCode = 1;
}

if (require.main === module) main();
