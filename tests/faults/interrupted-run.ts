import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { useBackend } from '../../src/backend/backend.js';
import { InputError } from '../../src/common/errors.js';
import { RUN_DEFAULTS, type RunConfig } from '../../src/run/config.js';
import { finishedRun, run } from '../../src/run/run.js';
import { BACKEND, smallCorpus } from '../cli/ser.js';
import { withFaults } from './faults.js';

/** How a run fails: at one operation, at all from one on, as on a full disk, or killed with the whole process. */
export const WAYS = ['once', 'from then on', 'killed'] as const;
export type Way = (typeof WAYS)[number];

/** What came of a run that failed at one of its operations, and was gone on with. */
export interface Trial {
  /** What the failure made of it. */
  readonly outcome: 'refused' | 'finished all the same' | 'killed';
  /** What is wrong: an unknown error, or files that differ from those of a run without failure; none if all is well. */
  readonly faults: readonly string[];
}

/** A run of three epochs with twelve clips, which is carried out again and again in a folder. */
export class InterruptedRun {
  private readonly config: RunConfig;
  private readonly directory: string;
  private expected: ReadonlyMap<string, string> = new Map();

  /** @param report - whether figures and the report are made, too */
  constructor(
    private readonly folder: string,
    private readonly report = false,
  ) {
    const data = join(folder, 'clips');
    this.directory = join(folder, 'changed/run');
    this.config = { ...RUN_DEFAULTS, data, epochs: 3, sizes: { filters: [4], denseUnits: [4] } };
  }

  /** Carries it out without failure, which tells what is to be found. Returns how many operations that takes. */
  async prepare(): Promise<number> {
    mkdirSync(this.folder, { recursive: true });
    smallCorpus(this.config.data, { speakers: ['03', '08', '09', '10'], emotions: ['F', 'T', 'W'], each: 1 });
    await useBackend(BACKEND);
    // The first run of a process makes what later ones find, such as code of the backend's.
    await this.begin(() => false);
    this.reset();
    const operations = await this.begin(() => false);
    this.expected = contentsOf(this.directory);
    return operations;
  }

  /** Lets an operation fail, goes on with the run, and compares what is found then. */
  async trial(operation: number, way: Way): Promise<Trial> {
    this.reset();
    const faults: string[] = [];
    let outcome: Trial['outcome'] = 'finished all the same';
    if (way === 'killed') {
      const script = join(__dirname, 'killed-run.ts');
      const args = ['--require', 'tsx/cjs', script, this.folder, String(operation), String(this.report)];
      const { signal, status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
      outcome = 'killed';
      if (signal !== 'SIGKILL') faults.push(`it was not killed, but ended with ${status}: ${stderr}`);
    } else
      try {
        await this.begin((n) => (way === 'once' ? n === operation : n >= operation));
      } catch (error) {
        outcome = 'refused';
        if (!(error instanceof InputError))
          faults.push(`it ended with ${error instanceof Error ? error.stack : error}`);
      }
    try {
      await finishedRun(this.directory, this.config, this.options);
      faults.push(...differences(this.expected, contentsOf(this.directory)));
    } catch (error) {
      faults.push(`it cannot be gone on with: ${error instanceof Error ? error.stack : error}`);
    }
    return { outcome, faults };
  }

  /** Carries the run out, with failures. */
  begin(fails: (operation: number) => boolean, failure?: () => void): Promise<number> {
    return withFaults({ below: join(this.folder, 'changed'), fails, failure }, () =>
      run(this.config, { ...this.options, directory: this.directory }),
    );
  }

  private get options() {
    const cacheDirectory = join(this.folder, 'changed/cache');
    return { backend: BACKEND, workers: 1, cacheDirectory, report: this.report } as const;
  }

  private reset(): void {
    rmSync(join(this.folder, 'changed'), { recursive: true, force: true });
  }
}

/** Files that differ from run to run: they tell of the machine, or of the time that was taken. */
const INCOMPARABLE = ['environment.json', 'cost.json', 'report.html'];

/** The files of a folder, by path, without the time that was taken. */
function contentsOf(directory: string): Map<string, string> {
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort();
  const files = names.filter((name) => statSync(join(directory, name)).isFile());
  return new Map(
    files.map((name) => {
      const content = readFileSync(join(directory, name), 'latin1');
      if (INCOMPARABLE.includes(name)) return [name, ''];
      // Whether they fit is checked wherever a run is read.
      if (name === 'checksums.txt') return [name, content.replace(/^[0-9a-f]{64}/gm, '…')];
      if (name === 'history.csv') return [name, content.replace(/,[^,\n]*$/gm, '')];
      return [name, content.replace(/("(?:\w*[sS]econds|training|evaluation|features|total)": )[\d.e-]+/g, '$1…')];
    }),
  );
}

function differences(expected: ReadonlyMap<string, string>, found: ReadonlyMap<string, string>): string[] {
  return [...new Set([...expected.keys(), ...found.keys()])].flatMap((name) => {
    if (!found.has(name)) return `${name} is missing`;
    if (!expected.has(name)) return `${name} is left over`;
    return expected.get(name) === found.get(name) ? [] : `${name} differs`;
  });
}
