import { z } from 'zod';
import { InputError } from '../common/errors.js';
import { INPUTS, type InputName } from '../dataset/inputs.js';
import { ENCODERS, type EncoderName } from '../encoder/encoder.js';
import { FEATURES, type FeatureName, type FeatureSettings, featureNamed } from '../features/features.js';
import { speed } from '../features/log-mel-feature.js';
import { NORMALISATIONS } from '../features/normalise.js';

/** Raised when a model that was saved earlier could no longer be used as it was meant. */
export const FORMAT = 2;

/** Which features are computed, and how. */
export const featureSettingsSchema: z.ZodType<FeatureSettings> = z
  .object({ name: z.enum(Object.keys(FEATURES) as FeatureName[]), options: z.record(z.string(), z.unknown()) })
  .transform((settings, context) => {
    const options = featureNamed(settings.name).schema.safeParse(settings.options);
    if (options.success) return { ...settings, options: options.data } as FeatureSettings;
    for (const { message, path } of options.error.issues)
      context.addIssue({ code: 'custom', message, path: ['options', ...path] });
    return z.NEVER;
  });

/** Longest name in a model, and the most of a kind. */
const LONGEST_NAME = 200;
const MOST_LABELS = 1000;
const MOST_MEMBERS = 16;
const MOST_SPEEDS = 16;
const MOST_BANDS = 4096;
const LARGEST_VALUE = 1e6;

/** Frames that a network takes of a clip: a quarter of an hour is fewer. */
const MOST_FRAMES = 2 ** 17;

/** Weights of a network, 4 bytes each. */
export const MOST_WEIGHTS = 2 ** 26;

const name = z.string().max(LONGEST_NAME);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** What a model was trained on, and by which protocol: for people to read. */
const trainedOnSchema = z.object({
  corpus: name,
  protocol: name,
  seed: z.number().int(),
  network: name,
  clips: z.number().int().nonnegative(),
  /** How many there were to learn from, where that is known. */
  speakers: z.number().int().positive().optional(),
  /** ISO 639-1 codes of what they speak, where that is known. */
  languages: z.array(name).max(MOST_LABELS).optional(),
  /** Conditions that copies of the clips were put under, see `CONDITIONS`; only where there were some. */
  conditions: z.array(name).max(MOST_LABELS).optional(),
});

/** Of each band of a training set, in the unit of the features. */
const bandMean = z.array(z.number().min(-LARGEST_VALUE).max(LARGEST_VALUE)).max(MOST_BANDS);
const bandDeviation = z.array(z.number().min(0).max(LARGEST_VALUE)).max(MOST_BANDS);

const settingsSchema = z.object({
  format: z.literal(FORMAT),
  /** Class names in the order of the network's outputs. */
  labels: z
    .array(name)
    .min(2)
    .max(MOST_LABELS)
    .refine((labels) => new Set(labels).size === labels.length, 'each must be there once'),
  /** What is computed of a recording. */
  features: featureSettingsSchema,
  /** The frozen encoder that the features go through, and the content of its weights. */
  encoder: z
    .object({ name: z.enum(Object.keys(ENCODERS) as EncoderName[]), sha256 })
    .refine((encoder) => ENCODERS[encoder.name].sha256 === encoder.sha256, 'the encoder has other weights here')
    .optional(),
  /** Speeds of the copies of a recording that the network's answer is averaged over, beside its own. */
  speeds: z.array(speed).max(MOST_SPEEDS).optional(),
  /** What the network takes of that. */
  input: z.enum(Object.keys(INPUTS) as InputName[]),
  /** Frames that it takes; longer recordings are cut, shorter ones padded after the normalisation. */
  frames: z.number().int().positive().max(MOST_FRAMES),
  normalisation: z.enum([...NORMALISATIONS, 'none']),
  /** Of each band over the training set; only with the normalisation `train`. */
  trainStatistics: z.object({ mean: bandMean, std: bandDeviation }).optional(),
  /** How a long recording is answered. */
  answers: z.enum(['windows', 'whole']),
  trainedOn: trainedOnSchema,
  versions: z.record(name, name),
  weightsSha256: sha256,
});

/** Settings of which some are missing, as a file of other software may hold them. */
export const partialSettingsSchema = settingsSchema.omit({ format: true, weightsSha256: true }).partial();

/** tfjs's `model.json`, as far as it says what there is to load. */
const storedSchema = z.object({
  modelTopology: z.record(z.string(), z.unknown()),
  /** The file that {@link ModelSettings.weightsSha256} is in the name of is the only one that a model has. */
  weightsManifest: z.tuple([
    z.object({
      weights: z
        .array(
          z.strictObject({
            name,
            shape: z.array(z.number().int().nonnegative()).max(8),
            dtype: z.literal('float32'),
          }),
        )
        .refine((weights) => sizeOf(weights) <= MOST_WEIGHTS, `there must be at most ${MOST_WEIGHTS} of them`),
    }),
  ]),
});

/** Numbers in all weights together. */
function sizeOf(weights: readonly { readonly shape: readonly number[] }[]): number {
  return weights.reduce((sum, { shape }) => sum + shape.reduce((product, length) => product * length, 1), 0);
}

const ensembleSchema = z
  .object({
    format: z.literal(FORMAT),
    /** Names of the networks, each in a folder of that name. */
    members: z
      .array(name.regex(/^[\w-]+$/))
      .min(2)
      .max(MOST_MEMBERS)
      .readonly(),
    /** Of the average, see `Blend` in `networks`. */
    shares: z.array(z.number().min(0).max(1)).readonly(),
    temperature: z.number().min(1e-3).max(1e3),
    trainedOn: trainedOnSchema,
  })
  .refine(
    ({ members, shares }) =>
      shares.length === members.length && Math.abs(shares.reduce((sum, share) => sum + share, 0) - 1) < 1e-6,
    { error: 'each member must have a share, and all of them must add up to 1', path: ['shares'] },
  );

/** How several models answer as one. */
export type EnsembleSettings = z.infer<typeof ensembleSchema>;

/** All that prediction needs beside the network. */
export type ModelSettings = z.infer<typeof settingsSchema>;

/** The settings without the keys that saving fills in itself. */
export type GivenSettings = Omit<ModelSettings, 'format' | 'weightsSha256'>;

/** What a `model.json` says, checked. */
export interface Described {
  readonly settings: ModelSettings;
  /** tfjs's description of the network, of which nothing else is known yet. */
  readonly topology: object;
  /** Names and shapes of the weights, in their order. */
  readonly weights: readonly { readonly name: string; readonly shape: readonly number[]; readonly dtype: 'float32' }[];
  /** Numbers in all of them. */
  readonly weightCount: number;
}

/**
 * Checks what a `model.json` says: every number has a range, so that nothing is read, computed or reserved without limit.
 *
 * @param json - whatever was read
 * @param where - the model, for messages
 * @throws InputError with the reason if it is none, of another version or unusable
 */
export function checkedDescription(json: unknown, where: string): Described {
  const settings = checked(settingsSchema, Object(json).userDefinedMetadata, where);
  const { modelTopology, weightsManifest } = parsed(storedSchema, json, where);
  const [{ weights }] = weightsManifest;
  return { settings, topology: modelTopology, weights, weightCount: sizeOf(weights) };
}

/** The same of several models that answer as one. */
export function checkedEnsemble(settings: unknown, where: string): EnsembleSettings {
  return checked(ensembleSchema, settings, where);
}

function checked<T>(schema: z.ZodType<T>, settings: unknown, where: string): T {
  const { format } = Object(settings) as { format?: unknown };
  if (format === undefined)
    throw new InputError(
      `Cannot load the model in ${where}: it was not saved by this project (its settings are missing)`,
    );
  if (format !== FORMAT)
    throw new InputError(
      `Cannot load the model in ${where}: its format is ${JSON.stringify(format).slice(0, 20)}, this version reads ${FORMAT}; train it again`,
    );
  return parsed(schema, settings, where);
}

function parsed<T>(schema: z.ZodType<T>, value: unknown, where: string): T {
  const result = schema.safeParse(value);
  if (!result.success)
    throw new InputError(`Cannot load the model in ${where}: ${z.prettifyError(result.error).replaceAll('\n', ' ')}`);
  return result.data;
}
