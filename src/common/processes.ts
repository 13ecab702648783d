import { readFileSync } from 'node:fs';

/** Whether there is a process with this id on this machine that does something still. */
export function isAlive(pid: number): boolean {
  // 0 and negative numbers name groups of processes.
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (error) {
    // It is another user's.
    return (error as NodeJS.ErrnoException).code === 'EPERM' && !isZombie(pid);
  }
}

/** Whether a process has ended, and only waits for its parent to ask how: in many containers nobody ever does. Linux alone tells. */
function isZombie(pid: number): boolean {
  try {
    // The state is behind the name, which stands in parentheses and may have some itself.
    return /.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
