import type { EpochRecord } from '../training/training.js';

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

/**
 * Tells a run's progress in one line that changes, e.g. of a notebook's cell; what was said last stays.
 *
 * @param show - shows a line in place of the one before
 */
export function lineReporter(show: (line: string) => void): Reporter {
  return {
    say: show,
    progress(what, total) {
      let shown = -1;
      return {
        update(done) {
          const percent = Math.floor((100 * done) / total);
          if (percent !== shown) show(`${what}: ${percent} %`);
          shown = percent;
        },
        stop() {},
      };
    },
    epoch({ epoch, valLoss, valAccuracy }, { epochs, best }) {
      const result = `validation loss ${valLoss.toFixed(2)}, accuracy ${(100 * valAccuracy).toFixed(0)} %`;
      show(`epoch ${epoch} of at most ${epochs}: ${result}${best ? ', the best so far' : ''}`);
    },
  };
}
