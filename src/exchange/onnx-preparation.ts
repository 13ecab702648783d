import { fromBinary } from '@bufbuild/protobuf';
import { z } from 'zod';
import { InputError } from '../common/errors.js';
import { INPUTS } from '../dataset/inputs.js';
import { FRAMES_PER_STATE } from '../encoder/encoder.js';
import { MOST_POSITIONS } from '../encoder/whisper.js';
import { type ClipFeatures, checkRecording } from '../features/clip-features.js';
import { extractorFor } from '../features/features.js';
import { bandMeans, bandStatistics, NO_STATISTICS, type Statistics } from '../features/normalise.js';
import { GIVEN, recordingOf, type Sound } from '../model/audio.js';
import { partialSettingsSchema } from '../model/settings.js';
import { METADATA_KEY } from './metadata.js';
import { ModelProtoSchema } from './onnx-proto.js';

/** Numbers as a runtime makes a tensor of them. */
export interface GraphInput {
  /** Row-major. */
  readonly values: Float32Array;
  readonly shape: readonly number[];
}

/** How recordings are put to a graph, and what its answers mean. */
export interface OnnxPreparation {
  /** Of the probabilities, in their order. */
  readonly labels: readonly string[];
  /**
   * All inputs of the graph by name, for one recording. A network that takes windows of one length is given the first one.
   *
   * @throws InputError if it is no sound, too short, silent, or longer than the graph's encoder takes
   */
  readonly prepare: (sound: Sound) => Record<string, GraphInput>;
}

/** What has to be known of a network to prepare what it takes. */
const memberSchema = partialSettingsSchema
  .required({ features: true, input: true, frames: true, normalisation: true })
  .extend({ inputs: z.array(z.string()) });

const metadataSchema = z.object({ labels: z.array(z.string()), members: z.array(memberSchema).min(1) });

type Member = z.infer<typeof memberSchema>;

/**
 * Reads from an ONNX file of this project how to prepare what its graph is given, for a runtime in JavaScript, in browsers or
 * Node.
 *
 * @throws InputError if it is another file, or damaged
 * @example
 * const { labels, prepare } = onnxPreparation(await readFile('model.onnx'));
 * const feeds = prepare({ samples, sampleRateHz });
 */
export function onnxPreparation(file: Uint8Array): OnnxPreparation {
  const { labels, members } = metadataIn(file);
  const extractors = members.map(({ features }) => extractorFor(features));
  return {
    labels,
    prepare(sound) {
      const recording = recordingOf(sound);
      checkRecording(recording, GIVEN);
      const prepared = members.map((member, m) => inputsOf(member, extractors[m](recording)));
      return Object.fromEntries(members.flatMap(({ inputs }, m) => inputs.map((name, i) => [name, prepared[m][i]])));
    },
  };
}

function metadataIn(file: Uint8Array): z.infer<typeof metadataSchema> {
  let metadata: unknown;
  try {
    const { metadataProps } = fromBinary(ModelProtoSchema, file);
    metadata = JSON.parse(metadataProps.find(({ key }) => key === METADATA_KEY)?.value ?? 'null');
  } catch {
    throw new InputError('Cannot read the ONNX file: it is damaged, or another kind of file');
  }
  if (metadata === null)
    throw new InputError('Cannot read the ONNX file: it was not exported by this project (its settings are missing)');
  // One network says of itself what several say each.
  const { labels, members = [metadata] } = Object(metadata) as { labels?: unknown; members?: unknown };
  const result = metadataSchema.safeParse({ labels, members });
  if (!result.success)
    throw new InputError(`Cannot read the ONNX file: ${z.prettifyError(result.error).replaceAll('\n', ' ')}`);
  return result.data;
}

/** Numbers that a recording may be padded to, by a file that somebody else may have written. */
const LARGEST_PADDED = 2 ** 24;

/** What a network is given of a recording, in the order of its inputs. */
function inputsOf(
  { encoder, input, frames, normalisation, trainStatistics }: Member,
  features: ClipFeatures,
): GraphInput[] {
  const { matrix } = features;
  if (encoder) {
    const { values, bands, frames: length } = matrix;
    if (length > FRAMES_PER_STATE * MOST_POSITIONS)
      throw new InputError(
        `${GIVEN}: too long: the encoder takes 30 s at once, these are ${(length / 100).toFixed(1)} s`,
      );
    return [{ values, shape: [1, bands, length] }];
  }
  const kind = INPUTS[input];
  const part = kind.part(matrix);
  const width = kind.frames(() => part.frames, frames);
  if (width > part.frames && part.bands * width > LARGEST_PADDED)
    throw new InputError(
      `Cannot prepare what the ONNX file takes: ${part.bands} bands of ${width} frames are too many`,
    );
  const shapes = kind.shapes({ bands: part.bands, frames: width });
  const into = shapes.map((shape) => new Float32Array(shape.reduce((size, length) => size * length, 1)));
  const statistics: Readonly<Record<Member['normalisation'], () => Statistics>> = {
    clip: () => features.statistics,
    bands: () => bandMeans(part),
    train: () => trainStatistics ?? NO_STATISTICS,
    speaker: () => bandStatistics([matrix]),
    none: () => NO_STATISTICS,
  };
  kind.write(part, statistics[normalisation](), { frames: width, into });
  return shapes.map((shape, i) => ({ values: into[i], shape: [1, ...shape] }));
}
