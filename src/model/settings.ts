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

/** What a model was trained on, and by which protocol: for people to read. */
const trainedOnSchema = z.object({
  corpus: z.string(),
  protocol: z.string(),
  seed: z.number(),
  network: z.string(),
  clips: z.number(),
});

const settingsSchema = z.object({
  format: z.literal(FORMAT),
  /** Class names in the order of the network's outputs. */
  labels: z.array(z.string()).min(2),
  /** What is computed of a recording. */
  features: featureSettingsSchema,
  /** The frozen encoder that the features go through, and the content of its weights. */
  encoder: z
    .object({ name: z.enum(Object.keys(ENCODERS) as EncoderName[]), sha256: z.string() })
    .refine(({ name, sha256 }) => ENCODERS[name].sha256 === sha256, 'the encoder has other weights here')
    .optional(),
  /** Speeds of the copies of a recording that the network's answer is averaged over, beside its own. */
  speeds: z.array(speed).optional(),
  /** What the network takes of that. */
  input: z.enum(Object.keys(INPUTS) as InputName[]),
  /** Frames that it takes; longer recordings are cut, shorter ones padded after the normalisation. */
  frames: z.number().int().positive(),
  normalisation: z.enum([...NORMALISATIONS, 'none']),
  /** Of each band over the training set; only with the normalisation `train`. */
  trainStatistics: z.object({ mean: z.array(z.number()), std: z.array(z.number()) }).optional(),
  /** How a long recording is answered. */
  answers: z.enum(['windows', 'whole']),
  trainedOn: trainedOnSchema,
  versions: z.record(z.string(), z.string()),
  weightsSha256: z.string(),
});

const ensembleSchema = z
  .object({
    format: z.literal(FORMAT),
    /** Names of the networks, each in a folder of that name. */
    members: z
      .array(z.string().regex(/^[\w-]+$/))
      .min(2)
      .readonly(),
    /** Of the average, see `Blend` in `networks`. */
    shares: z.array(z.number().min(0).max(1)).readonly(),
    temperature: z.number().positive(),
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

/**
 * Checks the settings of a saved model.
 *
 * @param where - the model, for messages
 * @throws InputError with the reason if they are missing, of another version or unusable
 */
export function checkedSettings(metadata: unknown, where: string): ModelSettings {
  return checked(settingsSchema, metadata, where);
}

/** The same for several models that answer as one. */
export function checkedEnsemble(settings: unknown, where: string): EnsembleSettings {
  return checked(ensembleSchema, settings, where);
}

function checked<T>(schema: z.ZodType<T>, settings: unknown, where: string): T {
  const format = (settings as { format?: unknown } | undefined)?.format;
  if (format === undefined)
    throw new InputError(
      `Cannot load the model in ${where}: it was not saved by this project (its settings are missing)`,
    );
  if (format !== FORMAT)
    throw new InputError(
      `Cannot load the model in ${where}: its format is ${format}, this version reads ${FORMAT}; train it again`,
    );
  const result = schema.safeParse(settings);
  if (!result.success)
    throw new InputError(`Cannot load the model in ${where}: ${z.prettifyError(result.error).replaceAll('\n', ' ')}`);
  return result.data;
}
