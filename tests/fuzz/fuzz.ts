import { existsSync, readdirSync } from 'node:fs';
import { InputError } from '../../src/common/errors.js';
import { deriveSeed, seededRandom } from '../../src/common/random.js';
import type { Mutation } from './mutations.js';

/** One way in which the program takes a file, and files to begin from. */
export interface Reader {
  /** Files that it takes. */
  readonly examples: readonly Uint8Array[];
  readonly mutate: Mutation;
  /** Reads a file as the program does and looks at what it gets; throws what the program throws. */
  readonly read: (file: Uint8Array) => unknown;
}

/** An input that was not answered as it should be. */
export interface Fault {
  readonly input: number;
  readonly reason: string;
}

/** What became of the inputs. */
export interface FuzzResult {
  readonly inputs: number;
  readonly accepted: number;
  /** By the error's class. */
  readonly refused: Readonly<Record<string, number>>;
  readonly faults: readonly Fault[];
  readonly slowestMilliseconds: number;
  /** By how much the process has grown since its first inputs, at the end. */
  readonly grownMegabytes: number;
}

export interface FuzzOptions {
  readonly seed: number;
  readonly inputs: number;
  /** Told before each input is read. */
  readonly onInput?: (input: number) => void;
}

/** A reader takes no longer for a file of a few kilobytes, however busy the machine is. */
const MOST_MILLISECONDS = 5000;

/** No file of a few kilobytes needs more memory, or leaves so much behind after thousands of others. */
const MOST_MEGABYTES = 256;

/** Inputs after which a process has loaded what it needs. */
const WARM_UP = 50;

/** The input of a number: the same at every call, so that a fault can be looked at again. */
export function inputOf({ examples, mutate }: Reader, input: number, seed: number): Uint8Array {
  const random = seededRandom(deriveSeed(seed, `input ${input}`));
  return mutate(examples[input % examples.length], random);
}

/**
 * Reads mutations of a reader's examples, and tells which were answered other than by a result or a known error, in bounded
 * time and memory. The examples themselves are read before and after.
 */
export async function fuzz(reader: Reader, { seed, inputs, onInput }: FuzzOptions): Promise<FuzzResult> {
  const faults: Fault[] = [];
  const refused: Record<string, number> = {};
  let [accepted, slowestMilliseconds] = [0, 0];
  for (const example of reader.examples) await reader.read(example);
  const open = openFiles();
  let before = 0;
  for (let input = 0; input < inputs; input++) {
    if (input === Math.min(WARM_UP, inputs - 1)) before = memoryInUse();
    onInput?.(input);
    const file = inputOf(reader, input, seed);
    const [peak, begun] = [peakMegabytes(), performance.now()];
    try {
      await reader.read(file);
      accepted++;
    } catch (error) {
      const name = error instanceof Error ? error.name : typeof error;
      refused[name] = (refused[name] ?? 0) + 1;
      if (!(error instanceof InputError))
        faults.push({ input, reason: error instanceof Error ? `${error.stack}` : String(error) });
    }
    const milliseconds = performance.now() - begun;
    slowestMilliseconds = Math.max(slowestMilliseconds, milliseconds);
    if (milliseconds > MOST_MILLISECONDS) faults.push({ input, reason: `it took ${milliseconds.toFixed(0)} ms` });
    const grown = peakMegabytes() - peak;
    if (grown > MOST_MEGABYTES) faults.push({ input, reason: `it took ${grown.toFixed(0)} MB` });
  }
  const grownMegabytes = memoryInUse() - before;
  if (grownMegabytes > MOST_MEGABYTES)
    faults.push({
      input: inputs - 1,
      reason: `${grownMegabytes.toFixed(0)} MB were left behind by all inputs together`,
    });
  const left = openFiles() - open;
  if (left > 0) faults.push({ input: inputs - 1, reason: `${left} files were left open` });
  for (const example of reader.examples) await reader.read(example);
  return { inputs, accepted, refused, faults, slowestMilliseconds, grownMegabytes };
}

function memoryInUse(): number {
  globalThis.gc?.();
  return process.memoryUsage.rss() / 1e6;
}

function peakMegabytes(): number {
  return process.resourceUsage().maxRSS / 1e3;
}

/** Where the system tells. */
function openFiles(): number {
  return existsSync('/proc/self/fd') ? readdirSync('/proc/self/fd').length : 0;
}
