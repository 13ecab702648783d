import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Batch } from '../dataset/examples.js';
import { setDropoutStep } from '../networks/dropout.js';
import { type AdamState, FlatAdam } from './adam.js';
import { Gradient } from './gradient.js';
import type { StepOptions, StepResult, TrainingSteps } from './steps.js';

/** Steps by tfjs's operations, on any backend. */
export class PlainSteps implements TrainingSteps {
  protected readonly gradient: Gradient;
  protected readonly optimiser: FlatAdam;
  protected readonly rate: StepOptions['rate'];

  constructor(
    protected readonly network: LayersModel,
    { shapes, rate, weightDecay, loss }: Omit<StepOptions, 'batchSizes'>,
  ) {
    this.gradient = new Gradient(network, shapes, loss);
    this.optimiser = new FlatAdam(this.gradient.variables.trainable, weightDecay);
    this.rate = rate;
  }

  take(batch: Batch, step: number): StepResult {
    setDropoutStep(this.network, step);
    return tf.tidy(() => {
      const [loss, correct, ...gradients] = this.gradient.of(batch);
      this.optimiser.apply(
        tf.concat1d(gradients.map((gradient) => tf.reshape(gradient, [gradient.size]))),
        this.rate(step),
      );
      return { loss: loss.dataSync()[0], correct: correct.dataSync()[0] };
    });
  }

  /** They are there: steps change the network's own variables. */
  publish(): void {}

  adam(): AdamState {
    return this.optimiser.state();
  }

  restore(adam: AdamState): void {
    this.optimiser.restore(adam);
  }

  dispose(): void {
    this.optimiser.dispose();
  }
}
