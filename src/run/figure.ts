import type { Figure } from '../plots/figures.js';
import type { Outcome, Tested } from './outcome.js';

/** A figure of a report, which is also kept as a page and a picture of its own. */
export interface ReportFigure<Shown> {
  /** Name of its files. */
  readonly name: string;
  readonly title: string;
  readonly caption: (outcome: Shown) => string;
  /** Draws it; undefined where there is nothing to show in it. */
  readonly draw: (outcome: Shown) => Figure | undefined | Promise<Figure | undefined>;
}

/** Of a run's report. */
export type RunFigure = ReportFigure<Outcome>;

/** Of what a network was tested with, which a run's report shows as well. */
export type TestFigure = ReportFigure<Tested>;
