/** A process that tries to take locks when it is told to, and says whether it got them; for lock.test.ts. */
import { takeLock } from '../../src/common/lock.js';

/** What the test sends: a lock to take at a time, or the word to release it. */
export type Order = { readonly take: string; readonly at: number } | 'release';

let release: (() => void) | undefined;

process.on('message', (order: Order) => {
  if (order === 'release') {
    release?.();
    release = undefined;
    return process.send!('released');
  }
  // A timer would let them begin one after another.
  while (Date.now() < order.at);
  const lock = takeLock(order.take);
  if (typeof lock === 'function') release = lock;
  process.send!(release ? 'taken' : 'refused');
});
process.send!('ready');
