import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { io } from '@tensorflow/tfjs-core';
import { type LayersModel, loadLayersModel } from '@tensorflow/tfjs-layers';
import { z } from 'zod';
import { InputError, reasonOf } from '../common/errors.js';
import { readJson, writeFile, writeJson } from '../common/files.js';
import { NORMALISATIONS } from '../features/normalise.js';

/** Raised when a model of before could no longer be used rightly. */
const FORMAT = 1;

const statistics = z.object({ mean: z.array(z.number()), std: z.array(z.number()) });

/** The options of a mel spectrogram, as saved. */
export const melSchema = z.object({
  sampleRateHz: z.number().positive(),
  fftSize: z.number().int().positive(),
  hopLength: z.number().int().positive(),
  bands: z.number().int().positive(),
  minHz: z.number().min(0),
  maxHz: z.number().positive(),
  topDb: z.number().positive(),
});

const settingsSchema = z.object({
  format: z.literal(FORMAT),
  /** Class names in the order of the network's outputs. */
  labels: z.array(z.string()).min(2),
  /** The options of the mel spectrogram, its sample rate among them. */
  mel: melSchema,
  /** Frames of the network's input: longer windows are cropped, shorter ones padded with zeros after the z-score. */
  frames: z.number().int().positive(),
  normalisation: z.enum(NORMALISATIONS),
  /** Of each mel band over the training set; only with the normalisation `train`. */
  trainStatistics: statistics.optional(),
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

/** The keys that saving fills in itself. */
type Given = Omit<ModelSettings, 'format' | 'weightsSha256'>;

/** A network and all that it needs to be used on recordings. */
export interface Bundle {
  readonly network: LayersModel;
  readonly settings: ModelSettings;
}

/**
 * Saves a model as a folder that tfjs itself can load too: `model.json`, with our settings as its user-defined metadata,
 * and the weights in a file named after their content.
 *
 * The weights are written before `model.json` names them, so that an interrupted save leaves the model of before.
 */
export async function saveBundle(directory: string, network: LayersModel, settings: Given): Promise<void> {
  let saved: io.ModelArtifacts | undefined;
  await network.save(
    io.withSaveHandler(async (artifacts) => {
      saved = artifacts;
      return { modelArtifactsInfo: io.getModelArtifactsInfoForJSON(artifacts) };
    }),
  );
  const { modelTopology, weightSpecs, weightData, format, generatedBy, convertedBy } = saved!;
  const weights = new Uint8Array(io.CompositeArrayBuffer.join(weightData!));
  const weightsSha256 = sha256(weights);
  const weightsFile = `weights-${weightsSha256.slice(0, 12)}.bin`;
  const userDefinedMetadata: ModelSettings = { format: FORMAT, ...settings, weightsSha256 };
  writeFile(join(directory, weightsFile), weights);
  writeJson(join(directory, 'model.json'), {
    modelTopology,
    format,
    generatedBy,
    convertedBy,
    weightsManifest: [{ paths: [weightsFile], weights: weightSpecs }],
    userDefinedMetadata,
  });
  for (const name of readdirSync(directory))
    if (/^weights-.*\.bin$/.test(name) && name !== weightsFile) rmSync(join(directory, name));
}

/**
 * Loads a saved model and checks that it is whole and of a kind that this version understands. A backend must be set.
 *
 * @throws InputError with the reason if it is missing, damaged or incompatible
 */
export async function loadBundle(directory: string): Promise<Bundle> {
  const path = join(directory, 'model.json');
  if (!existsSync(path))
    throw new InputError(
      `Cannot load a model from ${directory}: there is no model.json; give the model folder of a finished run`,
    );
  const json = readJson(path) as io.ModelJSON;
  const settings = checkSettings(json.userDefinedMetadata, directory);
  const weightData = readWeights(directory, json);
  if (sha256(weightData) !== settings.weightsSha256)
    throw new InputError(
      `Cannot load the model in ${directory}: its weights are damaged (their checksum differs); train it again or copy it anew`,
    );
  let network: LayersModel;
  try {
    network = await loadLayersModel(
      io.fromMemory({
        modelTopology: json.modelTopology,
        weightSpecs: json.weightsManifest[0].weights,
        weightData: weightData.buffer.slice(
          weightData.byteOffset,
          weightData.byteOffset + weightData.length,
        ) as ArrayBuffer,
      }),
    );
  } catch (error) {
    throw new InputError(`Cannot load the model in ${directory}: ${reasonOf(error)}`);
  }
  const expected = [
    [null, settings.mel.bands, settings.frames],
    [null, settings.labels.length],
  ];
  const found = [network.inputs[0].shape, network.outputs[0].shape];
  if (JSON.stringify(expected) !== JSON.stringify(found))
    throw new InputError(
      `Cannot load the model in ${directory}: its settings need shapes ${JSON.stringify(expected)}, its network has ${JSON.stringify(found)}`,
    );
  return { network, settings };
}

function checkSettings(metadata: unknown, directory: string): ModelSettings {
  const format = (metadata as { format?: unknown } | undefined)?.format;
  if (format === undefined)
    throw new InputError(
      `Cannot load the model in ${directory}: it was not saved by this project (its settings are missing)`,
    );
  if (format !== FORMAT)
    throw new InputError(
      `Cannot load the model in ${directory}: its format is ${format}, this version reads ${FORMAT}; train it again`,
    );
  const result = settingsSchema.safeParse(metadata);
  if (!result.success)
    throw new InputError(
      `Cannot load the model in ${directory}: ${z.prettifyError(result.error).replaceAll('\n', ' ')}`,
    );
  const { normalisation, trainStatistics, mel } = result.data;
  const sizes = [trainStatistics?.mean.length, trainStatistics?.std.length];
  if (normalisation === 'train' && sizes.some((size) => size !== mel.bands))
    throw new InputError(
      `Cannot load the model in ${directory}: it needs the training set's mean and deviation of ${mel.bands} mel bands, and has ${sizes.map((size) => size ?? 0).join(' and ')}`,
    );
  return result.data;
}

function readWeights(directory: string, { weightsManifest }: io.ModelJSON): Buffer {
  const path = join(directory, weightsManifest?.[0]?.paths?.[0] ?? 'weights.bin');
  if (!existsSync(path))
    throw new InputError(`Cannot load the model in ${directory}: its weights, ${path}, are missing`);
  return readFileSync(path);
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
