/**
 * Pages. In: figures, tables, sounds and facts. Out: HTML that works offline, PNG and SVG, and what a notebook shows below
 * a cell. This file writes a run's report; the others make its parts, or show one thing.
 */

import { type FileProblem, LISTED, problemGroups } from '../common/problems.js';
import { count, duration, enumeration, MOST_SHOWN, percent as percentage, withCommas } from '../common/text.js';
import { SUBSETS, type Subset } from '../dataset/splits.js';
import { chanceLevel, clipsOf, type Metrics, occurring, weakestOf } from '../evaluation/metrics.js';
import { type Figure, withoutTitle } from '../plots/figure.js';
import type { HistoryRow } from '../plots/results.js';
import { escapeHtml, figureHtml, page } from './html.js';

/** Settings or facts, by name. */
export type Facts = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** Everything that a report says about one run. */
export interface ReportData {
  readonly title: string;
  /** Date and time, as shown. */
  readonly created: string;
  /** The command that makes the same run; undefined where only TypeScript can. */
  readonly command?: string;
  readonly corpus: {
    readonly name: string;
    readonly title: string;
    /** What is special about this copy. */
    readonly note?: string;
  };
  readonly protocol: {
    readonly name: string;
    /** In a sentence or two: who is on which side of the split. */
    readonly description: string;
    /** Whether the result is better than what new speakers would give. */
    readonly optimistic: boolean;
  };
  /** What has to be said where speakers are not known. */
  readonly unknownSpeakers?: string;
  /** What else has to be said of the clips, e.g. of rare emotions. */
  readonly notes?: readonly string[];
  /** How much of the clips the network does not hear, in a sentence; undefined where it hears all. */
  readonly unheard?: string;
  /** What a network learnt from before, and where it heard that; undefined where it began from nothing. */
  readonly pretrained?: string;
  readonly seed: number;
  readonly config: Facts;
  readonly environment: Facts;
  readonly sets: Readonly<Partial<Record<Subset, Metrics>>> & { readonly test: Metrics };
  /** UAR of guessing on the test set. */
  readonly chance: number;
  /** Class names in the order of the network's outputs. */
  readonly labels: readonly string[];
  readonly history: readonly HistoryRow[];
  /** The epoch whose weights were kept, from 1. */
  readonly bestEpoch: number;
  /** Of an ensemble: how its members' answers become one, in a sentence. */
  readonly blend?: string;
  /** Time that each step took. */
  readonly seconds: {
    readonly features: number;
    readonly training: number;
    readonly evaluation: number;
    readonly total: number;
  };
  /** What the run had cost when the report was written, in words. */
  readonly cost?: string;
  readonly splits: readonly { readonly set: Subset; readonly clips: number; readonly speakers: readonly string[] }[];
  /** What to keep in mind of clips of several corpora. */
  readonly mixture?: string;
  /** How folders were understood, where these say the emotions. */
  readonly folders?: string;
  /** The result of each corpus by itself, where there are several; no figures of one that is not tested. */
  readonly corpora?: readonly { readonly name: string; readonly test?: Metrics }[];
  /** Clips that were left out as unusable, and why. */
  readonly skipped: readonly FileProblem[];
  /** Recordings that are no clips, and why. */
  readonly leftOut?: readonly FileProblem[];
  /** Wrong predictions of the test set, the most confident first. */
  readonly mostConfidentMistakes: readonly {
    readonly path: string;
    readonly true: string;
    readonly predicted: string;
    /** Of the predicted class, 0 to 1. */
    readonly probability: number;
  }[];
  readonly figures: readonly { readonly title: string; readonly figure: Figure; readonly caption: string }[];
}

/**
 * One run as a page to send to a colleague: the result in words, what limits it, the figures behind it, and what is
 * needed to repeat it. It needs no network and no other file.
 *
 * @returns a whole HTML document, about 5 MB (Plotly)
 */
export function reportHtml(report: ReportData): string {
  const { corpora = [], leftOut = [] } = report;
  const body = [
    header(report),
    result(report),
    caveats(report),
    section('Result by set', setsTable(report) + SETS_NOTE),
    section('Result by class (test set)', classTable(report)),
    ...(corpora.length > 0 ? [section('Result by corpus (test set)', corporaTable(corpora))] : []),
    section('Figures', report.figures.map(figureBlock).join('\n')),
    section('Most confident mistakes (test set)', mistakes(report)),
    section('Training', training(report)),
    section('Data and split', split(report)),
    section('Configuration', facts({ seed: report.seed, ...report.config })),
    section('Environment', facts(report.environment)),
    section('Skipped files', problems(report.skipped, 'clips.csv')),
    ...(leftOut.length > 0 ? [section('Recordings that are no clips', problems(leftOut, 'clips.csv'))] : []),
  ];
  return page({ title: report.title, body: body.join('\n'), style: STYLE });
}

function header({ title, created, corpus, protocol, command }: ReportData): string {
  return `<h1>${escapeHtml(title)}</h1>
<p class="meta">${escapeHtml(created)} · corpus: ${escapeHtml(corpus.title)} (${escapeHtml(corpus.name)}) · protocol: ${escapeHtml(protocol.name)}</p>
<p class="meta">Made with ${command ? `<code>${escapeHtml(command)}</code>` : '<code>run()</code> and the configuration in config.json, for which the command has no options'}</p>`;
}

/** The result in words. */
export function result({ sets, chance }: Pick<ReportData, 'sets' | 'chance'>): string {
  const { test } = sets;
  const classes = occurring(test);
  const clips = clipsOf(test);
  const [name, weakest] = weakestOf(test);
  return `<section class="headline"><h2>Result</h2>
<p class="number">UAR ${percent(test.uar)} <span>· accuracy ${percent(test.accuracy)} · chance ${percent(chance)}</span></p>
<p>On the test set (${count(clips, 'clip')}, ${count(classes.length, 'class', 'classes')}) the network names the right emotion for ${percent(test.accuracy)} of the clips (accuracy). Averaged over the classes, so that each counts equally, it recognises ${percent(test.uar)} (unweighted average recall, UAR); guessing would reach ${percent(chance)}.${test.uar <= chance ? ' <strong>That is no better than guessing.</strong>' : ''} The weakest class is ${escapeHtml(name)}: ${percent(weakest.recall)} of its ${count(weakest.support, 'clip')} recognised.</p>
</section>`;
}

function caveats(report: ReportData): string {
  const { corpus, protocol, folders, mixture, unknownSpeakers, notes = [], unheard, pretrained } = report;
  const { sets, splits, skipped, leftOut = [], labels } = report;
  const absent = labels.filter((label) => !sets.test.perClass[label]?.support);
  const { validation } = sets;
  const unvalidated = validation ? labels.filter((label) => !validation.perClass[label]?.support) : [];
  const speakers = splits.find(({ set }) => set === 'test')?.speakers.length;
  const points = [
    protocol.optimistic &&
      '<strong>The protocol is optimistic.</strong> The test set holds speakers and sentences that the network knows from training, or was used during training (the next point says which). Expect worse results for speakers that the network has never heard.',
    `Protocol: ${escapeHtml(protocol.description)}`,
    folders !== undefined && escapeHtml(folders),
    mixture !== undefined && escapeHtml(mixture),
    unknownSpeakers !== undefined && escapeHtml(unknownSpeakers),
    corpus.note !== undefined && corpus.note !== '' && `About this copy of the corpus: ${escapeHtml(corpus.note)}`,
    unheard !== undefined && `${escapeHtml(unheard)}.`,
    pretrained !== undefined &&
      `Pre-trained: the network uses ${escapeHtml(pretrained)}. Nobody can rule out that recordings of this corpus were among them, and its figures do not compare with those of networks that began from nothing.`,
    speakers === 1 && 'The test set has a single speaker, so the result says little about other people.',
    ...notes.map(escapeHtml),
    unvalidated.length > 0 &&
      `Training was steered without them, because the validation set has no such clips: ${unvalidated.map(escapeHtml).join(', ')}.`,
    absent.length > 0 && `Not tested, because the test set has no such clips: ${absent.map(escapeHtml).join(', ')}.`,
    skipped.length > 0 &&
      `${count(skipped.length, 'file')} could not be used and ${skipped.length === 1 ? 'was' : 'were'} left out, as listed at the end.`,
    leftOut.length > 0 &&
      `Not all recordings that are there were taken: ${enumeration(
        problemGroups(leftOut).map(({ reason, paths }) => `${withCommas(paths.length)} (${escapeHtml(reason)})`),
      )}; see the end.`,
    'This is one run with one seed. Another seed would give a somewhat different result.',
  ];
  return `<section class="caveats${protocol.optimistic ? ' optimistic' : ''}"><h2>What to keep in mind</h2>
<ul>${points
    .filter(Boolean)
    .map((point) => `<li>${point}</li>`)
    .join('')}</ul></section>`;
}

const MEASURES =
  'UAR: unweighted average recall, the mean recall of the classes. Macro-F1: the mean F1 of the classes. Loss: cross-entropy in nats, lower is better.';

/** What the figures of a set are. */
export const MEASURES_NOTE = `<p class="note">${MEASURES}</p>`;

const SETS_NOTE = `<p class="note">${MEASURES} The training set is what the network learned from: its figures say nothing about new recordings.</p>`;

/** The figures of each set. */
export function setsTable({ sets }: Pick<ReportData, 'sets'>): string {
  const present = SUBSETS.filter((set) => sets[set] !== undefined);
  const row = (name: string, value: (metrics: Metrics) => string) => [
    escapeHtml(name),
    ...present.map((set) => value(sets[set]!)),
  ];
  return table(
    ['', ...present.map(titleOf)],
    [
      row('UAR', (metrics) => percent(metrics.uar)),
      row('Accuracy', (metrics) => percent(metrics.accuracy)),
      row('Macro-F1', (metrics) => percent(metrics.macroF1)),
      row('Loss', (metrics) => metrics.loss.toFixed(3)),
      row('Clips', (metrics) => withCommas(clipsOf(metrics))),
    ],
  );
}

/** The figures of each class. */
export function classTable({ sets, labels }: Pick<ReportData, 'sets' | 'labels'>): string {
  return table(
    ['Class', 'Recall', 'Precision', 'F1', 'Clips'],
    labels.map((label) => {
      const each = sets.test.perClass[label];
      if (!each) throw new RangeError(`Cannot write a report: the test set has no figures for the class '${label}'`);
      const share = (value: number, known = true) => (known ? percent(value) : '–');
      return [
        escapeHtml(label),
        share(each.recall, each.support > 0),
        share(each.precision),
        share(each.f1),
        withCommas(each.support),
      ];
    }),
  );
}

/** A figure with its title and what it shows. */
export function figureBlock({ title, figure, caption }: ReportData['figures'][number]): string {
  return `<figure><h3>${escapeHtml(title)}</h3>${figureHtml(withoutTitle(figure))}<figcaption>${escapeHtml(caption)}</figcaption></figure>`;
}

/** The most confident mistakes. */
export function mistakes({ mostConfidentMistakes }: Pick<ReportData, 'mostConfidentMistakes'>): string {
  if (mostConfidentMistakes.length === 0) return '<p>None: every clip of the test set was recognised.</p>';
  return table(
    ['Clip', 'True', 'Predicted', 'Probability'],
    mostConfidentMistakes.map((row) => [
      `<code>${escapeHtml(row.path)}</code>`,
      escapeHtml(row.true),
      escapeHtml(row.predicted),
      percent(row.probability),
    ]),
    3,
  );
}

function training({ history, bestEpoch, blend, seconds, cost }: ReportData): string {
  const best = history.find((row) => row.epoch === bestEpoch);
  const words =
    history.length === 0
      ? `<p>${escapeHtml(blend ?? 'Fitted at once, by a formula: there are no epochs.')}</p>`
      : `<p>${count(history.length, 'epoch')}; the weights of epoch ${bestEpoch} were kept${best ? ` (validation accuracy ${percent(best.valAccuracy)}, validation loss ${best.valLoss.toFixed(3)})` : ''}.</p>`;
  const steps = {
    Features: seconds.features,
    Training: seconds.training,
    Evaluation: seconds.evaluation,
    Total: seconds.total,
  };
  return (
    words +
    table(
      ['Step', 'Time'],
      Object.entries(steps).map(([step, value]) => [step, duration(value, 1)]),
    ) +
    (cost === undefined
      ? ''
      : `<p class="note">All in all, earlier sittings included and but for the end of this report: ${escapeHtml(cost)}.</p>`)
  );
}

function split({ splits, seed }: ReportData): string {
  return `${table(
    ['Set', 'Clips', 'Speakers', 'Who'],
    splits.map(({ set, clips, speakers }) => [
      titleOf(set),
      withCommas(clips),
      withCommas(speakers.length),
      escapeHtml(enumeration(speakers)),
    ]),
    1,
    [3],
  )}<p class="note">The split was drawn with seed ${seed}.</p>`;
}

function corporaTable(corpora: NonNullable<ReportData['corpora']>): string {
  return table(
    ['Corpus', 'UAR', 'Accuracy', 'Chance', 'Clips'],
    corpora.map(({ name, test }) => [
      escapeHtml(name),
      ...(test ? [test.uar, test.accuracy, chanceLevel(test)].map(percent) : ['–', '–', '–']),
      withCommas(test ? clipsOf(test) : 0),
    ]),
  );
}

/**
 * What is wrong with files, each reason once with the first files that have it.
 *
 * @param list - the file that has all of them
 */
export function problems(files: readonly FileProblem[], list: string): string {
  if (files.length === 0) return '<p>None.</p>';
  const groups = problemGroups(files);
  const rows = groups.slice(0, MOST_SHOWN).map(({ reason, paths }) => {
    const names = paths.slice(0, LISTED).map((path) => `<code>${escapeHtml(path)}</code>`);
    const more = paths.length > LISTED ? [`… and ${withCommas(paths.length - LISTED)} more, all in ${list}`] : [];
    const number = paths.length > 1 ? `${count(paths.length, 'file')}: ` : '';
    return [[...names, ...more].join('<br>'), number + escapeHtml(reason)];
  });
  const note = `<p class="note">The first ${MOST_SHOWN} of ${withCommas(groups.length)} reasons; all are in ${list}.</p>`;
  return table(['File', 'Reason'], rows, 2) + (groups.length > MOST_SHOWN ? note : '');
}

/** Names and values. */
export function facts(values: Facts): string {
  return table(
    ['Name', 'Value'],
    Object.entries(values)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [escapeHtml(name), escapeHtml(String(value))]),
    2,
  );
}

/** A table of ready HTML cells. The first `texts` columns and those in `more` are words, the others numbers. */
function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  texts = 1,
  more: readonly number[] = [],
): string {
  const kind = (column: number) => (column < texts || more.includes(column) ? '' : ' class="n"');
  const cells = (row: readonly string[], tag: string) =>
    `<tr>${row.map((cell, column) => `<${tag}${kind(column)}>${cell}</${tag}>`).join('')}</tr>`;
  return `<div class="scroll"><table><thead>${cells(head, 'th')}</thead><tbody>${rows.map((row) => cells(row, 'td')).join('\n')}</tbody></table></div>`;
}

/** A part of a report. */
export function section(title: string, content: string): string {
  return `<section><h2>${escapeHtml(title)}</h2>${content}</section>`;
}

function titleOf(set: Subset): string {
  return { train: 'Training', validation: 'Validation', test: 'Test' }[set];
}

/** With a space at which no line breaks. */
function percent(share: number): string {
  return percentage(share).replace(' ', '&nbsp;');
}

/** How reports look. */
export const STYLE = `
h2 { font-size: 1.2em; margin: 1.8em 0 .5em; break-after: avoid; }
h3 { font-size: 1em; margin: 1.2em 0 .2em; break-after: avoid; }
p, ul { margin: .5em 0; }
ul { padding-left: 1.3em; }
code { font: .88em/1.4 "DejaVu Sans Mono", Consolas, monospace; overflow-wrap: anywhere; }
.meta, .note, figcaption { color: #555; font-size: .9em; }
.meta { margin: .2em 0; }
.headline, .caveats { border-left: 4px solid #0072B2; background: #f3f7fa; padding: .6em 1em; margin: 1.2em 0; break-inside: avoid; }
.caveats { border-color: #7F7F7F; background: #f6f6f6; }
.optimistic { border-color: #D55E00; background: #fdf3ec; }
.headline h2, .caveats h2 { margin-top: 0; }
.number { font-size: 1.5em; font-weight: bold; line-height: 1.3; }
.number span { font-size: .7em; font-weight: normal; }
table { border-collapse: collapse; font-size: .92em; }
th, td { text-align: left; vertical-align: top; padding: .3em 1.2em .3em 0; border-bottom: 1px solid #ddd; overflow-wrap: break-word; min-width: 3.5em; }
th { border-bottom-color: #262626; overflow-wrap: normal; }
.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
tr, figure { break-inside: avoid; }
figure { margin: 0 0 1.5em; }
@media (max-width: 500px) { th, td { padding-right: .8em; } }
@media print { body { max-width: none; padding: 0; font-size: 11pt; } .modebar { display: none; } .scroll { overflow: visible; } @page { margin: 15mm; } }
`;
