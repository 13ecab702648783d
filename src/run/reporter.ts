import type { EpochRecord } from '../model/train.js';

/** Where a run tells how it is going: a terminal, a notebook, or nowhere. */
export interface Reporter {
  /** Something that the user should know. */
  say(line: string): void;
  /** A long step begins; the returned functions tell how far it is, and that it is over. */
  progress(what: string, total: number): { update(done: number): void; stop(): void };
  /** An epoch is over; `left` is the time in seconds that the rest takes at most. */
  epoch(record: EpochRecord, context: { readonly epochs: number; readonly best: boolean; readonly left: number }): void;
}

/** Says nothing. */
export const SILENT: Reporter = {
  say() {},
  progress: () => ({ update() {}, stop() {} }),
  epoch() {},
};
