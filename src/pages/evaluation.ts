import { escapeHtml, page } from './html.js';
import {
  classTable,
  type Facts,
  facts,
  figureBlock,
  MEASURES_NOTE,
  mistakes,
  problems,
  type ReportData,
  result,
  STYLE,
  section,
  setsTable,
} from './report.js';

/** What a report says about a model that was tested with a corpus. */
export interface EvaluationReport
  extends Pick<
    ReportData,
    'title' | 'created' | 'chance' | 'labels' | 'sets' | 'skipped' | 'mostConfidentMistakes' | 'figures'
  > {
  /** The command that does the same. */
  readonly command: string;
  /** Which recordings were heard, in a few words. */
  readonly data: string;
  /** What limits what the figures say, in sentences. */
  readonly caveats: readonly string[];
  /** What was tested. */
  readonly model: Facts;
  readonly environment: Facts;
}

/**
 * A trained model's test with a corpus, as a page: as a run's report, without what belongs to training.
 *
 * @returns a whole HTML document, about 5 MB (Plotly)
 */
export function evaluationHtml(report: EvaluationReport): string {
  const body = [
    `<h1>${escapeHtml(report.title)}</h1>
<p class="meta">${escapeHtml(report.created)} · ${escapeHtml(report.data)}</p>
<p class="meta">Made with <code>${escapeHtml(report.command)}</code></p>`,
    result(report),
    `<section class="caveats"><h2>What to keep in mind</h2>
<ul>${report.caveats.map((caveat) => `<li>${escapeHtml(caveat)}</li>`).join('')}</ul></section>`,
    section('Result in numbers', setsTable(report) + MEASURES_NOTE),
    section('Result by class', classTable(report)),
    section('Figures', report.figures.map(figureBlock).join('\n')),
    section('Most confident mistakes', mistakes(report)),
    section('Model', facts(report.model)),
    section('Environment', facts(report.environment)),
    section('Left out', problems(report.skipped, 'metrics.json')),
  ];
  return page({ title: report.title, body: body.join('\n'), style: STYLE });
}
