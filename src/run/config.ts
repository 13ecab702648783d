import { basename, dirname, join, relative } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { InputError, reasonOf, UsageError } from '../common/errors.js';
import { jsonText, makeFolder, readJson } from '../common/files.js';
import { CONDITIONS } from '../conditions/conditions.js';
import { INPUT_FRAMES } from '../dataset/dataset.js';
import { PROTOCOLS, SPLIT_DEFAULTS, SUBSETS } from '../dataset/splits.js';
import { AUGMENTATIONS } from '../features/augmentations.js';
import { FEATURE_DEFAULTS } from '../features/features.js';
import { speed } from '../features/log-mel-feature.js';
import { NORMALISATIONS, type Normalisation } from '../features/normalise.js';
import { featureSettingsSchema } from '../model/settings.js';
import { NETWORKS, takesPart } from '../networks/networks.js';
import { SCHEDULES } from '../training/schedule.js';
import { CLASS_WEIGHTS, TRAINING_DEFAULTS } from '../training/training.js';
import { requireUnchanged, writeListed } from './checksums.js';
import { pathsOf, startingHere } from './paths.js';

const share = z.number().min(0).max(1);
const properShare = z.number().gt(0).lt(1);
const positive = z.number().int().positive();

/** One of a table's names, as the table is when the configuration is checked. */
const nameIn = (table: object) =>
  z.string().refine((name) => Object.hasOwn(table, name), {
    error: ({ input }) =>
      `expected one of ${Object.keys(table).join(', ') || '(there is none)'}, current value is ${input}`,
  });

/** The fields of a configuration, each by itself. */
export const configFields = z.strictObject({
  /** Folder of the recordings, or a CSV manifest. */
  data: z.string(),
  /** Name of the corpus; recognised from the folder unless given. */
  corpus: z.string().optional(),
  /** Emotions that are learnt, after `map`; default: all. */
  emotions: z.array(z.string()).min(2).optional(),
  /** Emotions that count as others, by their names: `{ calm: 'neutral' }`. */
  map: z.record(z.string(), z.string()).optional(),
  protocol: z.enum(PROTOCOLS),
  /** Speakers to test with; drawn by the seed unless given. */
  testSpeakers: z.array(z.string()),
  /** Texts to test with; drawn by the seed unless given. */
  testTexts: z.array(z.string()).optional(),
  testShare: properShare,
  validationShare: properShare,
  /** The set that each clip is in, by its path, or by the name of its segment, see `sourceName`; drawn as the protocol says unless given. */
  sets: z.record(z.string(), z.enum(SUBSETS)).optional(),
  network: nameIn(NETWORKS),
  /** What differs from the network's usual sizes. */
  sizes: z.record(z.string(), z.unknown()),
  normalise: z.enum([...NORMALISATIONS, 'none']),
  /** Names of augmentations, in the order in which they are applied. */
  augment: z.array(nameIn(AUGMENTATIONS)),
  /** Speeds of copies of every recording, which are learnt from, and which answers are averaged over. */
  speeds: z.array(speed),
  /** Names of conditions that copies of every recording are put under, which are learnt from. */
  conditions: z.array(nameIn(CONDITIONS)),
  epochs: positive,
  batchSize: positive,
  patience: positive,
  learningRate: z.number().positive(),
  schedule: z.enum(SCHEDULES),
  weightDecay: z.number().min(0).lt(1),
  labelSmoothing: z.number().min(0).lt(1),
  classWeights: z.enum(CLASS_WEIGHTS),
  seed: z.number().int(),
  /** Share of the clips that may be unusable. */
  maxSkipped: share,
  /** Share of a recording that may be missing before it is unusable. */
  allowTruncated: share,
  features: featureSettingsSchema,
  /** Frames that the network takes, where it takes so many of every clip. */
  frames: positive,
  /** Where in a clip they begin. */
  offsetSeconds: z.number().min(0),
});

const { schedule, weightDecay, labelSmoothing, classWeights, speeds, conditions, allowTruncated, offsetSeconds } =
  configFields.shape;

/** Runs that were made before there was a choice have no word of it. */
const savedFields = configFields.extend({
  schedule: schedule.default(TRAINING_DEFAULTS.schedule),
  weightDecay: weightDecay.default(TRAINING_DEFAULTS.weightDecay),
  labelSmoothing: labelSmoothing.default(TRAINING_DEFAULTS.labelSmoothing),
  classWeights: classWeights.default(TRAINING_DEFAULTS.classWeights),
  speeds: speeds.default([]),
  conditions: conditions.default([]),
  allowTruncated: allowTruncated.default(0),
  offsetSeconds: offsetSeconds.default(0),
});

/** The fields that ask for copies of the recordings to learn from, and which copies, in words. */
const COPIES = { speeds: 'at other speeds', conditions: 'under conditions' } as const;

/** Ways to normalise that treat a copy as the recording that it stands for is treated. */
const COPIED: readonly Normalisation[] = ['none', 'speaker'];

const configSchema = savedFields.superRefine((config, context) => {
  const { network, sizes, features, normalise, offsetSeconds } = config;
  // An unknown network is an issue of its own.
  if (!Object.hasOwn(NETWORKS, network)) return;
  const { fitting, encoder } = NETWORKS[network];
  for (const [field, which] of Object.entries(COPIES) as [keyof typeof COPIES, string][])
    if (config[field].length > 0 && fitting.by !== 'members' && (!encoder || !COPIED.includes(normalise)))
      context.addIssue({
        code: 'custom',
        message: `only a network with an encoder, normalised by none or by speaker, learns from copies ${which}; current values are ${network} and ${normalise}`,
        path: [field],
      });
  const wanted = NETWORKS[network].features?.name;
  if (wanted && features.name !== wanted)
    context.addIssue({
      code: 'custom',
      message: `the network ${network} takes the features ${wanted}, current value is ${features.name}; see configFor()`,
      path: ['features'],
    });
  if (offsetSeconds > 0 && !takesPart(network))
    context.addIssue({
      code: 'custom',
      message: `the network ${network} hears all of each clip, current value is ${offsetSeconds}`,
      path: ['offsetSeconds'],
    });
  const checkSizes = fitting.by === 'gradient' ? fitting.checkSizes : undefined;
  try {
    if (checkSizes) checkSizes(sizes);
    else if (Object.keys(sizes).length > 0) throw new RangeError(`the network ${network} has no other sizes`);
  } catch (error) {
    context.addIssue({ code: 'custom', message: reasonOf(error), path: ['sizes'] });
  }
});

const foldsSchema = configSchema.safeExtend({ groups: z.number().int().min(2).optional() });

/** All that determines a run's result, apart from the recordings and the machine; saved as `config.json`. */
export type RunConfig = z.infer<typeof configSchema>;

/**
 * What all folds of a corpus share; saved as `folds.json`. Each tests with other speakers, or other texts with the protocol
 * `text`: with one of them, or with one of so many `groups` of them.
 */
export type FoldsConfig = z.infer<typeof foldsSchema>;

/** The corpus that comes with the project, wherever the command is started or the package is installed. */
function suppliedCorpus(): string {
  const path = join(__dirname, '../../data/emodb');
  const fromHere = relative(process.cwd(), path);
  return fromHere.startsWith('..') ? path : fromHere;
}

/** The corpus that comes with the project, and the Python original's settings. */
export const RUN_DEFAULTS: RunConfig = {
  data: suppliedCorpus(),
  ...SPLIT_DEFAULTS,
  testSpeakers: [],
  network: 'original',
  sizes: {},
  normalise: 'clip',
  augment: [],
  speeds: [],
  conditions: [],
  ...TRAINING_DEFAULTS,
  maxSkipped: 0.01,
  allowTruncated: 0,
  features: FEATURE_DEFAULTS,
  frames: INPUT_FRAMES,
  offsetSeconds: 0,
};

/** The network of the command unless another is named. */
export const DEFAULT_NETWORK = 'compact';

/**
 * A configuration for a network: {@link RUN_DEFAULTS} with the features and the normalisation that the network is meant for.
 *
 * @param changes - what is to be otherwise
 * @throws UsageError if there is no such network
 */
export function configFor(network: string, changes: Partial<RunConfig> = {}): RunConfig {
  if (!Object.hasOwn(NETWORKS, network))
    throw new UsageError(`There is no network ${network}; there are ${Object.keys(NETWORKS).join(', ')}`);
  const { features, normalise, augment, training } = { ...RUN_DEFAULTS, ...NETWORKS[network] };
  return { ...RUN_DEFAULTS, ...training, network, features, normalise, augment: [...augment], ...changes };
}

/**
 * The configurations of an ensemble's members, each changed as the ensemble's is, as far as it can be: copies are for
 * those with an encoder. None of a single network.
 */
export function memberConfigs(config: RunConfig): RunConfig[] {
  const { fitting } = NETWORKS[config.network];
  if (fitting.by !== 'members') return [];
  const usual: Readonly<Record<string, unknown>> = { ...configFor(config.network) };
  const changes = Object.entries(config).filter(([key, value]) => !isDeepStrictEqual(value, usual[key]));
  return fitting.members.map((member) => {
    const { speeds, conditions } = NETWORKS[member].encoder ? config : RUN_DEFAULTS;
    return configFor(member, { ...Object.fromEntries(changes), speeds, conditions });
  });
}

/**
 * Makes sure that a configuration can be carried out, as far as it alone tells.
 *
 * @throws UsageError naming what is out of range
 */
export function checkConfig(config: RunConfig): void {
  const result = configSchema.safeParse(config);
  if (!result.success) throw new UsageError(`Cannot run with this configuration: ${inOneLine(result.error)}`);
  for (const member of memberConfigs(config)) checkConfig(member);
}

/** Saves the configuration of a run, or what folds share, as the file that says what a folder is. */
export function writeConfig(path: string, config: RunConfig | FoldsConfig): void {
  makeFolder(dirname(path));
  writeListed(path, jsonText({ ...config, relativeTo: startingHere(path) }));
}

/**
 * Reads the configuration that a run has saved.
 *
 * @throws InputError if it is missing, damaged, changed since or of another version
 */
export function readConfig(path: string): RunConfig {
  return parsed(configSchema, path);
}

/** The same for what folds share. */
export function readFoldsConfig(path: string): FoldsConfig {
  return parsed(foldsSchema, path);
}

function parsed<T extends RunConfig>(schema: z.ZodType<T>, path: string): T {
  const saved = readJson(path);
  requireUnchanged(dirname(path), [basename(path)]);
  const { relativeTo, ...config } = Object(saved);
  const result = schema.safeParse(config);
  if (!result.success) throw new InputError(`${path} is damaged: ${inOneLine(result.error)}`);
  const { data, sets } = result.data;
  const { fromFile } = pathsOf(path);
  const moved = sets && Object.fromEntries(Object.entries(sets).map(([clip, set]) => [fromFile(clip), set]));
  return { ...result.data, data: fromFile(data), ...(moved && { sets: moved }) };
}

function inOneLine(error: z.ZodError): string {
  return z.prettifyError(error).replaceAll('\n', ' ');
}
