import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** What a process took from start to end, and what it printed. */
export interface Measurement {
  readonly seconds: number;
  /** Largest memory of the process and its children together, pages that they share counted once; NaN unless asked for. */
  readonly peakMegabytes: number;
  readonly output: string;
}

const SAMPLING_MILLISECONDS = 50;

/**
 * Runs a command and measures it as a whole process.
 *
 * @param memory - looks at its memory 20 times a second, which slows it down a little; Linux only
 * @throws Error with what it printed if it fails
 */
export function measure(command: readonly string[], { memory = false } = {}): Promise<Measurement> {
  const begun = performance.now();
  // NumPy's library chooses by itself what is fastest on this processor.
  const { OPENBLAS_CORETYPE: _, OPENBLAS_L2_SIZE: __, ...env } = process.env;
  const child = spawn(command[0], command.slice(1), { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let [output, errors, peak] = ['', '', Number.NaN];
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  const look = () => {
    const bytes = memoryOf(child.pid!);
    if (bytes > 0 && !(peak > bytes)) peak = bytes;
  };
  const timer = memory ? setInterval(look, SAMPLING_MILLISECONDS) : undefined;
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      clearInterval(timer);
      const seconds = (performance.now() - begun) / 1000;
      if (code === 0) resolve({ seconds, peakMegabytes: peak / 1e6, output });
      else reject(new Error(`${command.join(' ')} ended with ${code}:\n${errors}`));
    });
  });
}

/** Proportional set size of a process and its descendants in bytes; 0 if it is gone. */
function memoryOf(pid: number): number {
  try {
    const [, kilobytes] = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8').match(/^Pss:\s+(\d+) kB/m) ?? [];
    const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean),
    );
    return Number(kilobytes) * 1024 + children.reduce((sum, child) => sum + memoryOf(Number(child)), 0);
  } catch {
    return 0;
  }
}

/** The middle value, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)] : (sorted[middle - 1] + sorted[middle]) / 2;
}
