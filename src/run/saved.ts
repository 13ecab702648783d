import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { bySource } from '../audio/segment.js';
import { InputError } from '../common/errors.js';
import type { Clip } from '../corpora/clip.js';
import type { RunConfig } from './config.js';
import { corpusFor } from './corpus.js';
import { asRead, type FinishedRun, readRun } from './finished.js';
import { lockFolder, RUN_FILES } from './folder.js';
import { splitFor } from './prepare.js';
import { SILENT } from './reporter.js';
import { type RunOptions, run } from './run.js';

/** Where and how {@link savedRun} carries out a run that is not there yet. */
export interface SavedRunOptions extends Omit<RunOptions, 'signal'> {
  /** The run's folder, e.g. `runs/first`. */
  readonly directory: string;
}

/**
 * The finished run in a folder if it has this configuration and these recordings; else it is carried out there, in place
 * of an unfinished, damaged or different run. So a notebook trains the first time and reads what was trained from then on.
 *
 * Recordings are the same if their paths, labels and speakers are. A change of `src` is not noticed: delete the folder to
 * train again. The reporter's last line is the same in either case.
 *
 * @throws InputError if there is no such corpus, the folder holds something other than a run, or another process is at work
 *   in it
 */
export async function savedRun(config: RunConfig, options: SavedRunOptions): Promise<FinishedRun> {
  const { directory, reporter = SILENT } = options;
  const { clips } = await corpusFor(config);
  // A configuration that cannot be run must not cost the run that is there.
  splitFor(clips, config);
  let finished = fitting(directory, config, clips);
  if (!finished) {
    removeRun(directory);
    await run(config, options);
    finished = readRun(directory);
  }
  const { history, bestEpoch } = finished;
  const how =
    history.length > 0
      ? `${history.length} epochs, of which epoch ${bestEpoch} has the lowest validation loss`
      : 'fitted at once, without epochs';
  reporter.say(`${directory}: ${how}`);
  return finished;
}

/** The run in a folder, or undefined if there is none, or not the one that is wanted. */
function fitting(directory: string, config: RunConfig, clips: readonly Clip[]): FinishedRun | undefined {
  try {
    const found = readRun(directory);
    const sorted = [...found.clips, ...found.skipped].sort(bySource);
    const same =
      isDeepStrictEqual(found.config, asRead(config)) &&
      sorted.length === clips.length &&
      sorted.every((clip, i) => isDeepStrictEqual(clip, asRead(clips[i]))) &&
      existsSync(join(found.model, 'model.json'));
    return same ? found : undefined;
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

/** Removes a run's folder, unless it holds no run, or a process is at work in it. */
function removeRun(directory: string): void {
  if (!existsSync(join(directory, RUN_FILES.config))) return;
  lockFolder(directory)();
  rmSync(directory, { recursive: true });
}
