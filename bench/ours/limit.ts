import * as tf from '@tensorflow/tfjs-core';
import { useBackend } from '../../src/backend/backend.js';
import type { BackendName } from '../../src/backend/info.js';
import { ORIGINAL_SIZES } from '../../src/networks/convolution.js';
import { originalNetwork } from '../../src/networks/original.js';
import { trainingSteps } from '../../src/training/choose-steps.js';
import { median } from '../measure.js';

/** Clips in a step. */
export const BATCH = 32;
const WARM_UP = 5;
const REPETITIONS = 25;
/** Large enough for a matrix product to run at the library's best. */
const MATRIX = 2048;

/** What a training step takes, what its arithmetic takes of it, and what the library can do at best. */
export interface Limit {
  readonly stepMilliseconds: number;
  /** Of the convolutions of a step: forward, and the gradients of filters and inputs. */
  readonly gigaflop: number;
  readonly convolutionMilliseconds: number;
  readonly convolutionGigaflops: number;
  /** Of a large matrix product. */
  readonly peakGigaflops: number;
}

/** What a training step of the original's network takes, and its convolutions by themselves. */
export default async function limit({ backend }: { backend: BackendName }): Promise<Limit> {
  await useBackend(backend);
  const network = originalNetwork({ bands: 128, frames: 87, classes: 7, seed: 1 });
  const steps = trainingSteps(network, { batchSizes: [BATCH], shapes: [[128, 87]], rate: () => 0.001 });
  const batch = { inputs: [new Float32Array(BATCH * 128 * 87).fill(0.5)], targets: new Int32Array(BATCH) };
  const stepMilliseconds = medianMilliseconds((i) => void steps.take(batch, i));
  steps.dispose();
  return { stepMilliseconds, ...convolutionLimit() };
}

/** Times the convolutions of a step by themselves, on the backend in use. */
function convolutionLimit(): Omit<Limit, 'stepMilliseconds'> {
  let [flop, milliseconds] = [0, 0];
  let [length, channels] = [128, 87];
  for (const [i, filters] of ORIGINAL_SIZES.filters.entries()) {
    const x = tf.randomNormal([BATCH, 1, length, channels]) as tf.Tensor4D;
    const filter = tf.randomNormal([1, ORIGINAL_SIZES.kernelSize, channels, filters]) as tf.Tensor4D;
    const dy = tf.randomNormal([BATCH, 1, length, filters]) as tf.Tensor4D;
    const attributes = { strides: [1, 1], pad: 'same', dataFormat: 'NHWC', dimRoundingMode: undefined };
    const run = (kernel: string, inputs: tf.NamedTensorMap, more: object) =>
      tf.engine().runKernel(kernel, inputs, { ...attributes, ...more } as unknown as tf.NamedAttrMap) as tf.Tensor;
    const calls = [
      () => tf.conv2d(x, filter, 1, 'same'),
      () => run(tf.Conv2DBackpropFilter, { x, dy }, { filterShape: filter.shape }),
      // The first layer's input needs no gradient.
      ...(i > 0 ? [() => run(tf.Conv2DBackpropInput, { dy, filter }, { inputShape: x.shape })] : []),
    ];
    for (const call of calls) {
      milliseconds += medianMilliseconds(() => call().dispose());
      flop += 2 * BATCH * length * ORIGINAL_SIZES.kernelSize * channels * filters;
    }
    tf.dispose([x, filter, dy]);
    [length, channels] = [length / 2, filters];
  }
  const a = tf.randomNormal([MATRIX, MATRIX]) as tf.Tensor2D;
  const product = medianMilliseconds(() => tf.matMul(a, a).dispose());
  return {
    gigaflop: flop / 1e9,
    convolutionMilliseconds: milliseconds,
    convolutionGigaflops: flop / 1e6 / milliseconds,
    peakGigaflops: (2 * MATRIX ** 3) / 1e6 / product,
  };
}

/** The median of some calls, after a few that do not count. */
function medianMilliseconds(call: (repetition: number) => void): number {
  const times: number[] = [];
  for (let i = 0; i < WARM_UP + REPETITIONS; i++) {
    const begun = performance.now();
    call(i);
    times.push(performance.now() - begun);
  }
  return median(times.slice(WARM_UP));
}
