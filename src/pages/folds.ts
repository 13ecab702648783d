import { count, percent } from '../common/text.js';
import type { ReliabilityBin } from '../evaluation/calibration.js';
import type { CoveragePoint } from '../evaluation/coverage.js';
import { clipsOf, type Metrics, occurring, weakestOf } from '../evaluation/metrics.js';
import { coverageFigure, reliabilityFigure } from '../plots/confidence.js';
import { withoutTitle } from '../plots/figure.js';
import { confusionFigure, recallFigure } from '../plots/results.js';
import { escapeHtml, figureHtml, page } from './html.js';

/** What a page about folds says. */
export interface FoldsReport {
  readonly title: string;
  /** The corpus. */
  readonly data: string;
  readonly folds: readonly { readonly speaker: string; readonly test: Metrics }[];
  /** Over all clips, each answered by the network that has not heard its speaker. */
  readonly metrics: Metrics;
  readonly calibrationError: number;
  readonly bins: readonly ReliabilityBin[];
  readonly coverage: readonly CoveragePoint[];
}

/**
 * Folds as a page: the result over all speakers, the speakers one by one, which emotions are found, how sure the networks
 * were, and what they would answer if they kept silent where they are not.
 *
 * @returns a whole HTML document, about 5 MB (Plotly)
 */
export function foldsHtml({ title, data, folds, metrics, calibrationError, bins, coverage }: FoldsReport): string {
  const labels = Object.keys(metrics.perClass);
  const classes = occurring(metrics);
  const [name, worst] = weakestOf(metrics);
  const rows = folds.map(
    ({ speaker, test }) =>
      `<tr><td>${escapeHtml(speaker)}</td><td>${clipsOf(test)}</td><td>${percent(test.uar)}</td><td>${percent(test.accuracy)}</td></tr>`,
  );
  const figures = {
    'Confusion matrix by row': confusionFigure(metrics.confusion, labels, { normalise: true }),
    'Recall by emotion': recallFigure(metrics),
    Reliability: reliabilityFigure(bins),
    'Accuracy by coverage': coverageFigure(coverage),
  };
  const body = [
    `<h1>${escapeHtml(title)}</h1>`,
    `<p>Corpus: ${escapeHtml(data)}. ${count(folds.length, 'network')}, each trained without one speaker and tested with this one; every clip is answered by the network that has not heard its speaker.</p>`,
    `<p><strong>UAR ${percent(metrics.uar)}</strong>, accuracy ${percent(metrics.accuracy)}, over ${count(clipsOf(metrics), 'clip')}; guessing would reach ${percent(1 / classes.length)}. The weakest class is ${escapeHtml(name)}: ${percent(worst.recall)} recognised. Probabilities are off by ${percent(calibrationError)} on average (expected calibration error).</p>`,
    '<h2>Speaker by speaker</h2>',
    `<table><thead><tr><th>tested with</th><th>clips</th><th>UAR</th><th>accuracy</th></tr></thead><tbody>${rows.join('')}</tbody></table>`,
    ...Object.entries(figures).map(([heading, figure]) => `<h2>${heading}</h2>${figureHtml(withoutTitle(figure))}`),
  ];
  return page({
    title,
    body: body.join('\n'),
    style: 'td,th{padding:.2em 1em;text-align:right}td:first-child,th:first-child{text-align:left}',
  });
}
