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
  const path = join(__dirname, '../../data/encoder', ENCODERS[name].file);
  if (!existsSync(path))
    throw new InputError(`The weights of the encoder ${name} are missing: expected ${path}; install the project again`);
  return Encoder.from(name, readFileSync(path), {
    record: tf.getBackend() === 'tensorflow' ? recordedForward : undefined,
  });
}
