import { existsSync, readFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { InputError } from '../common/errors.js';
import { writeFile } from '../common/files.js';
import type { EpochRecord, TrainingState } from '../training/training.js';

/** The part of the state that is not a long array. */
interface Header {
  readonly checksum: number;
  readonly history: readonly EpochRecord[];
  readonly step: number;
  /** Number of weights. */
  readonly size: number;
}

/**
 * Saves the state of a training as one file: a line of JSON, then weights, best weights and Adam's two vectors as
 * float32. One file, so that an interrupted write leaves the state of the epoch before.
 */
export function writeState(path: string, { history, weights, bestWeights, adam }: TrainingState): void {
  const arrays = [weights, bestWeights, adam.mean, adam.variance];
  const body = Buffer.concat(arrays.map((a) => new Uint8Array(a.buffer, a.byteOffset, a.byteLength)));
  const header: Header = { checksum: crc32(body), history, step: adam.step, size: weights.length };
  writeFile(path, Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), body]));
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
  const end = bytes.indexOf('\n');
  const damaged = new InputError(`${path} is damaged; delete it to train this run from the start`);
  let header: Header;
  try {
    header = JSON.parse(bytes.toString('utf8', 0, end));
  } catch {
    throw damaged;
  }
  const body = bytes.subarray(end + 1);
  if (body.length !== 4 * 4 * header.size || crc32(body) !== header.checksum) throw damaged;
  const values = new Float32Array(body.buffer.slice(body.byteOffset, body.byteOffset + body.length));
  const [weights, bestWeights, mean, variance] = [0, 1, 2, 3].map((i) =>
    values.slice(i * header.size, (i + 1) * header.size),
  );
  return { history: header.history, weights, bestWeights, adam: { step: header.step, mean, variance } };
}
