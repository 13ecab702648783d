import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { InputError } from '../common/errors.js';
import { ENCODERS, Encoder, type EncoderName } from './encoder.js';
import { recordedForward } from './recorded.js';

/**
 * Loads an encoder that comes with the project. A backend must be set.
 *
 * @throws InputError if its file is missing or damaged
 */
export async function loadEncoder(name: EncoderName): Promise<Encoder> {
  return Encoder.from(name, readEncoderFile(name), {
    record: tf.getBackend() === 'tensorflow' ? recordedForward : undefined,
  });
}

/**
 * The content of an encoder's file.
 *
 * @throws InputError if it is missing
 */
export function readEncoderFile(name: EncoderName): Uint8Array {
  const path = join(__dirname, '../../data/encoder', ENCODERS[name].file);
  if (!existsSync(path))
    throw new InputError(`The weights of the encoder ${name} are missing: expected ${path}; install the project again`);
  return readFileSync(path);
}
