import fs from 'node:fs';
import { relative, resolve } from 'node:path';

/** What changes files, and may fail: a full disk, one that is unplugged, a process that is killed. */
const OPERATIONS = [
  ...['openSync', 'writeFileSync', 'writeSync', 'fsyncSync', 'renameSync', 'linkSync', 'mkdirSync'],
  ...['copyFileSync', 'cpSync'],
] as const;

type Operation = (typeof OPERATIONS)[number];

/** Decides whether an operation fails, by its number from 0. */
export type Fails = (operation: number) => boolean;

/** What happens instead of an operation that fails; default: the disk is full. */
export type Failure = () => void;

/**
 * Counts what changes files below a folder while an action runs, and lets some of it fail. A write that fails has written
 * half of its data.
 *
 * @returns how many operations there were
 */
export async function withFaults(
  { below, fails, failure = diskFull }: { below: string; fails: Fails; failure?: Failure },
  action: () => Promise<unknown>,
): Promise<number> {
  // biome-ignore lint/suspicious/noExplicitAny: each has arguments of its own
  const functions = fs as unknown as Record<Operation, (...args: any[]) => unknown>;
  const originals = Object.fromEntries(OPERATIONS.map((name) => [name, functions[name]])) as typeof functions;
  const descriptors = new Set<number>();
  let operations = 0;
  // Node's own functions call one another: only the outermost call counts.
  let inside = false;
  const concerns = (target: unknown) =>
    typeof target === 'number' ? descriptors.has(target) : !relative(below, resolve(String(target))).startsWith('..');
  for (const name of OPERATIONS)
    functions[name] = (...args) => {
      const target = name === 'renameSync' || name === 'linkSync' ? args[1] : args[0];
      const reads = name === 'openSync' && (args[1] ?? 'r') === 'r';
      if (inside || reads || !concerns(target)) return originals[name](...args);
      inside = true;
      try {
        if (fails(operations++)) {
          if (name === 'writeFileSync') originals[name](target, half(args[1]), args[2]);
          failure();
        }
        const result = originals[name](...args);
        if (name === 'openSync') descriptors.add(result as number);
        return result;
      } finally {
        inside = false;
      }
    };
  const { closeSync } = fs;
  fs.closeSync = (descriptor) => {
    // The next file that is opened may get the same number.
    descriptors.delete(descriptor);
    closeSync(descriptor);
  };
  try {
    await action();
  } finally {
    Object.assign(fs, originals, { closeSync });
  }
  return operations;
}

function diskFull(): never {
  throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
}

function half(data: string | Uint8Array): string | Uint8Array {
  return data.slice(0, data.length / 2);
}
