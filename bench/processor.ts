import { readFileSync } from 'node:fs';

/** Clock ticks of Linux in a second, as all its machines have them. */
const TICKS = 100;

/** Processor time in seconds, over some work. */
export interface ProcessorTime {
  /** By the clock on the wall. */
  readonly wall: number;
  /** Of the thread that JavaScript began on, and of all others together. */
  readonly main: number;
  readonly others: number;
}

/** Begins to measure processor time; the function that it gives ends that. Linux only. */
export function processorClock(): () => ProcessorTime {
  const begun = now();
  return () => {
    const { wall, main, others } = now();
    return { wall: wall - begun.wall, main: main - begun.main, others: others - begun.others };
  };
}

function now(): ProcessorTime {
  // What follows the name, which may have spaces: the 12th and the 13th are the time in user mode and in the kernel.
  const fields = readFileSync(`/proc/self/task/${process.pid}/stat`, 'utf8').split(') ')[1].split(' ');
  const main = (Number(fields[11]) + Number(fields[12])) / TICKS;
  const { user, system } = process.cpuUsage();
  return { wall: performance.now() / 1000, main, others: Math.max(0, (user + system) / 1e6 - main) };
}
