import type { Figure } from '../plots/figures.js';
import type { Outcome } from './outcome.js';

/** A figure of a run's report, which is also kept as a page and a picture of its own. */
export interface RunFigure {
  /** Name of its files. */
  readonly name: string;
  readonly title: string;
  readonly caption: (outcome: Outcome) => string;
  /** Draws it; undefined where the run has nothing to show in it. */
  readonly draw: (outcome: Outcome) => Figure | undefined | Promise<Figure | undefined>;
}
