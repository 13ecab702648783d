import { count, percent } from '../common/text.js';
import { readersOf, titleOf } from '../corpora/corpora.js';
import { corporaOf, mixtureNote } from '../corpora/mixture.js';
import type { CorpusReader } from '../corpora/reader.js';
import { speakersInWords, speakersOf, unknownSpeakersNote } from '../corpora/speakers.js';
import { PROTOCOL_DESCRIPTIONS, type Subset } from '../dataset/splits.js';
import { ENCODERS } from '../encoder/encoder.js';
import { calibrationError, reliability } from '../evaluation/calibration.js';
import { chanceLevel } from '../evaluation/metrics.js';
import { TAKES_AND_GIVES, takesAndGivesSection } from '../exchange/card.js';
import { NETWORKS } from '../networks/networks.js';
import type { Json, JsonObject } from '../plots/figure.js';
import { commandOf } from './command.js';
import { noteOf } from './corpus-note.js';
import { blendInWords } from './ensemble.js';
import { setsShown } from './figures.js';
import { modelSettings } from './fit.js';
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

/**
 * A model card: what a model is and was made of, how good it is by which protocol, and what it must not be used for. In
 * Markdown, with the metadata that Hugging Face reads on top.
 *
 * @see https://huggingface.co/docs/hub/model-cards
 */
export function modelCard(outcome: Outcome): string {
  const { corpus, prepared } = outcome;
  const title = titleOf(prepared.clips) ?? corpus.name;
  return `${[
    `---\n${yaml(metadata(outcome))}\n---`,
    `# Speech emotion recognition: \`${prepared.config.network}\`, trained on ${title}`,
    purpose(outcome),
    use(outcome),
    takesAndGivesOf(outcome),
    data(outcome),
    division(outcome),
    results(outcome),
    limits(outcome),
    prohibitions(),
    licences(outcome),
    versions(outcome),
  ].join('\n\n')}\n`;
}

/** Only keys that Hugging Face documents: https://github.com/huggingface/hub-docs/blob/main/modelcard.md */
function metadata({ corpus, prepared, metrics }: Outcome): JsonObject {
  const { network, protocol } = prepared.config;
  const readers = readersOf(prepared.clips);
  const languages = languagesOf(readers);
  const plain = (name: string) => name.replaceAll(/[^\w.-]+/g, '-');
  const dataset = plain(corpus.name);
  const { encoder } = NETWORKS[network];
  const { accuracy, uar, macroF1 } = metrics.test;
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
            dataset: { type: dataset, name: titleOf(prepared.clips) ?? corpus.name, split: 'test', args: { protocol } },
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

function languagesOf(readers: readonly CorpusReader[]): string[] {
  return [...new Set(readers.flatMap(({ language }) => language ?? []))].sort();
}

function purpose({ corpus, prepared }: Outcome): string {
  const { network } = prepared.config;
  const { description, encoder } = NETWORKS[network];
  return section(
    'What it is',
    `A network that tells which of ${prepared.labels.length} emotions a voice expresses: ${prepared.labels.join(', ')}. It gives one probability for each. It is \`${network}\`: ${description}.`,
    encoder && `The encoder is ${ENCODERS[encoder].description}. It was not trained any further.`,
    `It was made for research and teaching with ${corpus.name}: to see what can be heard of acted or labelled emotions, and how that is measured.`,
  );
}

function use({ environment }: Outcome): string {
  return section(
    'How to use it',
    `With \`speech-emotion\` ${environment.project}, in TypeScript; \`FOLDER\` is the one that this card is in:`,
    "```ts\nimport { loadModel } from 'speech-emotion';\nconst model = await loadModel('FOLDER');\nconst { emotion, probabilities } = await model.predict('hello.wav');\n```",
    'Or with the command:',
    '```sh\nspeech-emotion predict --model FOLDER hello.wav\n```',
  );
}

/** Of an ensemble, each member's card says it. */
function takesAndGivesOf({ corpus, prepared, environment }: Outcome): string {
  if (NETWORKS[prepared.config.network].fitting.by !== 'members')
    return takesAndGivesSection(modelSettings(prepared, { corpus: corpus.name, environment }));
  return section(
    TAKES_AND_GIVES,
    `Gives one probability for each of, in this order: ${prepared.labels.join(', ')}. What its members take is in their own cards, in their folders.`,
  );
}

function data({ corpus, prepared }: Outcome): string {
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

function division({ prepared }: Outcome): string {
  const { config, split, clips } = prepared;
  const { by } = NETWORKS[config.network].fitting;
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
  );
}

function results(outcome: Outcome): string {
  const { prepared, metrics } = outcome;
  const { labels, split } = prepared;
  const sets = setsShown(split);
  const errors = Object.fromEntries(sets.map((set) => [set, setCalibrationError(outcome, set)]));
  return section(
    'Results',
    `Guessing finds ${percent(chanceLevel(metrics.test))} of each emotion. UAR is the mean of the emotions' recalls.`,
    table(
      ['set', 'UAR', 'macro F1', 'accuracy', 'calibration error'],
      sets.map((set) => {
        const { uar, macroF1, accuracy } = metrics[set];
        return [set, ...[uar, macroF1, accuracy, errors[set]].map((share) => percent(share))];
      }),
    ),
    'By emotion, on the test set:',
    table(
      ['emotion', 'clips', 'recall', 'precision', 'F1'],
      labels.map((label) => {
        const { support, recall, precision, f1 } = metrics.test.perClass[label];
        return [label, String(support), ...[recall, precision, f1].map((share) => percent(share))];
      }),
    ),
    `**Calibration.** On the test set, how sure the model is and how often it is right differ by ${percent(errors.test)} on average (expected calibration error, ten steps). On other recordings expect more.`,
  );
}

function setCalibrationError({ prepared, probabilities }: Outcome, set: Subset): number {
  const { split, clips, labels } = prepared;
  const rows = new Float32Array(split[set].length * labels.length);
  for (const [row, i] of split[set].entries())
    rows.set(probabilities.subarray(i * labels.length, (i + 1) * labels.length), row * labels.length);
  const targets = split[set].map((i) => labels.indexOf(clips[i].emotion));
  return calibrationError(reliability(targets, rows, labels.length));
}

function limits({ prepared, metrics }: Outcome): string {
  const { clips, split, labels } = prepared;
  const readers = readersOf(clips);
  const languages = languagesOf(readers);
  const heard = [...split.train, ...split.validation].map((i) => clips[i]);
  const recall = (label: string) => metrics.test.perClass[label].recall;
  const tested = labels.filter((label) => metrics.test.perClass[label].support > 0);
  const worst = tested.reduce((least, label) => (recall(label) < recall(least) ? label : least));
  return section(
    'Limits',
    [
      actingInWords(readers),
      `It was made with the voices of ${speakersInWords(heard)}: of other voices, ages, accents and microphones expect less.`,
      languages.length === 0
        ? 'Which languages they speak is not known to this card; nothing is known of others.'
        : `${languages.length === 1 ? 'All of them speak one language' : 'They speak several languages'} (${languages.join(', ')}); nothing is known of others.`,
      `It knows ${labels.length} emotions and always answers with one of them.`,
      `Of the test set's emotions it finds ${worst} worst: ${percent(recall(worst))}.`,
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

function licences({ prepared }: Outcome): string {
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

function versions({ directory, prepared, environment, fitted, blend }: Outcome): string {
  const { config } = prepared;
  const { project, node, backend } = environment;
  const { name, tfjs, tensorflow } = backend;
  const command = commandOf(config, directory, backend);
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
