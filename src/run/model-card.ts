import { count, percent } from '../common/text.js';
import { languagesOf, readersOf, titleOf } from '../corpora/corpora.js';
import { corporaOf, mixtureNote } from '../corpora/mixture.js';
import type { CorpusReader } from '../corpora/reader.js';
import { speakersInWords, speakersOf, unknownSpeakersNote } from '../corpora/speakers.js';
import { PROTOCOL_DESCRIPTIONS, type Split } from '../dataset/splits.js';
import { ENCODERS } from '../encoder/encoder.js';
import { chanceLevel, occurring, weakestOf } from '../evaluation/metrics.js';
import { type Assessment, assess } from '../evaluation/predictions.js';
import { TAKES_AND_GIVES, takesAndGivesSection } from '../exchange/card.js';
import { NETWORKS } from '../networks/networks.js';
import { type FoldsReport, foldsInWords } from '../pages/folds.js';
import type { Json, JsonObject } from '../plots/figure.js';
import { commandOf } from './command.js';
import { copiesInWords } from './copies.js';
import { noteOf } from './corpus-note.js';
import { blendInWords } from './ensemble.js';
import { setsShown } from './figures.js';
import { takenSettings } from './fit.js';
import type { Outcome } from './outcome.js';

/** The names that Hugging Face has for the licences of corpora; others are `other` there. */
const LICENCE_NAMES: Readonly<Record<string, string>> = {
  'CC0-1.0': 'cc0-1.0',
  'CC BY 4.0': 'cc-by-4.0',
  'CC BY-NC-SA 4.0': 'cc-by-nc-sa-4.0',
  'CC BY-NC-ND 4.0': 'cc-by-nc-nd-4.0',
  'ODbL 1.0': 'odbl',
};

/** Digits of a share in the metadata. */
const DIGITS = 4;

/** How good a model is with some clips. */
export interface CardFigures extends Pick<Assessment, 'metrics' | 'calibrationError'> {
  /** Which clips, in a few words. */
  readonly name: string;
}

/** The same of another corpus. */
export interface ElsewhereFigures extends CardFigures {
  /** Its clips of emotions that the model does not know, by emotion: they were left out. */
  readonly unknown: Readonly<Record<string, number>>;
}

/** What a model card tells. */
export interface CardFacts extends Pick<Outcome, 'directory' | 'corpus' | 'environment' | 'fitted' | 'blend'> {
  readonly prepared: Omit<Outcome['prepared'], 'split'> & { readonly split?: Split };
  /** In the order in which they are shown; the last are of clips that the model was tested with. */
  readonly figures: readonly CardFigures[];
  /** What the model was tested by in place of a split: others like it, each without some speakers or texts. */
  readonly folds?: Pick<FoldsReport, 'by' | 'groups'>;
  /** How good it is with other corpora. */
  readonly elsewhere?: readonly ElsewhereFigures[];
}

/** What there is to tell of a run's model. */
export function cardFacts(outcome: Outcome): CardFacts {
  const { clips, split, labels } = outcome.prepared;
  const { probabilities } = outcome;
  const figures = setsShown(split).map((set) => ({
    name: set,
    ...assess({ clips, split, labels, probabilities }, split[set]),
  }));
  return { ...outcome, figures };
}

/**
 * A model card: what a model is and was made of, how good it is by which protocol, and what it must not be used for. In
 * Markdown, with the metadata that Hugging Face reads on top.
 *
 * @see https://huggingface.co/docs/hub/model-cards
 */
export function modelCard(facts: CardFacts): string {
  const { corpus, prepared } = facts;
  const title = titleOf(prepared.clips) ?? corpus.name;
  return `${[
    `---\n${yaml(metadata(facts))}\n---`,
    `# Speech emotion recognition: \`${prepared.config.network}\`, trained on ${title}`,
    purpose(facts),
    use(facts),
    takesAndGivesOf(facts),
    data(facts),
    division(facts),
    results(facts),
    elsewhere(facts),
    limits(facts),
    prohibitions(),
    licences(facts),
    versions(facts),
  ]
    .filter(Boolean)
    .join('\n\n')}\n`;
}

/** Only keys that Hugging Face documents: https://github.com/huggingface/hub-docs/blob/main/modelcard.md */
function metadata({ corpus, prepared, figures, folds }: CardFacts): JsonObject {
  const { network, protocol } = prepared.config;
  const readers = readersOf(prepared.clips);
  const languages = languagesOf(prepared.clips);
  const plain = (name: string) => name.replaceAll(/[^\w.-]+/g, '-');
  const dataset = plain(corpus.name);
  const { encoder } = NETWORKS[network];
  const { accuracy, uar, macroF1 } = tested(figures).metrics;
  const value = (share: number) => Number(share.toFixed(DIGITS));
  return {
    ...(languages.length > 0 && { language: languages }),
    ...licenceMetadata(readers),
    pipeline_tag: 'audio-classification',
    tags: ['audio', 'speech', 'speech-emotion-recognition', 'tensorflow.js'],
    datasets: corporaOf(prepared.clips).map(plain),
    metrics: ['accuracy', 'recall', 'f1'],
    ...(encoder && { base_model: ENCODERS[encoder].cutFrom }),
    'model-index': [
      {
        name: `${network}-${dataset}`,
        results: [
          {
            task: { type: 'audio-classification', name: 'Speech emotion recognition' },
            dataset: {
              type: dataset,
              name: titleOf(prepared.clips) ?? corpus.name,
              split: 'test',
              args: { protocol, ...(folds && { folds: foldsInWords(folds) }) },
            },
            metrics: [
              { type: 'accuracy', value: value(accuracy), name: 'Accuracy' },
              { type: 'recall', value: value(uar), name: 'Unweighted average recall', args: { average: 'macro' } },
              { type: 'f1', value: value(macroF1), name: 'Macro F1', args: { average: 'macro' } },
            ],
          },
        ],
      },
    ],
  };
}

/** The model's: its corpora's, as its weights were made of them. */
function licenceMetadata(readers: readonly CorpusReader[]): JsonObject {
  const licences = [...new Set(readers.map(({ licence }) => licence))];
  const known = licences.length === 1 && LICENCE_NAMES[licences[0]];
  return known ? { license: known } : { license: 'other', license_name: licences.join('; ') || 'unknown' };
}

/** What says most about the model. */
function tested(figures: CardFacts['figures']): CardFigures {
  return figures[figures.length - 1];
}

function purpose({ corpus, prepared }: CardFacts): string {
  const { network } = prepared.config;
  const { description, encoder } = NETWORKS[network];
  return section(
    'What it is',
    `A network that tells which of ${prepared.labels.length} emotions a voice expresses: ${prepared.labels.join(', ')}. It gives one probability for each. It is \`${network}\`: ${description}.`,
    encoder && `The encoder is ${ENCODERS[encoder].description}. It was not trained any further.`,
    `It was made for research and teaching with ${corpus.name}: to see what can be heard of acted or labelled emotions, and how that is measured.`,
  );
}

function use({ environment }: CardFacts): string {
  return section(
    'How to use it',
    `With \`speech-emotion\` ${environment.project}, in TypeScript; \`FOLDER\` is the one that this card is in:`,
    "```ts\nimport { loadModel } from 'speech-emotion';\nconst model = await loadModel('FOLDER');\nconst { emotion, probabilities } = await model.predict('hello.wav');\n```",
    'Or with the command:',
    '```sh\nspeech-emotion predict --model FOLDER hello.wav\n```',
  );
}

/** Of an ensemble, each member's card says it. */
function takesAndGivesOf({ prepared }: CardFacts): string {
  if (NETWORKS[prepared.config.network].fitting.by !== 'members') return takesAndGivesSection(takenSettings(prepared));
  return section(
    TAKES_AND_GIVES,
    `Gives one probability for each of, in this order: ${prepared.labels.join(', ')}. What its members take is in their own cards, in their folders.`,
  );
}

function data({ corpus, prepared }: CardFacts): string {
  const { clips, labels, skipped } = prepared;
  const readers = readersOf(clips);
  const sexes = (['female', 'male'] as const).flatMap((sex) => {
    const some = speakersOf(clips.filter((clip) => clip.sex === sex)).length;
    return some > 0 ? [`${some} ${sex}`] : [];
  });
  return section(
    'Data',
    ...readers.map(({ title, licence, source, citation }) =>
      [`${title}, licence: ${licence}.\n`, `- Source: ${source}`, `- ${citation}`].join('\n'),
    ),
    noteOf(clips),
    readers.length === 0 &&
      `Recordings described by whoever trained the model, as ${corpus.name}. Their licence and source are not known to this card.`,
    mixtureNote(clips),
    `${count(clips.length, 'clip')} of ${speakersInWords(clips)}${sexes.length > 0 ? ` (${sexes.join(', ')})` : ''}; ${count(skipped.length, 'unusable clip was', 'unusable clips were')} left out.`,
    table(
      ['emotion', 'clips'],
      labels.map((label) => [label, String(clips.filter(({ emotion }) => emotion === label).length)]),
    ),
  );
}

function division({ prepared, folds }: CardFacts): string {
  const { config, split, clips } = prepared;
  const { by } = NETWORKS[config.network].fitting;
  const copies = copiesInWords(config);
  if (!split)
    return section(
      'How the clips were divided',
      `In the end the model was fitted to all clips, so that there are no figures of its own. They are of others like it, with ${foldsInWords(folds!)}: every clip was answered by one that has not heard its ${folds!.by}. How sure the model is was fitted to such answers, too.`,
      copies,
    );
  return section(
    'How the clips were divided',
    `Protocol \`${config.protocol}\`: ${PROTOCOL_DESCRIPTIONS[config.protocol]}.`,
    unknownSpeakersNote(clips),
    split.optimistic && '**The figures below are optimistic**: they say little of voices that the model has not heard.',
    table(
      ['set', 'clips', 'speakers'],
      setsShown(split).map((set) => [
        set,
        String(split[set].length),
        String(speakersOf(split[set].map((i) => clips[i])).length || 'unknown'),
      ]),
    ),
    split.validationBy === 'test set'
      ? 'The test set also steered training.'
      : `The validation set was divided from the training set by ${split.validationBy}, to steer training.`,
    by === 'closed form' &&
      split.validationBy !== 'test set' &&
      'In the end the model was fitted to both; the figures of the validation set are of one fitted to the training set alone.',
    by === 'members' &&
      'That set also gave the shares of the members and the temperature. How each member was fitted is in its own card, in its folder.',
    copies,
  );
}

function results({ prepared, figures }: CardFacts): string {
  const { labels, split } = prepared;
  const { metrics, calibrationError } = tested(figures);
  const which = split ? 'on the test set' : 'of those left out';
  return section(
    'Results',
    `Guessing finds ${percent(chanceLevel(metrics))} of each emotion. UAR is the mean of the emotions' recalls.`,
    figuresTable('set', figures),
    `By emotion, ${which}:`,
    table(
      ['emotion', 'clips', 'recall', 'precision', 'F1'],
      labels.map((label) => {
        const { support, recall, precision, f1 } = metrics.perClass[label];
        return [label, String(support), ...[recall, precision, f1].map((share) => percent(share))];
      }),
    ),
    `**Calibration.** ${split ? 'On the test set' : 'With those left out'}, how sure the model is and how often it is right differ by ${percent(calibrationError)} on average (expected calibration error, ten steps). On other recordings expect more.`,
  );
}

function figuresTable(of: string, figures: readonly CardFigures[]): string {
  return table(
    [of, 'UAR', 'macro F1', 'accuracy', 'calibration error'],
    figures.map(({ name, metrics: { uar, macroF1, accuracy }, calibrationError }) => [
      name,
      ...[uar, macroF1, accuracy, calibrationError].map((share) => percent(share)),
    ]),
  );
}

function elsewhere({ elsewhere: corpora = [] }: CardFacts): string | false {
  if (corpora.length === 0) return false;
  const leftOut = corpora.flatMap(({ name, unknown }) => {
    const emotions = Object.keys(unknown);
    return emotions.length === 0 ? [] : [`${name}: without ${emotions.join(', ')}, which the model does not know.`];
  });
  return section(
    'With other corpora',
    'Other voices, other microphones, and where so noted another language; nothing of them was used to make the model.',
    figuresTable('corpus', corpora),
    ...leftOut,
    'Found of each emotion:',
    ...corpora.map(({ metrics }) =>
      occurring(metrics)
        .map(([label, { recall }]) => `${label} ${percent(recall)}`)
        .join(', '),
    ),
  );
}

function limits({ prepared, figures, elsewhere = [] }: CardFacts): string {
  const { clips, split, labels } = prepared;
  const { metrics } = tested(figures);
  const readers = readersOf(clips);
  const languages = languagesOf(clips);
  const heard = split ? [...split.train, ...split.validation].map((i) => clips[i]) : clips;
  const [worst, { recall }] = weakestOf(metrics);
  return section(
    'Limits',
    [
      actingInWords(readers),
      `It was made with the voices of ${speakersInWords(heard)}: of other voices, ages, accents and microphones expect less.`,
      languages.length === 0
        ? 'Which languages they speak is not known to this card; nothing is known of others.'
        : `${languages.length === 1 ? 'All of them speak one language' : 'They speak several languages'} (${languages.join(', ')}); ${elsewhere.length > 0 ? 'what is known of others is above' : 'nothing is known of others'}.`,
      `It knows ${labels.length} emotions and always answers with one of them.`,
      `Of ${split ? "the test set's" : 'all'} emotions it finds ${worst} worst: ${percent(recall)}.`,
    ]
      .map((limit) => `- ${limit}`)
      .join('\n'),
  );
}

function actingInWords(readers: readonly CorpusReader[]): string {
  if (readers.length === 0)
    return 'Whether the emotions are acted or felt is not known to this card. A label is what somebody heard or was asked to act, not what somebody felt.';
  const natural = readers.filter(({ acted = true }) => !acted).map(({ name }) => name);
  if (natural.length === readers.length)
    return 'The emotions are not acted. A label is what somebody heard, not what somebody felt.';
  const but = natural.length > 0 ? `, but for those of ${natural.join(', ')}` : '';
  return `The emotions are acted${but}. What people feel, and how they speak when they are not acting, is another matter.`;
}

function prohibitions(): string {
  return section(
    'What it must not be used for',
    [
      '- Decisions about people, such as hiring, dismissal, credit, insurance or policing.',
      '- Surveillance, or judging people who have not agreed to it.',
      '- Inferring emotions at work or in education: in the European Union this is prohibited, except for medical or safety reasons, by Article 5(1)(f) of the AI Act, Regulation (EU) 2024/1689.',
      '- Diagnosis, therapy or any other medical use.',
    ].join('\n'),
  );
}

function licences({ prepared }: CardFacts): string {
  const readers = readersOf(prepared.clips);
  const { encoder } = NETWORKS[prepared.config.network];
  return section(
    'Licences',
    [
      ...readers.map(
        ({ name, licence }) =>
          `The weights in this folder were made of ${readers.length > 1 ? name : 'the corpus'}, and this card passes its licence on: ${licence}.`,
      ),
      readers.length === 0 &&
        'The weights in this folder were made of recordings whose licence is not known to this card: ask whoever trained the model.',
      ...(encoder
        ? [
            `The encoder, \`${encoder}\`, is not in this folder, it comes with the project: ${ENCODERS[encoder].licence}.`,
          ]
        : []),
      'The code that reads this folder, `speech-emotion`: MIT.',
    ]
      .filter(Boolean)
      .map((licence) => `- ${licence}`)
      .join('\n'),
  );
}

function versions({ directory, prepared, environment, fitted, blend, folds }: CardFacts): string {
  const { config } = prepared;
  const { project, node, backend } = environment;
  const { name, tfjs, tensorflow } = backend;
  const command = commandOf(config, directory, { backend, folds });
  return section(
    'How it was made',
    [
      `- Seed: ${config.seed}`,
      `- ${fitted.history.length > 0 ? `${count(fitted.history.length, 'epoch')}, the best one ${fitted.bestEpoch}` : blend ? blendInWords(blend) : 'Fitted at once, by a formula'}`,
      `- speech-emotion ${project}, Node ${node}, TensorFlow.js ${tfjs} on ${name}${tensorflow ? `, TensorFlow ${tensorflow}` : ''}`,
    ].join('\n'),
    command && `\`\`\`sh\n${command}\n\`\`\``,
  );
}

/** A heading and its paragraphs, without those that do not apply. */
function section(heading: string, ...paragraphs: readonly (string | false | undefined)[]): string {
  return [`## ${heading}`, ...paragraphs.filter(Boolean)].join('\n\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cell = (text: string) => text.replaceAll('|', '\\|');
  return [head, head.map((_, i) => (i === 0 ? '---' : '---:')), ...rows]
    .map((row) => `| ${row.map(cell).join(' | ')} |`)
    .join('\n');
}

/** Plain data as YAML, in blocks; texts are quoted as in JSON, which YAML reads. */
function yaml(value: Json, indent = ''): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const nested = (inner: Json, deeper: string) =>
    typeof inner === 'object' && inner !== null ? `\n${yaml(inner, deeper)}` : ` ${yaml(inner)}`;
  if (Array.isArray(value))
    return value.map((inner: Json) => `${indent}- ${yaml(inner, `${indent}  `).trimStart()}`).join('\n');
  return Object.entries(value)
    .map(([key, inner]) => `${indent}${key}:${nested(inner as Json, `${indent}  `)}`)
    .join('\n');
}
