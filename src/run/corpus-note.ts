import { existsSync, realpathSync } from 'node:fs';
import { sep } from 'node:path';
import type { Clip } from '../corpora/clip.js';
import { readersOf } from '../corpora/corpora.js';
import { RUN_DEFAULTS } from './config.js';

/** What has to be mentioned beside results with the copy of a corpus that comes with the project; undefined for any other. */
export function noteOf(clips: readonly Clip[]): string | undefined {
  const { data } = RUN_DEFAULTS;
  if (!existsSync(data)) return undefined;
  const folder = realpathSync(data) + sep;
  // Whether by its own path or by a link.
  const isSupplied = ({ path }: Clip) => existsSync(path) && realpathSync(path).startsWith(folder);
  const noted = readersOf(clips).find(({ suppliedNote }) => suppliedNote !== undefined);
  return clips.some((clip) => clip.corpus === noted?.name && isSupplied(clip)) ? noted?.suppliedNote : undefined;
}
