import { workerData } from 'node:worker_threads';
import * as tf from '@tensorflow/tfjs-core';
import { models } from '@tensorflow/tfjs-layers';
import { useBackend } from '../backend/backend.js';
import { reasonOf } from '../common/errors.js';
import { SeededDropout } from '../networks/dropout.js';
import { assignWeights } from '../networks/weights.js';
import { Gradient } from './gradient.js';
import { computeShare, type GradientTask } from './parallel-steps.js';
import { SharedStep } from './shared-step.js';

/** A thread of {@link ParallelSteps}: computes the gradient of its share of each batch, until it is ended. */
async function work({ topology, shapes, loss, frozen, sizes, buffer, share }: GradientTask): Promise<void> {
  const shared = new SharedStep(sizes, buffer);
  try {
    await useBackend('wasm');
    // Under the name by which it is saved, so that the network's own dropout layers are made again.
    tf.serialization.registerClass(SeededDropout);
    const network = await models.modelFromJSON(topology as never);
    const gradient = new Gradient(network, shapes, loss);
    assignWeights(gradient.variables.frozen, frozen);
    for (;;) {
      shared.awaitBegin(share);
      assignWeights(gradient.variables.trainable, shared.weights);
      computeShare(network, gradient, { shared, share });
      shared.end(share);
    }
  } catch (error) {
    shared.end(share, reasonOf(error));
  }
}

work(workerData as GradientTask);
