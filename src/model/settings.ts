import { z } from 'zod';
import { InputError } from '../common/errors.js';
import { INPUTS, type InputName } from '../dataset/inputs.js';
import { ENCODERS, type EncoderName } from '../encoder/encoder.js';
import { FEATURES, type FeatureName, type FeatureSettings, featureNamed } from '../features/features.js';
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
  /** What the network takes of that. */
  input: z.enum(Object.keys(INPUTS) as InputName[]),
  /** Frames that it takes; longer recordings are cut, shorter ones padded after the normalisation. */
  frames: z.number().int().positive(),
  normalisation: z.enum([...NORMALISATIONS, 'none']),
  /** Of each band over the training set; only with the normalisation `train`. */
  trainStatistics: z.object({ mean: z.array(z.number()), std: z.array(z.number()) }).optional(),
  /** How a long recording is answered. */
  answers: z.enum(['windows', 'whole']),
  /** What the model was trained on, and by which protocol: for people to read. */
  trainedOn: z.object({
    corpus: z.string(),
    protocol: z.string(),
    seed: z.number(),
    network: z.string(),
    clips: z.number(),
  }),
  versions: z.record(z.string(), z.string()),
  weightsSha256: z.string(),
});

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
  const format = (metadata as { format?: unknown } | undefined)?.format;
  if (format === undefined)
    throw new InputError(
      `Cannot load the model in ${where}: it was not saved by this project (its settings are missing)`,
    );
  if (format !== FORMAT)
    throw new InputError(
      `Cannot load the model in ${where}: its format is ${format}, this version reads ${FORMAT}; train it again`,
    );
  const result = settingsSchema.safeParse(metadata);
  if (!result.success)
    throw new InputError(`Cannot load the model in ${where}: ${z.prettifyError(result.error).replaceAll('\n', ' ')}`);
  return result.data;
}
