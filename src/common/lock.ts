import { createHash, randomUUID } from 'node:crypto';
import { readFileSync, rmSync, statSync } from 'node:fs';
import { createFile } from './files.js';
import { isAlive } from './processes.js';

/** Whoever holds a lock. */
export interface LockOwner {
  /** Its process id; undefined where the file does not say it. */
  readonly pid: number | undefined;
}

/** A lock file without a process id in it is taken for one that is still being written until it is this old. */
const WRITING_MILLISECONDS = 10_000;

/** How often a lock is tried that others take and release so fast that nobody can be named as its owner. */
const MOST_TRIES = 100;

/** Lock files that this thread holds. */
const held = new Set<string>();

/**
 * Takes a lock: a file with its owner's process id in it. One whose owner died without releasing it is taken over.
 *
 * Two processes never hold it at once. A lock file appears with its content already in it. A dead owner's is removed only
 * by the process that holds a second lock, which is named after the content of the first; no other lock has that content,
 * so what is removed is what was judged.
 *
 * @returns a function that releases the lock, or the owner if that is still alive
 * @throws InputError if the lock file cannot be written
 */
export function takeLock(path: string): (() => void) | LockOwner {
  const content = `${process.pid} ${randomUUID()}`;
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    if (createFile(path, content)) {
      held.add(path);
      return () => {
        held.delete(path);
        removeIf(path, content);
      };
    }
    const found = contentOf(path);
    // Released just now.
    if (found === undefined) continue;
    const pid = pidIn(found);
    if (isHeld(path, pid)) return { pid };
    const hash = createHash('sha256').update(found).digest('hex').slice(0, 16);
    const unlockRemoval = takeLock(`${path}.${hash}`);
    if (typeof unlockRemoval !== 'function') return unlockRemoval;
    try {
      if (!isHeld(path, pid)) removeIf(path, found);
    } finally {
      unlockRemoval();
    }
  }
  return { pid: undefined };
}

function isHeld(path: string, pid: number | undefined): boolean {
  if (pid === undefined) return ageOf(path) < WRITING_MILLISECONDS;
  // In a container every process may have the same id: an owner with ours that we know nothing of is a dead one.
  return pid === process.pid ? held.has(path) : isAlive(pid);
}

function pidIn(content: string): number | undefined {
  const pid = Number.parseInt(content, 10);
  return pid > 0 ? pid : undefined;
}

/** Undefined if there is no such file. */
function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function removeIf(path: string, content: string): void {
  if (contentOf(path) === content) rmSync(path, { force: true });
}

function ageOf(path: string): number {
  return Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0);
}
