import { join } from 'node:path';
import { writeCsv } from '../common/csv.js';
import { writeFile } from '../common/files.js';
import { grouped } from '../common/grouped.js';
import { count, percent } from '../common/text.js';
import { PROTOCOL_DESCRIPTIONS } from '../dataset/splits.js';
import { weakestOf } from '../evaluation/metrics.js';
import { NETWORKS } from '../networks/networks.js';
import { escapeHtml, figureHtml, page } from '../pages/html.js';
import { toPng } from '../pages/picture.js';
import { tableHtml } from '../pages/table.js';
import { type Figure, withoutTitle } from '../plots/figure.js';
import { confusionFigure, intervalsFigure, reliabilitiesFigure } from '../plots/figures.js';
import { costTable, type ExperimentCost, writeCost } from './cost.js';
import type { Plan } from './plan.js';
import {
  type CellResult,
  type Comparison,
  compare,
  LEAST_TESTED_SPEAKERS,
  partsOf,
  type Spread,
  type Summary,
  summarise,
} from './summary.js';

/** What is written about an experiment. */
export const REPORT_FILES = {
  csv: 'results.csv',
  markdown: 'results.md',
  html: 'results.html',
  figures: 'figures',
} as const;

export interface ReportOptions {
  readonly plan: Plan;
  readonly results: readonly CellResult[];
  /** How many cells the plan has, the missing ones included. */
  readonly cells: number;
}

/** A table's rows, by the names of the columns. */
type Rows = readonly Readonly<Record<string, string>>[];

/** What is said about the configurations that may be compared with each other. */
interface Section {
  readonly heading: string;
  readonly text: string;
  readonly tables: Readonly<Record<string, Rows>>;
  readonly figures: Readonly<Record<string, Figure>>;
}

/** A table of speakers is shown for at most so many. */
const MOST_SPEAKERS = 12;

const NOTES = `UAR: mean recall of the emotions, over all clips tested, mean ± standard deviation over the seeds; in brackets, the 95 % bootstrap interval over the speakers of the mean over the seeds. Worst: the emotion with the lowest recall, and what it is most often taken for. ECE: expected calibration error. p: two-sided paired permutation test of the UAR, in which the two configurations are exchanged for whole speakers; not corrected for the number of comparisons. It and the interval say how far speakers matter, not seeds.`;

const COST_NOTE =
  'Times are those of all cells, added up; processor time is that of all threads. Where features were in the cache already, their extraction is not part of it. cost.csv has each cell.';

/**
 * Writes the tables and figures: every figure of every seed as CSV, and the summary as Markdown and as a page that works
 * offline.
 *
 * @returns the configurations, task by task
 */
export async function writeReport(
  directory: string,
  { plan, results, cells }: ReportOptions,
): Promise<Record<string, Summary[]>> {
  const groups = grouped(results, trackOf);
  const summaries = Object.fromEntries(
    [...groups].map(([track, members]) => [
      track,
      [...grouped(members, ({ configuration }) => configuration).values()].map(summarise),
    ]),
  );
  const sections = Object.entries(summaries).map(([track, each]) => sectionOf(track, each));
  const facts = factsOf(results);
  const missing = cells - results.length;
  const intro = `${count(results.length, 'cell')} of ${cells}${missing > 0 ? `; ${missing} still missing` : ''}. ${facts}`;
  writeCsv(join(directory, REPORT_FILES.csv), results.flatMap(csvRows));
  const pictures: string[][] = [];
  for (const [s, { figures }] of sections.entries()) {
    const paths: string[] = [];
    for (const [f, figure] of Object.values(figures).entries()) {
      const path = `${REPORT_FILES.figures}/${s + 1}-${f + 1}.png`;
      writeFile(join(directory, path), await toPng(figure));
      paths.push(path);
    }
    pictures.push(paths);
  }
  const parts = { plan, intro, sections, pictures, cost: writeCost(directory, results) };
  writeFile(join(directory, REPORT_FILES.markdown), markdown(parts));
  writeFile(join(directory, REPORT_FILES.html), html(parts));
  return summaries;
}

/** Normalised with other recordings of the speakers who are tested, a network has an easier task than without them. */
function trackOf({ task, normalise }: CellResult): string {
  return normalise === 'speaker' ? `${task}, normalised by speaker` : task;
}

function sectionOf(heading: string, summaries: readonly Summary[]): Section {
  const [{ results, labels }] = summaries;
  const [{ predictions, normalise, protocol }] = results;
  const speakers = new Set(predictions.clips.map(({ speaker }) => speaker)).size;
  const chance = 1 / new Set(predictions.clips.map(({ emotion }) => emotion)).size;
  const text = [
    `${count(predictions.clips.length, 'clip')} of ${count(speakers, 'speaker')} tested for each seed; guessing would have a UAR of ${percent(chance)}.`,
    `Protocol ${protocol}: ${PROTOCOL_DESCRIPTIONS[protocol]}.`,
    normalise === 'speaker' &&
      'A track of its own: the unlabelled recordings of the speakers who are tested were used to normalise them.',
  ];
  const comparisons = compare(summaries);
  const tested = comparisons.length > 0 || summaries.length < 2;
  return {
    heading,
    text: [...text, !tested && `A test needs at least ${LEAST_TESTED_SPEAKERS} speakers.`].filter(Boolean).join(' '),
    tables: {
      Results: summaries.map(summaryRow),
      ...(comparisons.length > 0 && { 'Paired tests': comparisons.map(comparisonRow) }),
      ...(speakers > 1 && speakers <= MOST_SPEAKERS && { 'UAR by speaker in %': speakerRows(summaries) }),
    },
    figures: {
      'UAR, with intervals over speakers': intervalsFigure(
        summaries.map(({ configuration, uar, interval }) => ({ name: configuration, value: uar.mean, interval })),
        { title: heading, xTitle: 'UAR in %', chance },
      ),
      Reliability: reliabilitiesFigure(
        Object.fromEntries(summaries.map(({ configuration, bins }) => [configuration, bins])),
      ),
      ...Object.fromEntries(
        summaries.map(({ configuration, confusion }) => [
          `Confusion matrix of ${configuration}, all seeds`,
          confusionFigure(confusion, labels, { normalise: true, title: configuration }),
        ]),
      ),
    },
  };
}

function summaryRow(summary: Summary): Rows[number] {
  const { configuration, results, uar, interval, macroF1, accuracy, calibrationError, worst } = summary;
  const ends = interval && [interval.low, interval.high].map((end) => (100 * end).toFixed(1)).join(' to ');
  return {
    configuration,
    'pre-trained': NETWORKS[results[0].network]?.encoder ? 'yes' : 'no',
    seeds: String(results.length),
    'UAR in %': `${spreadText(uar)}${ends ? ` (${ends})` : ''}`,
    'macro-F1': spreadText(macroF1),
    accuracy: spreadText(accuracy),
    worst: `${worst.name} ${percent(worst.recall)}${worst.takenFor ? `, taken for ${worst.takenFor}` : ''}`,
    ECE: spreadText(calibrationError),
    ...sexCells(summary),
  };
}

/** UAR of women and men, where both are known. */
function sexCells({ bySex: { female, male } }: Summary): Record<string, string> {
  return female && male ? { women: spreadText(female), men: spreadText(male) } : {};
}

function speakerRows(summaries: readonly Summary[]): Rows {
  const speakers = [...new Set(summaries.flatMap(({ bySpeaker }) => Object.keys(bySpeaker)))].sort();
  return speakers.map((speaker) => ({
    speaker,
    ...Object.fromEntries(
      summaries.map(({ configuration, bySpeaker: { [speaker]: uar } }) => [configuration, uar ? spreadText(uar) : '']),
    ),
  }));
}

function comparisonRow({ first, second, difference, p }: Comparison): Rows[number] {
  const points = 100 * difference;
  const sign = points < 0 ? '−' : '+';
  return { first, second, 'difference in points': `${sign}${Math.abs(points).toFixed(1)}`, p: p.toPrecision(2) };
}

/** In per cent: `88.4 ± 0.6`. */
function spreadText({ mean, deviation }: Spread): string {
  return [mean, deviation]
    .flatMap((value) => (value === undefined ? [] : [(100 * value).toFixed(1)]))
    .join('\u00a0±\u00a0');
}

function csvRows(result: CellResult): object[] {
  const { task, configuration, network, normalise, augment, seed, directory } = result;
  return partsOf(result).map(({ by, name, clips, speakers, assessment: { metrics, calibrationError } }) => {
    const [worst, { recall: worstRecall }] = weakestOf(metrics);
    const { uar, macroF1, accuracy } = metrics;
    return {
      ...{ task, configuration, network, normalise, augment: augment.join(' '), seed, by, name, clips, speakers },
      ...{ uar, macroF1, accuracy, worst, worstRecall, calibrationError, directory },
    };
  });
}

/** With what the runs were made: each version and machine once. */
function factsOf(results: readonly CellResult[]): string {
  const facts = results.map(({ environment: { project, commit, node, backend, cpu } }) =>
    [
      `version ${project}${commit ? ` (commit ${commit})` : ''}`,
      `Node ${node}, backend ${backend.name}${backend.tensorflow ? `, TensorFlow ${backend.tensorflow}` : ''}`,
      cpu,
    ].join('; '),
  );
  return `Made with ${[...new Set(facts)].join(' and ')}.`;
}

interface Parts {
  readonly plan: Plan;
  readonly intro: string;
  readonly sections: readonly Section[];
  /** Of each section's figures, relative to the file. */
  readonly pictures: readonly (readonly string[])[];
  readonly cost: ExperimentCost;
}

/** Says nothing of the cost: the same results are the same file, however long they took. */
function markdown({ plan, intro, sections, pictures }: Parts): string {
  const blocks = sections.flatMap(({ heading, text, tables, figures }, s) => [
    `## ${heading}`,
    text,
    ...Object.entries(tables).flatMap(([title, rows]) => [`### ${title}`, markdownTable(rows)]),
    ...Object.keys(figures).map((title, f) => `![${title}](${pictures[s][f]})`),
  ]);
  const planText = `\`\`\`json\n${JSON.stringify(plan, null, 2)}\n\`\`\``;
  return `${[`# ${plan.title}`, intro, NOTES, ...blocks, '## Plan', planText].join('\n\n')}\n`;
}

function markdownTable(rows: Rows): string {
  const head = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [head, head.map(() => '---'), ...rows.map((row) => head.map((name) => row[name] ?? ''))].map(line).join('\n');
}

function html({ plan, intro, sections, cost }: Parts): string {
  const blocks = sections.flatMap(({ heading, text, tables, figures }) => [
    `<h2>${escapeHtml(heading)}</h2><p>${escapeHtml(text)}</p>`,
    ...Object.entries(tables).map(([title, rows]) => `<h3>${escapeHtml(title)}</h3>${htmlTable(rows)}`),
    ...Object.entries(figures).map(
      ([title, figure]) => `<h3>${escapeHtml(title)}</h3>${figureHtml(withoutTitle(figure))}`,
    ),
  ]);
  const body = [
    `<h1>${escapeHtml(plan.title)}</h1><p>${escapeHtml(intro)}</p><p>${escapeHtml(NOTES)}</p>`,
    ...blocks,
    `<h2>Cost</h2><p>${escapeHtml(COST_NOTE)}</p>${htmlTable(costTable(cost))}`,
    `<h2>Plan</h2><pre>${escapeHtml(JSON.stringify(plan, null, 2))}</pre>`,
  ];
  return page({ title: plan.title, body: body.join('\n'), style: STYLE });
}

function htmlTable(rows: Rows): string {
  return `<div class="scroll">${tableHtml(rows, { rows: rows.length })}</div>`;
}

const STYLE =
  'td,th{padding:.2em .8em .2em 0;vertical-align:top}table{border-collapse:collapse;font-size:.92em}pre{overflow-x:auto}';
