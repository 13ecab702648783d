/**
 * What a run costs: time, processor time and memory. In: a stretch of this process's life. Out: `cost.json` in the run's
 * folder, which is added to whenever the run is gone on with, and which no result depends on.
 */
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { InputError } from '../common/errors.js';
import { readJson, writeJson } from '../common/files.js';
import { duration } from '../common/text.js';
import { describeMachine } from './environment.js';
import { RUN_FILES } from './folder.js';

const spentSchema = z.object({
  wallSeconds: z.number(),
  processorSeconds: z.number(),
  peakMegabytes: z.number(),
});

/** What was used. */
export interface Spent {
  /** By the clock. */
  readonly wallSeconds: number;
  /** User's and system's time of all threads; no step of a run computes in a process of its own. */
  readonly processorSeconds: number;
  /** The most memory (resident set) that the process ever had, in millions of bytes: of several runs in one process, an upper bound for each. */
  readonly peakMegabytes: number;
}

const sittingSchema = spentSchema.extend({
  began: z.string(),
  project: z.string(),
  commit: z.string().optional(),
  node: z.string(),
  platform: z.string(),
  cpu: z.string(),
  cores: z.number(),
  memoryGiB: z.number(),
});

/**
 * A stretch of work on a run by one process: until the run's end or its interruption, or, where the process was killed, until
 * the last epoch that it finished.
 */
export type Sitting = z.infer<typeof sittingSchema>;

const costSchema = spentSchema.extend({
  sittings: z.array(sittingSchema),
  parts: z.record(z.string(), spentSchema).optional(),
});

/** What a run has cost so far: the sum of the times, the largest memory. */
export interface Cost extends Spent {
  /** In order; without what the parts took. */
  readonly sittings: readonly Sitting[];
  /** What runs in folders below cost (folds, members, networks compared), by the folder's name. */
  readonly parts?: Readonly<Record<string, Spent>>;
}

const NOTHING: Spent = { wallSeconds: 0, processorSeconds: 0, peakMegabytes: 0 };

/** Measures a sitting of the run in a folder, from its construction on. */
export class CostMeter {
  private readonly began = new Date().toISOString();
  private readonly wall = performance.now();
  private readonly processor = process.cpuUsage();
  /** What works. */
  readonly machine = describeMachine();
  private inParts: Omit<Spent, 'peakMegabytes'> = NOTHING;
  private readonly parts: string[] = [];
  private earlier?: readonly Sitting[];

  /** Carries out a part of the run that has a folder, and so a record, of its own. */
  async part<T>(directory: string, job: () => Promise<T>): Promise<T> {
    const before = readCost(directory) ?? NOTHING;
    const result = await job();
    const after = readCost(directory) ?? NOTHING;
    this.inParts = {
      wallSeconds: this.inParts.wallSeconds + after.wallSeconds - before.wallSeconds,
      processorSeconds: this.inParts.processorSeconds + after.processorSeconds - before.processorSeconds,
    };
    this.parts.push(directory);
    this.record(dirname(directory));
    return result;
  }

  /**
   * Writes down what the run has cost up to now, in place of what this meter wrote there before.
   *
   * @throws InputError if there is a damaged record, or it cannot be written
   */
  record(directory: string): Cost {
    this.earlier ??= readCost(directory)?.sittings ?? [];
    const cost = this.cost();
    writeJson(join(directory, RUN_FILES.cost), cost);
    return cost;
  }

  private cost(): Cost {
    const { user, system } = process.cpuUsage(this.processor);
    const sitting: Sitting = {
      began: this.began,
      wallSeconds: (performance.now() - this.wall) / 1000 - this.inParts.wallSeconds,
      processorSeconds: (user + system) / 1e6 - this.inParts.processorSeconds,
      peakMegabytes: peakMegabytes(),
      ...this.machine,
    };
    const sittings = [...(this.earlier ?? []), sitting];
    const parts = this.parts.flatMap((part) => {
      const cost = readCost(part);
      return cost ? [[basename(part), totalSpent([cost])] as const] : [];
    });
    const total = totalSpent([...sittings, ...parts.map(([, spent]) => spent)]);
    return { ...total, sittings, ...(parts.length > 0 && { parts: Object.fromEntries(parts) }) };
  }
}

/**
 * What the run in a folder has cost so far.
 *
 * @returns undefined where there is no record: earlier versions kept none
 * @throws InputError if the record is damaged
 */
export function readCost(directory: string): Cost | undefined {
  const path = join(directory, RUN_FILES.cost);
  if (!existsSync(path)) return undefined;
  const result = costSchema.safeParse(readJson(path));
  if (!result.success)
    throw new InputError(`${path} is damaged; delete it to go on without knowing what the run has cost so far`);
  return result.data;
}

/** The sum of the times, and the largest memory. */
export function totalSpent(all: readonly Spent[]): Spent {
  return {
    wallSeconds: all.reduce((sum, { wallSeconds }) => sum + wallSeconds, 0),
    processorSeconds: all.reduce((sum, { processorSeconds }) => sum + processorSeconds, 0),
    peakMegabytes: all.reduce((most, { peakMegabytes }) => Math.max(most, peakMegabytes), 0),
  };
}

/** What was spent, in a few words. */
export function spentInWords({ wallSeconds, processorSeconds, peakMegabytes }: Spent): string {
  return `${duration(wallSeconds)}, ${duration(processorSeconds)} of processor time, ${Math.round(peakMegabytes)} MB of memory at most`;
}

/**
 * The most memory that this process has had. Linux's `maxRSS` may be that of the process which started this one, whose memory
 * a child has until it begins with its own program; the high-water mark in `/proc` is not.
 */
function peakMegabytes(): number {
  const [, kilobytes = process.resourceUsage().maxRSS] = highWaterMark() ?? [];
  return (Number(kilobytes) * 1024) / 1e6;
}

function highWaterMark(): RegExpMatchArray | null {
  const path = '/proc/self/status';
  return existsSync(path) ? readFileSync(path, 'utf8').match(/^VmHWM:\s+(\d+) kB/m) : null;
}
