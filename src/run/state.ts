import { existsSync, readFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { InputError } from '../common/errors.js';
import { writeFile } from '../common/files.js';
import type { EpochRecord, TrainingState } from '../training/training.js';

const count = z.number().int().nonnegative();

/** The part of the state that is not a long array. */
const headerSchema = z.object({
  // JSON knows no NaN, which is the loss of a training that diverged.
  history: z.array(
    z.record(
      z.string(),
      z
        .number()
        .nullable()
        .transform((value) => value ?? Number.NaN),
    ),
  ),
  step: count,
  /** Values in the weights, and as many in the best weights. */
  weights: count,
  /** Values in Adam's mean, and as many in its variance: fewer, where some weights are not trained. */
  adam: count,
});
type Header = z.infer<typeof headerSchema>;

const CHECKSUM_BYTES = 4;

/**
 * Saves the state of a training as one file: a line of JSON, then weights, best weights and Adam's two vectors as
 * float32, then the CRC-32 of all that. One file, so that an interrupted write leaves the state of the epoch before.
 */
export function writeState(path: string, { history, weights, bestWeights, adam }: TrainingState): void {
  const header = { history, step: adam.step, weights: weights.length, adam: adam.mean.length };
  const arrays = [weights, bestWeights, adam.mean, adam.variance];
  const parts = [
    Buffer.from(`${JSON.stringify(header)}\n`),
    ...arrays.map((array) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength)),
  ];
  const checksum = Buffer.alloc(CHECKSUM_BYTES);
  checksum.writeUInt32LE(parts.reduce((sum, part) => crc32(part, sum), 0));
  writeFile(path, Buffer.concat([...parts, checksum]));
}

/**
 * Reads a saved state.
 *
 * @returns undefined if there is none: training had not finished an epoch
 * @throws InputError if it is damaged
 */
export function readState(path: string): TrainingState | undefined {
  if (!existsSync(path)) return undefined;
  const bytes = readFileSync(path);
  const content = bytes.subarray(0, -CHECKSUM_BYTES);
  const header = isIntact(bytes) ? headerOf(content) : undefined;
  const body = content.subarray(content.indexOf('\n') + 1);
  // Nothing is allocated by the header's numbers: they must add up to what is there.
  if (!header || body.length !== Float32Array.BYTES_PER_ELEMENT * 2 * (header.weights + header.adam))
    throw new InputError(`${path} is damaged; delete it to train this run from the start`);
  const values = new Float32Array(body.buffer.slice(body.byteOffset, body.byteOffset + body.length));
  let at = 0;
  const next = (length: number) => {
    at += length;
    return values.slice(at - length, at);
  };
  return {
    history: header.history as unknown as EpochRecord[],
    weights: next(header.weights),
    bestWeights: next(header.weights),
    adam: { step: header.step, mean: next(header.adam), variance: next(header.adam) },
  };
}

function isIntact(bytes: Buffer): boolean {
  const end = bytes.length - CHECKSUM_BYTES;
  return end >= 0 && crc32(bytes.subarray(0, end)) === bytes.readUInt32LE(end);
}

/** The first line, or undefined if it is not one that {@link writeState} writes. */
function headerOf(content: Buffer): Header | undefined {
  try {
    return headerSchema.parse(JSON.parse(content.toString('utf8', 0, content.indexOf('\n'))));
  } catch {
    return undefined;
  }
}
