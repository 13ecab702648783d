import { count, enumeration, percent } from '../common/text.js';
import { PROTOCOL_DESCRIPTIONS, type Protocol, type Subset } from '../dataset/splits.js';
import { chanceLevel, clipsOf, type Metrics, weakestOf } from '../evaluation/metrics.js';
import { type Figure, withoutTitle } from '../plots/figure.js';
import { confusionFigure, type HistoryRow, lossesFigure, recallsFigure } from '../plots/results.js';
import { escapeHtml, figureHtml, page } from './html.js';

/** One network of a comparison. */
export interface ComparedNetwork {
  readonly name: string;
  /** In one line. */
  readonly description: string;
  /** Whether it, or a part of it, learnt from other recordings before. */
  readonly pretrained: boolean;
  /** Where its own report is, beside the page. */
  readonly report: string;
  /** Class names in the order of the network's outputs. */
  readonly labels: readonly string[];
  readonly metrics: Readonly<Record<Subset, Metrics>>;
  /** Empty where there are no epochs. */
  readonly history: readonly HistoryRow[];
  /** What it is given of one clip. */
  readonly heard?: Figure;
}

/** What a page that sets networks side by side says. */
export interface ComparisonReport {
  /** The corpus. */
  readonly data: string;
  readonly protocol: Protocol;
  readonly seed: number;
  readonly testSpeakers: readonly string[];
  /** What has to be said where speakers are not known. */
  readonly unknownSpeakers?: string;
  /** Trained, validated and tested with the same clips. */
  readonly networks: readonly ComparedNetwork[];
  /** The name of the one that is best on the validation set. */
  readonly best: string;
}

/**
 * Several networks side by side: how good each is, which emotions it finds and what it takes them for, how it learnt, and
 * what it hears.
 *
 * @returns a whole HTML document, about 5 MB (Plotly)
 */
export function comparisonHtml(report: ComparisonReport): string {
  const { data, protocol, seed, testSpeakers, unknownSpeakers, networks, best } = report;
  const [{ metrics }] = networks;
  const chance = percent(chanceLevel(metrics.test));
  const learnt = networks.filter(({ history }) => history.length > 0);
  const figures: [heading: string, note: string, figures: readonly Figure[]][] = [
    [
      'Recall by emotion',
      'Share of the clips of each emotion that are found.',
      [withoutTitle(recallsFigure(Object.fromEntries(networks.map((each) => [each.name, each.metrics.test]))))],
    ],
    [
      'What each takes emotions for',
      "Shares of each true emotion's clips; the diagonal holds the recalls.",
      networks.map(({ name, metrics: { test }, labels }) =>
        confusionFigure(test.confusion, labels, { normalise: true, title: name }),
      ),
    ],
    [
      'How they learnt',
      'Loss by epoch; what is fitted at once has no epochs.',
      learnt.length > 0
        ? [withoutTitle(lossesFigure(Object.fromEntries(learnt.map(({ name, history }) => [name, history]))))]
        : [],
    ],
    [
      'What each hears',
      'The first clip of the test set as it is given to each network.',
      networks.flatMap(({ heard }) => heard ?? []),
    ],
  ];
  const rows = networks.map(({ name, description, pretrained, report, metrics: { validation, test } }) => {
    const [weakest, { recall }] = weakestOf(test);
    return [
      `<a href="${escapeHtml(report)}">${escapeHtml(name)}</a>${name === best ? ' ★' : ''}`,
      escapeHtml(description) + (pretrained ? ' <em>(pre-trained)</em>' : ''),
      percent(validation.uar),
      `<strong>${percent(test.uar)}</strong>`,
      percent(test.accuracy),
      percent(test.macroF1),
      `${percent(recall)}, ${escapeHtml(weakest)}`,
    ];
  });
  const head = ['network', 'what it is', 'UAR, validation', 'UAR, test', 'accuracy', 'macro-F1', 'weakest emotion'];
  const cells = (row: readonly string[], tag: string) =>
    `<tr>${row.map((cell) => `<${tag}>${cell}</${tag}>`).join('')}</tr>`;
  const tested =
    testSpeakers.length === 0
      ? 'unknown speakers'
      : testSpeakers.length === 1
        ? `speaker ${testSpeakers[0]}`
        : `speakers ${enumeration(testSpeakers)}`;
  const body = [
    `<h1>Networks side by side</h1>`,
    `<p>Corpus: ${escapeHtml(data)}. All networks were trained, validated and tested with the same clips (seed ${seed}), tested with ${count(clipsOf(metrics.test), 'clip')} of ${escapeHtml(tested)}. Protocol ${protocol}: ${escapeHtml(PROTOCOL_DESCRIPTIONS[protocol])}. ${unknownSpeakers === undefined ? '' : `${escapeHtml(unknownSpeakers)} `}Guessing would have a UAR of ${chance}.</p>`,
    `<div class="scroll"><table><thead>${cells(head, 'th')}</thead><tbody>${rows.map((row) => cells(row, 'td')).join('')}</tbody></table></div>`,
    `<p>UAR: the mean recall of the emotions. ★ The best on the validation set, which <code>ser predict</code> takes; the test set had no say in it. What is pre-trained has heard much other speech, perhaps this corpus, and does not compare with what began from nothing. This is one split with one seed: <code>ser run --folds</code> tests with every speaker.</p>`,
    ...figures.flatMap(([heading, note, drawn]) =>
      drawn.length > 0
        ? [`<h2>${heading}</h2><p>${note}</p><div class="side">${drawn.map((one) => figureHtml(one)).join('')}</div>`]
        : [],
    ),
  ];
  return page({ title: 'Networks side by side', body: body.join('\n'), style: STYLE });
}

const STYLE = `
body { max-width: 1200px; }
td, th { padding: .3em 1em .3em 0; text-align: left; vertical-align: top; border-bottom: 1px solid #ddd; }
.side { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(560px, 100%), 1fr)); gap: 1em; }
`;
