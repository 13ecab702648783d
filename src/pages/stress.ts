import { type FileProblem, problemLines } from '../common/problems.js';
import { count, percent, points } from '../common/text.js';
import type { ConditionMetrics, Robustness } from '../evaluation/robustness.js';
import { withoutTitle } from '../plots/figure.js';
import { robustnessFigure } from '../plots/robustness.js';
import { escapeHtml, figureHtml, page } from './html.js';

/** What a page about conditions says. */
export interface StressReport {
  readonly title: string;
  /** Which recordings were heard, in a few words. */
  readonly data: string;
  /** What limits what the figures say, in sentences. */
  readonly caveats: readonly string[];
  readonly clips: number;
  readonly seed: number;
  /** The recordings that were left out, and why. */
  readonly leftOut: readonly FileProblem[];
  /** Of the recordings as they are. */
  readonly clean: ConditionMetrics;
  /** By name. */
  readonly conditions: Readonly<Record<string, Robustness & { readonly description: string }>>;
}

/**
 * What conditions do to a model, as a page: the hardest one in words, all of them as a figure and as a table.
 *
 * @returns a whole HTML document, about 5 MB (Plotly)
 * @throws RangeError if there are no conditions
 */
export function stressHtml(report: StressReport): string {
  const { title, data, caveats, clips, seed, leftOut, clean, conditions } = report;
  const figure = figureHtml(withoutTitle(robustnessFigure(conditions)));
  const [name, hardest] = Object.entries(conditions).reduce((a, b) => (b[1].drop > a[1].drop ? b : a));
  const row = (cells: readonly string[]) => `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
  const figures = (metrics: ConditionMetrics) => [
    percent(metrics.accuracy),
    `${escapeHtml(metrics.worstClass)}, ${percent(metrics.worstRecall)}`,
    percent(metrics.calibrationError),
  ];
  const head = ['condition', 'UAR', 'drop in points', 'flipped', 'accuracy', 'weakest class', 'calibration error'];
  const rows = Object.entries(conditions).map(([condition, each]) =>
    row([
      `${escapeHtml(condition)}<br><small>${escapeHtml(each.description)}</small>`,
      percent(each.uar),
      points(each.drop),
      percent(each.flipped),
      ...figures(each),
    ]),
  );
  const body = [
    `<h1>${escapeHtml(title)}</h1>`,
    `<p>Recordings: ${escapeHtml(data)}, ${count(clips, 'clip')}, each heard as it is and under ${count(Object.keys(conditions).length, 'condition')} (seed ${seed}). ${caveats.map(escapeHtml).join(' ')}</p>`,
    `<p><strong>UAR ${percent(clean.uar)}</strong> as they are. The hardest condition is ${escapeHtml(name)} (${escapeHtml(hardest.description)}): UAR ${percent(hardest.uar)}, and ${percent(hardest.flipped)} of the answers are others than before.</p>`,
    `<h2>What each condition costs</h2>${figure}`,
    `<h2>All figures</h2><div class="scroll"><table><thead><tr>${head.map((cell) => `<th>${cell}</th>`).join('')}</tr></thead><tbody>`,
    row(['as they are', percent(clean.uar), '', '', ...figures(clean)]),
    `${rows.join('\n')}</tbody></table></div>`,
    '<p>UAR: unweighted average recall, the mean recall of the classes. Flipped: share of the clips that are answered otherwise than as they are, right or wrong. Calibration error: by how much probabilities are off on average.</p>',
    ...(leftOut.length > 0
      ? [
          `<h2>Left out</h2><ul>${problemLines(leftOut, 'all are in stress.json')
            .map((line) => `<li>${escapeHtml(line)}</li>`)
            .join('\n')}</ul>`,
        ]
      : []),
  ];
  return page({
    title,
    body: body.join('\n'),
    style:
      'td,th{padding:.2em .8em;text-align:right;vertical-align:top}td:first-child,th:first-child{text-align:left}td+td{white-space:nowrap}small{color:#555}',
  });
}
