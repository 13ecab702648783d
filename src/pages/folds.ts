import { count, MOST_SHOWN, percent } from '../common/text.js';
import type { FoldsBy } from '../dataset/folds.js';
import { clipsOf, type Metrics, occurring, weakestOf } from '../evaluation/metrics.js';
import type { Assessment } from '../evaluation/predictions.js';
import { coverageFigure, reliabilityFigure } from '../plots/confidence.js';
import { withoutTitle } from '../plots/figure.js';
import { confusionFigure, recallFigure } from '../plots/results.js';
import { escapeHtml, figureHtml, page } from './html.js';

/** What a page about folds says. */
export interface FoldsReport extends Assessment {
  readonly network: string;
  /** The corpus. */
  readonly data: string;
  readonly by: FoldsBy;
  /** Speakers or texts were left out in so many groups; undefined: one by one. */
  readonly groups?: number;
  readonly folds: readonly { readonly tested: string; readonly test: Metrics }[];
}

/** In words, what was left out at a time. */
export function foldsInWords({ by, groups }: Pick<FoldsReport, 'by' | 'groups'>): string {
  return groups === undefined ? `one ${by} left out at a time` : `one of ${groups} groups of ${by}s left out at a time`;
}

/**
 * Folds as a page: the result over all clips, the folds one by one, which emotions are found, how sure the networks were,
 * and what they would answer if they kept silent where they are not.
 *
 * @returns a whole HTML document, about 5 MB (Plotly)
 */
export function foldsHtml(report: FoldsReport): string {
  const { network, data, by, groups, folds, metrics, calibrationError, bins, coverage } = report;
  const title = `Speech emotion recognition: ${network}, ${foldsInWords(report)}`;
  const leftOut = groups === undefined ? `one ${by}` : `some ${by}s`;
  const labels = Object.keys(metrics.perClass);
  const classes = occurring(metrics);
  const [name, worst] = weakestOf(metrics);
  const rows = folds
    .slice(0, MOST_SHOWN)
    .map(
      ({ tested, test }) =>
        `<tr><td>${escapeHtml(tested)}</td><td>${clipsOf(test)}</td><td>${percent(test.uar)}</td><td>${percent(test.accuracy)}</td></tr>`,
    );
  const figures = {
    'Confusion matrix by row': confusionFigure(metrics.confusion, labels, { normalise: true }),
    'Recall by emotion': recallFigure(metrics),
    Reliability: reliabilityFigure(bins),
    'Accuracy by coverage': coverageFigure(coverage),
  };
  const body = [
    `<h1>${escapeHtml(title)}</h1>`,
    `<p>Corpus: ${escapeHtml(data)}. ${count(folds.length, 'network')}, each trained without ${leftOut} and tested with ${groups === undefined ? 'this one' : 'these'}; every clip is answered by a network that has not heard its ${by}.</p>`,
    `<p><strong>UAR ${percent(metrics.uar)}</strong>, accuracy ${percent(metrics.accuracy)}, over ${count(clipsOf(metrics), 'clip')}; guessing would reach ${percent(1 / classes.length)}. The weakest class is ${escapeHtml(name)}: ${percent(worst.recall)} recognised. Probabilities are off by ${percent(calibrationError)} on average (expected calibration error).</p>`,
    '<h2>Fold by fold</h2>',
    `<table><thead><tr><th>tested with</th><th>clips</th><th>UAR</th><th>accuracy</th></tr></thead><tbody>${rows.join('')}</tbody></table>${folds.length > MOST_SHOWN ? `<p>The first ${MOST_SHOWN} of ${count(folds.length, 'fold')}; all are in metrics.json.</p>` : ''}`,
    ...Object.entries(figures).map(([heading, figure]) => `<h2>${heading}</h2>${figureHtml(withoutTitle(figure))}`),
  ];
  return page({
    title,
    body: body.join('\n'),
    style: 'td,th{padding:.2em 1em;text-align:right}td:first-child,th:first-child{text-align:left}',
  });
}
