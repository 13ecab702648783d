import { join, relative } from 'node:path';
import { z } from 'zod';
import { InputError } from '../common/errors.js';
import { readJson } from '../common/files.js';
import { INPUT_FRAMES } from '../dataset/dataset.js';
import { PROTOCOLS, SPLIT_DEFAULTS } from '../dataset/splits.js';
import { MEL_DEFAULTS } from '../features/mel.js';
import { NORMALISATIONS } from '../features/normalise.js';
import { melSchema } from '../model/bundle.js';
import { type ConvolutionSizes, NETWORKS } from '../networks/networks.js';
import { TRAINING_DEFAULTS } from '../training/training.js';

const share = z.number().min(0).max(1);
const positive = z.number().int().positive();

const configSchema = z.strictObject({
  /** Folder of the recordings, or a CSV manifest. */
  data: z.string(),
  /** Name of the corpus; recognised from the folder unless given. */
  corpus: z.string().optional(),
  protocol: z.enum(PROTOCOLS),
  /** Speakers to test with; drawn by the seed unless given. */
  testSpeakers: z.array(z.string()),
  testShare: share,
  validationShare: share,
  network: z.enum(Object.keys(NETWORKS)),
  /** Sizes of the network that differ from the original's. */
  sizes: z.custom<Partial<ConvolutionSizes>>((value) => typeof value === 'object' && value !== null),
  normalise: z.enum(NORMALISATIONS),
  epochs: positive,
  batchSize: positive,
  patience: positive,
  learningRate: z.number().positive(),
  seed: z.number().int(),
  /** Share of the clips that may be unusable. */
  maxSkipped: share,
  mel: melSchema,
  /** Frames of the network's window. */
  frames: positive,
});

/** All that determines a run's result, beside the recordings and the machine; saved as `config.json`. */
export type RunConfig = z.infer<typeof configSchema>;

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
  ...TRAINING_DEFAULTS,
  maxSkipped: 0.01,
  mel: MEL_DEFAULTS,
  frames: INPUT_FRAMES,
};

/**
 * Reads the configuration that a run has saved.
 *
 * @throws InputError if it is missing, damaged or of another version
 */
export function readConfig(path: string): RunConfig {
  const result = configSchema.safeParse(readJson(path));
  if (!result.success)
    throw new InputError(`${path} is damaged: ${z.prettifyError(result.error).replaceAll('\n', ' ')}`);
  return result.data;
}
