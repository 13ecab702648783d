import { existsSync, realpathSync } from 'node:fs';
import { sep } from 'node:path';
import type { Clip } from '../corpora/clip.js';
import { readersOf } from '../corpora/corpora.js';
import { RUN_DEFAULTS } from './config.js';

/** What has to be mentioned beside results with the copy of a corpus that comes with the project; undefined for any other. */
export function noteOf(clips: readonly Clip[]): string | undefined {
  const supplied = clips.filter(({ path }) => isSupplied(path));
  return readersOf(supplied).find(({ suppliedNote }) => suppliedNote !== undefined)?.suppliedNote;
}

/** Whether a recording is one of the project's, perhaps by a link. */
function isSupplied(path: string): boolean {
  const { data } = RUN_DEFAULTS;
  return existsSync(path) && existsSync(data) && realpathSync(path).startsWith(realpathSync(data) + sep);
}
