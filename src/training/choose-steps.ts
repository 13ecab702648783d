import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { ParallelSteps, threadsFor } from './parallel-steps.js';
import { PlainSteps } from './plain-steps.js';
import { RecordedSteps } from './recorded-steps.js';
import type { StepOptions, TrainingSteps } from './steps.js';

/**
 * The fastest way to take steps on the backend in use: on the native one a recorded graph; on WebAssembly tfjs's operations
 * one by one, a large network over several threads. All compute the same, up to rounding.
 *
 * @param network - ends with a softmax; nothing but seeded dropout may differ from step to step in it
 */
export function trainingSteps(network: LayersModel, options: StepOptions): TrainingSteps {
  if (tf.getBackend() === 'tensorflow') return new RecordedSteps(network, options);
  const threads = threadsFor(network);
  return threads > 1 ? new ParallelSteps(network, { ...options, threads }) : new PlainSteps(network, options);
}
