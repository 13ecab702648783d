import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Dataset } from '../dataset/examples.js';

/** What one number of a vector says to a linear network, class by class. */
export interface NumberWeights {
  /**
   * What a standard deviation more of the number adds to the logit of each class, less the mean over the classes: positive
   * where more of it than usual speaks for the class.
   */
  readonly weights: readonly number[];
  /** Mean over the clips of each class, in standard deviations from the mean over all clips. */
  readonly means: readonly number[];
}

/** Layers of a network that is one linear layer of a vector; the input counts as one. */
const LINEAR = ['InputLayer', 'Dense', 'Softmax'];

/**
 * What each number of a vector says to a network that is one linear layer of it.
 *
 * @param train - what the network was fitted to
 * @returns one entry for each number, or undefined if the network is another one
 */
export function linearWeights(network: LayersModel, train: Dataset): NumberWeights[] | undefined {
  const { layers } = network;
  const dense = layers.filter((layer) => layer.getClassName() === 'Dense');
  if (dense.length !== 1 || layers.some((layer) => !LINEAR.includes(layer.getClassName()))) return undefined;
  const classes = train.labels.length;
  const kernel = dense[0].getWeights()[0].dataSync();
  const { means, deviations } = statisticsOf(train);
  return Array.from(deviations, (deviation, k) => {
    const row = Array.from(kernel.subarray(k * classes, (k + 1) * classes), (weight) => weight * deviation);
    const common = row.reduce((a, b) => a + b) / classes;
    return { weights: row.map((weight) => weight - common), means: means[k] };
  });
}

/** Of each number: the deviation over all clips, and the mean over the clips of each class in such deviations. */
function statisticsOf({ count, shapes: [[size]], write, targets, labels }: Dataset): {
  deviations: Float64Array;
  means: number[][];
} {
  const clip = new Float32Array(size);
  const [sums, squares] = [new Float64Array(size), new Float64Array(size)];
  const ofClass = labels.map(() => new Float64Array(size));
  const clips = labels.map(() => 0);
  for (let i = 0; i < count; i++) {
    write(i, [clip]);
    clips[targets[i]]++;
    for (let k = 0; k < size; k++) {
      sums[k] += clip[k];
      squares[k] += clip[k] ** 2;
      ofClass[targets[i]][k] += clip[k];
    }
  }
  const deviations = squares.map((square, k) => Math.sqrt(Math.max(0, square / count - (sums[k] / count) ** 2)));
  const means = Array.from(deviations, (deviation, k) =>
    labels.map((_, c) => (deviation > 0 ? (ofClass[c][k] / clips[c] - sums[k] / count) / deviation : 0)),
  );
  return { deviations, means };
}
