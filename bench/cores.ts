import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Line } from './growth.js';
import { median } from './measure.js';
import type { ProcessorTime } from './processor.js';

/** What is measured by the number of cores, as lines, and which thread limits each, in a sentence. */
export interface ByCores {
  readonly features: Line[];
  readonly vectors: Line[];
  readonly epochs: Line[];
  readonly limits: string[];
}

/** How the tasks of both sides are run. */
export interface Tasks {
  readonly ours: (task: string, options: object) => readonly string[];
  readonly theirs: (task: string, options: object) => readonly string[];
  /** Seconds of a process as a whole, and what it printed. */
  readonly run: (command: readonly string[]) => Promise<{ readonly seconds: number; readonly output: string }>;
  /** The name of a new folder for the feature cache. */
  readonly coldCache: () => string;
}

/** Recordings whose vectors are computed: WebAssembly takes five times as long. */
const CLIPS = { native: 320, wasm: 64 } as const;

/** Clips of an epoch, and epochs, of which the first is warming up. */
const EPOCHS = { clips: 640, epochs: 3 } as const;

/**
 * Measures features, an encoder's vectors and epochs with one core, two, four and so on up to all, each once. A process sees only its
 * cores, where there is `taskset` to see to that.
 *
 * @param filters - of the network whose epochs are measured
 */
export async function measureByCores(
  paths: readonly string[],
  filters: readonly number[],
  { ours, theirs, run, coldCache }: Tasks,
): Promise<ByCores> {
  const allowed = allowedCores();
  const counts = coreCounts(allowed.length);
  const limits: string[] = [];
  /** A line of values by cores; of the last one, with all cores, is said what limits it. */
  const line = async (
    name: string,
    command: (cores: number) => readonly string[],
    { value, what, unit, per, serves }: Measured,
  ): Promise<Line> => {
    const points: { x: number; y: number }[] = [];
    for (const cores of counts) {
      const { seconds, output } = await run([...pinnedTo(allowed.slice(0, cores)), ...command(cores)]);
      const result = JSON.parse(output) as ProcessorTime & { seconds: number[] };
      points.push({ x: cores, y: value(seconds, result) });
      console.error(`${what ?? name}, ${name}, ${cores} cores: ${points.at(-1)!.y.toPrecision(3)}`);
      if (what && unit && per && cores === allowed.length)
        limits.push(limitText(what, cores, { ...result, unit, per, serves }));
    }
    return { name, points };
  };
  const ofClip = (clips: number) => ({ unit: 'ms a clip', per: clips / 1000 });
  const features = { value: (seconds: number) => (1000 * seconds) / paths.length };
  const vectorsOf = (backend: keyof typeof CLIPS) => {
    const some = Array.from({ length: CLIPS[backend] }, (_, i) => paths[i % paths.length]);
    const value = (_: number, { wall }: ProcessorTime) => (1000 * wall) / some.length;
    return {
      command: (workers: number) => ours('vectors', { paths: some, workers, backend }),
      measured: { value, what: `vectors, ${backend}`, ...ofClip(some.length) },
    };
  };
  const epochs = {
    value: (_: number, result: { readonly seconds: number[] }) => median(result.seconds.slice(1)),
    unit: 's an epoch',
    per: EPOCHS.epochs,
  };
  const epochsOf = (backend: string) => () => ours('epochs', { ...EPOCHS, filters, backend });
  const [native, wasm] = [vectorsOf('native'), vectorsOf('wasm')];
  return {
    features: [
      await line('this project', (workers) => ours('features', { paths, workers, cacheDirectory: coldCache() }), {
        ...features,
        what: 'features, cold cache',
        serves: true,
        ...ofClip(paths.length),
      }),
      await line('Python', (workers) => theirs('features', { paths, workers }), features),
    ],
    vectors: [
      await line('this project', native.command, native.measured),
      await line('WebAssembly', wasm.command, wasm.measured),
    ],
    epochs: [
      await line('this project', epochsOf('native'), { ...epochs, what: 'epochs, native' }),
      await line('Python', () => theirs('epochs', { ...EPOCHS, filters }), { value: epochs.value }),
      await line('WebAssembly', epochsOf('wasm'), { ...epochs, what: 'epochs, wasm' }),
    ],
    limits,
  };
}

/** What of a process goes into a plot; and where it tells of its threads, what it did, in which unit, and how much of it. */
interface Measured {
  readonly value: (seconds: number, result: ProcessorTime & { readonly seconds: number[] }) => number;
  readonly what?: string;
  readonly unit?: string;
  readonly per?: number;
  /** Whether the main thread does nothing but serve the others: how many of them, is said. */
  readonly serves?: boolean;
}

/** Shares of the time from which a thread, or all cores, count as busy throughout. */
const SATURATED = 0.9;

/** How busy the main thread and the others were, and so which of them sets the pace. */
function limitText(
  what: string,
  cores: number,
  {
    wall,
    main,
    others,
    unit,
    per,
    serves,
  }: ProcessorTime & { readonly unit: string; readonly per: number; readonly serves?: boolean },
): string {
  const digits = (value: number) => Number(value.toPrecision(2));
  const busy = (main + others) / (wall * cores);
  const verdict =
    main / wall > SATURATED
      ? 'the main thread is the bottleneck'
      : busy > SATURATED
        ? 'all cores are busy'
        : 'no thread is busy throughout, nor are all cores';
  const more = serves ? `; it would be the bottleneck beside ${digits(others / main)} that are busy` : '';
  return `- **${what}**, ${cores} cores: ${Math.round(100 * busy)} % of their time is used, ${Math.round((100 * main) / wall)} % of the main thread's: ${verdict}. The main thread takes ${digits(main / per)} ${unit}, the others ${digits(others / per)}${more}.`;
}

/** 1, 2, 4 and so on, and all. */
function coreCounts(all: number): number[] {
  const counts = [];
  for (let cores = 1; cores < all; cores *= 2) counts.push(cores);
  return [...counts, all];
}

/** The numbers of the cores that this process may use. */
function allowedCores(): number[] {
  const [, list] = readFileSync('/proc/self/status', 'utf8').match(/^Cpus_allowed_list:\s*(\S+)/m)!;
  return list.split(',').flatMap((range) => {
    const [first, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}

/** What a command begins with so that it sees only some cores, and TensorFlow has a thread for each. */
function pinnedTo(cores: readonly number[]): string[] {
  const taskset = ['taskset', '-c', cores.join()];
  const works = spawnSync(taskset[0], [...taskset.slice(1), 'true']).status === 0;
  return [...(works ? taskset : []), 'env', `TF_NUM_INTRAOP_THREADS=${cores.length}`];
}
