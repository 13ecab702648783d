import * as tf from '@tensorflow/tfjs-core';
import { SEED_SIZES } from '../src/model/networks.js';
import { median } from './measure.js';

/** Clips in a step. */
export const BATCH = 32;
const WARM_UP = 5;
const REPETITIONS = 25;
/** Large enough for a matrix product to run at the library's best. */
const MATRIX = 2048;

/** What the arithmetic of a training step takes, and what the library can do at best. */
export interface Limit {
  /** Of the convolutions of a step: forward, and the gradients of filters and inputs. */
  readonly gigaflop: number;
  readonly convolutionMilliseconds: number;
  readonly convolutionGigaflops: number;
  /** Of a large matrix product. */
  readonly peakGigaflops: number;
}

/** Times the convolutions of a step of the original's network by themselves, on the backend in use. */
export function measureLimit(): Limit {
  let [flop, milliseconds] = [0, 0];
  let [length, channels] = [128, 87];
  for (const [i, filters] of SEED_SIZES.filters.entries()) {
    const x = tf.randomNormal([BATCH, 1, length, channels]) as tf.Tensor4D;
    const filter = tf.randomNormal([1, SEED_SIZES.kernelSize, channels, filters]) as tf.Tensor4D;
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
      flop += 2 * BATCH * length * SEED_SIZES.kernelSize * channels * filters;
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
export function medianMilliseconds(call: (repetition: number) => void): number {
  const times: number[] = [];
  for (let i = 0; i < WARM_UP + REPETITIONS; i++) {
    const begun = performance.now();
    call(i);
    times.push(performance.now() - begun);
  }
  return median(times.slice(WARM_UP));
}
