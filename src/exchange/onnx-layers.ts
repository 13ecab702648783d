import type { LayersModel, layers, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { InputError } from '../common/errors.js';
import { STATISTICS_EPSILON } from '../networks/statistics-pooling.js';
import { LEAST_SQUARES } from '../networks/unit-normalization.js';
import type { Attributes, OnnxGraph } from './onnx-graph.js';

/** In which order the axes of a clip lie: layers have the channels last, ONNX's convolutions have them before all positions. */
type Order = 'channelsLast' | 'channelsFirst';

/** What a layer gives, in the graph; each order is made where a layer first takes it. A vector lies the same way in both. */
interface Value extends Partial<Record<Order, string>> {
  /** The number of its axes, that of the clips included. */
  readonly rank: number;
}

/** A layer about to be added. */
interface Place {
  readonly graph: OnnxGraph;
  readonly layer: layers.Layer;
  readonly inputs: readonly Value[];
  /** Of its node and what that gives. */
  readonly name: string;
}

/**
 * Adds the layers of a network to a graph, as they work in prediction: dropout is left out.
 *
 * @param inputs - the values that it takes, in the order of its inputs
 * @param prefix - what the names of its nodes begin with
 * @returns the value that it gives
 * @throws InputError naming the layer if there is one that is not known here, or has a setting that is not
 */
export function addLayers(
  graph: OnnxGraph,
  network: LayersModel,
  { inputs, prefix }: { inputs: readonly string[]; prefix: string },
): string {
  const values = new Map(network.inputs.map(({ id, rank }, i) => [id, lying('channelsLast', inputs[i], rank)]));
  const given = (tensor: SymbolicTensor): Value => {
    const known = values.get(tensor.id);
    if (known) return known;
    const layer = tensor.sourceLayer;
    const kind = layer.getClassName();
    if (!Object.hasOwn(LAYERS, kind))
      throw refused(layer, `its kind must be one of ${Object.keys(LAYERS).join(', ')}, current value is ${kind}`);
    const value = LAYERS[kind]({ graph, layer, inputs: tensor.inputs.map(given), name: prefix + layer.name });
    values.set(tensor.id, value);
    return value;
  };
  return laid(given(network.outputs[0]), 'channelsLast', graph);
}

/** What becomes of each kind of layer. */
const LAYERS: Readonly<Record<string, (place: Place) => Value>> = {
  Activation: (place) => activated(place, place.inputs[0], place.name),
  Add: (place) => merged(place, 'Add'),

  Average(place) {
    const { graph, inputs, name } = place;
    const count = graph.scalar(`${name}/count`, inputs.length);
    return eachWay(merged(place, 'Add'), (sum) => graph.node('Div', [sum, count], { name: `${name}/mean` }));
  },

  AveragePooling1D: (place) => pooled(place, 'AveragePool'),
  AveragePooling2D: (place) => pooled(place, 'AveragePool'),

  BatchNormalization({ graph, layer, inputs: [input], name }) {
    const { epsilon, scale, center } = layer.getConfig() as { epsilon: number; scale: boolean; center: boolean };
    demandLastAxis(layer);
    const weights = weightsOf(layer);
    const [mean, variance] = weights.slice(-2);
    const constants = {
      scale: scale ? weights[0] : mean.map(() => 1),
      offset: center ? weights[weights.length - 3] : mean.map(() => 0),
      ...{ mean, variance },
    };
    const names = Object.entries(constants).map(([key, values]) => graph.constant(`${name}/${key}`, values));
    const given = [laid(input, 'channelsFirst', graph), ...names];
    return lying('channelsFirst', graph.node('BatchNormalization', given, { name, epsilon }), input.rank);
  },

  Concatenate({ graph, layer, inputs, name }) {
    const { axis } = layer.getConfig() as { axis: number };
    const parts = inputs.map((value) => laid(value, 'channelsLast', graph));
    return lying('channelsLast', graph.node('Concat', parts, { name, axis: BigInt(axis) }), rankOf(layer));
  },

  Conv1D: convolved,
  Conv2D: convolved,

  Dense(place) {
    const { graph, layer, inputs, name } = place;
    const [kernel, ...bias] = weightsOf(layer);
    const input = laid(inputs[0], 'channelsLast', graph);
    const weight = graph.constant(`${name}/kernel`, kernel, layer.weights[0].shape as number[]);
    const biases = bias.map((values) => graph.constant(`${name}/bias`, values));
    const product = () => graph.node('MatMul', [input, weight], { name });
    const output =
      rankOf(layer) === 2
        ? graph.node('Gemm', [input, weight, ...biases], { name })
        : biases.reduce((sum, each) => graph.node('Add', [sum, each], { name: `${name}/biased` }), product());
    return activated(place, lying('channelsLast', output, rankOf(layer)), `${name}/activation`);
  },

  Dot({ graph, layer, inputs, name }) {
    const { axes, normalize } = layer.getConfig() as { axes: number | number[]; normalize: boolean };
    const [left, right] = [axes, axes].flat().map((axis) => (axis < 0 ? axis + 3 : axis));
    if (normalize || inputs.some(({ rank }) => rank !== 3))
      throw refused(layer, 'it must multiply two matrices, as they are');
    const turned = ([value, isTurned]: [Value, boolean]) => {
      const matrix = laid(value, 'channelsLast', graph);
      return isTurned ? graph.node('Transpose', [matrix], { name: `${name}/turned`, perm: [0n, 2n, 1n] }) : matrix;
    };
    const sides: [Value, boolean][] = [
      [inputs[0], left === 1],
      [inputs[1], right === 2],
    ];
    return lying('channelsLast', graph.node('MatMul', sides.map(turned), { name }), 3);
  },

  Dropout: ({ inputs }) => inputs[0],

  ELU({ graph, inputs, name }) {
    return eachWay(inputs[0], (value) => graph.node('Elu', [value], { name }));
  },

  Flatten({ graph, layer, inputs, name }) {
    demandChannelsLast(layer);
    const input = laid(inputs[0], 'channelsLast', graph);
    return lying('channelsLast', graph.node('Flatten', [input], { name, axis: 1n }), 2);
  },

  GlobalAveragePooling1D: (place) => reduced(place, 'ReduceMean'),
  GlobalAveragePooling2D: (place) => reduced(place, 'ReduceMean'),
  GlobalMaxPooling1D: (place) => reduced(place, 'ReduceMax'),
  GlobalMaxPooling2D: (place) => reduced(place, 'ReduceMax'),

  LayerNormalization({ graph, layer, inputs, name }) {
    const { epsilon, scale, center } = layer.getConfig() as { epsilon: number; scale: boolean; center: boolean };
    demandLastAxis(layer);
    const weights = weightsOf(layer);
    const size = layer.outputShape[rankOf(layer) - 1] as number;
    const names = [
      graph.constant(`${name}/scale`, scale ? weights[0] : new Float32Array(size).fill(1)),
      ...(center ? [graph.constant(`${name}/offset`, weights[weights.length - 1])] : []),
    ];
    const given = [laid(inputs[0], 'channelsLast', graph), ...names];
    return lying('channelsLast', graph.node('LayerNormalization', given, { name, axis: -1n, epsilon }), rankOf(layer));
  },

  LeakyReLU({ graph, layer, inputs, name }) {
    const { alpha } = layer.getConfig() as { alpha: number };
    return eachWay(inputs[0], (value) => graph.node('LeakyRelu', [value], { name, alpha }));
  },

  MaxPooling1D: (place) => pooled(place, 'MaxPool'),
  MaxPooling2D: (place) => pooled(place, 'MaxPool'),
  Maximum: (place) => merged(place, 'Max'),
  Minimum: (place) => merged(place, 'Min'),
  Multiply: (place) => merged(place, 'Mul'),

  Permute({ graph, layer, inputs: [input], name }) {
    const { dims } = layer.getConfig() as { dims: number[] };
    // Of positions and channels, nothing moves: only their names do.
    if (String(dims) === '2,1')
      return { rank: 3, channelsFirst: input.channelsLast, channelsLast: input.channelsFirst };
    const perm = [0, ...dims].map(BigInt);
    return lying(
      'channelsLast',
      graph.node('Transpose', [laid(input, 'channelsLast', graph)], { name, perm }),
      input.rank,
    );
  },

  ReLU({ graph, layer, inputs, name }) {
    const { maxValue } = layer.getConfig() as { maxValue?: number | null };
    if (typeof maxValue !== 'number') return eachWay(inputs[0], (value) => graph.node('Relu', [value], { name }));
    const limits = [graph.scalar(`${name}/least`, 0), graph.scalar(`${name}/most`, maxValue)];
    return eachWay(inputs[0], (value) => graph.node('Clip', [value, ...limits], { name }));
  },

  Rescaling({ graph, layer, inputs, name }) {
    const { scale, offset } = layer.getConfig() as { scale: number; offset: number };
    const [factor, summand] = [graph.scalar(`${name}/scale`, scale), graph.scalar(`${name}/offset`, offset)];
    return eachWay(inputs[0], (value) => {
      const product = graph.node('Mul', [value, factor], { name: `${name}/scaled` });
      return graph.node('Add', [product, summand], { name });
    });
  },

  Reshape({ graph, layer, inputs, name }) {
    const { targetShape } = layer.getConfig() as { targetShape: (number | null)[] };
    // 0 stands for the length of the input there, the number of clips, and −1 for what is left.
    const shape = graph.integers([0n, ...targetShape.map((length) => BigInt(length ?? -1))]);
    const output = graph.node('Reshape', [laid(inputs[0], 'channelsLast', graph), shape], { name });
    return lying('channelsLast', output, rankOf(layer));
  },

  /** tfjs computes it over the last axis alone. */
  Softmax: ({ graph, inputs, name }) => softmax(inputs[0], { graph, name }),

  StatisticsPooling({ graph, inputs, name }) {
    const node = (operator: string, given: readonly string[], part: string) =>
      graph.node(operator, given, { name: `${name}/${part}` });
    const sum = (of: string, part: string, keepdims: bigint) =>
      graph.node('ReduceSum', [of, graph.integers([-1n])], { name: `${name}/${part}`, keepdims });
    const [x, mask] = [laid(inputs[0], 'channelsFirst', graph), laid(inputs[1], 'channelsLast', graph)];
    const shares = node('Div', [mask, sum(mask, 'frames', 1n)], 'shares');
    const weights = node('Unsqueeze', [shares, graph.integers([1n])], 'weights');
    const mean = sum(node('Mul', [x, weights], 'weighted'), 'mean', 1n);
    const centred = node('Sub', [x, mean], 'centred');
    const squares = node('Mul', [node('Mul', [centred, centred], 'squares'), weights], 'weighted_squares');
    const epsilon = graph.scalar(`${name}/epsilon`, STATISTICS_EPSILON);
    const variance = node('Add', [sum(squares, 'variance', 0n), epsilon], 'positive');
    const halves = [node('Squeeze', [mean, graph.integers([-1n])], 'means'), node('Sqrt', [variance], 'deviations')];
    return lying('channelsLast', graph.node('Concat', halves, { name, axis: 1n }), 2);
  },

  UnitNormalization({ graph, layer, inputs, name }) {
    const axes = wholeNumbers(layer, 'axis');
    const x = laid(inputs[0], 'channelsLast', graph);
    const squares = graph.node('Mul', [x, x], { name: `${name}/squares` });
    const sum = graph.node('ReduceSum', [squares, graph.integers(axes)], { name: `${name}/sum`, keepdims: 1n });
    const least = graph.scalar(`${name}/least`, LEAST_SQUARES);
    const root = graph.node('Sqrt', [graph.node('Max', [sum, least], { name: `${name}/positive` })], {
      name: `${name}/root`,
    });
    return lying('channelsLast', graph.node('Div', [x, root], { name }), rankOf(layer));
  },
};

/** Activations of each number by itself, by the names that layers have for them. */
const ACTIVATIONS: Readonly<Record<string, string>> = {
  relu: 'Relu',
  elu: 'Elu',
  selu: 'Selu',
  sigmoid: 'Sigmoid',
  softplus: 'Softplus',
  softsign: 'Softsign',
  tanh: 'Tanh',
};

/** A value after the activation that a layer ends with. */
function activated({ graph, layer }: Place, value: Value, name: string): Value {
  const { activation = 'linear' } = layer.getConfig() as { activation?: string };
  if (activation === 'linear') return value;
  if (activation === 'softmax') return softmax(value, { graph, name });
  if (activation === 'swish')
    return eachWay(value, (each) => {
      const share = graph.node('Sigmoid', [each], { name: `${name}/share` });
      return graph.node('Mul', [each, share], { name });
    });
  if (!Object.hasOwn(ACTIVATIONS, activation)) {
    const known = ['linear', 'softmax', 'swish', ...Object.keys(ACTIVATIONS)];
    throw refused(layer, `its activation must be one of ${known.join(', ')}, current value is ${activation}`);
  }
  return eachWay(value, (each) => graph.node(ACTIVATIONS[activation], [each], { name }));
}

function softmax(value: Value, { graph, name }: { graph: OnnxGraph; name: string }): Value {
  const output = graph.node('Softmax', [laid(value, 'channelsLast', graph)], { name, axis: -1n });
  return lying('channelsLast', output, value.rank);
}

function convolved(place: Place): Value {
  const { graph, layer, inputs, name } = place;
  demandChannelsLast(layer);
  const [kernel, ...bias] = weightsOf(layer);
  const weights = [
    graph.constant(`${name}/kernel`, ...channelsFirstKernel(kernel, layer.weights[0].shape as number[])),
    ...bias.map((values) => graph.constant(`${name}/bias`, values)),
  ];
  const output = graph.node('Conv', [laid(inputs[0], 'channelsFirst', graph), ...weights], {
    ...{ name, kernel_shape: wholeNumbers(layer, 'kernelSize'), ...paddingOf(layer) },
    ...{ strides: wholeNumbers(layer, 'strides'), dilations: wholeNumbers(layer, 'dilationRate'), group: 1n },
  });
  return activated(place, lying('channelsFirst', output, rankOf(layer)), `${name}/activation`);
}

function pooled({ graph, layer, inputs, name }: Place, operator: string): Value {
  demandChannelsLast(layer);
  const output = graph.node(operator, [laid(inputs[0], 'channelsFirst', graph)], {
    ...{ name, kernel_shape: wholeNumbers(layer, 'poolSize'), ...paddingOf(layer) },
    strides: wholeNumbers(layer, 'strides'),
  });
  return lying('channelsFirst', output, rankOf(layer));
}

/** What is left of all positions. */
function reduced({ graph, layer, inputs: [input], name }: Place, operator: string): Value {
  demandChannelsLast(layer);
  const axes = Array.from({ length: input.rank - 2 }, (_, axis) => BigInt(axis + 1));
  const output = graph.node(operator, [laid(input, 'channelsLast', graph)], { name, axes, keepdims: 0n });
  return lying('channelsLast', output, 2);
}

/** Several values number by number; where one is already there with its channels first, all are taken so. */
function merged({ graph, layer, inputs, name }: Place, operator: string): Value {
  if (inputs.some(({ rank }) => rank !== inputs[0].rank))
    throw refused(layer, 'what it is given must have the same number of axes');
  const order = inputs.some((value) => value.channelsFirst) ? 'channelsFirst' : 'channelsLast';
  const values = inputs.map((value) => laid(value, order, graph));
  return lying(
    order,
    values.reduce((a, b) => graph.node(operator, [a, b], { name })),
    rankOf(layer),
  );
}

/** A value with so many axes, that of the clips included. */
function lying(order: Order, name: string, rank: number): Value {
  return rank === 2 ? { rank, channelsLast: name, channelsFirst: name } : { rank, [order]: name };
}

/** The name of a value in an order; where it does not lie in it yet, it is turned. */
function laid(value: Value, order: Order, graph: OnnxGraph): string {
  const other = (value.channelsFirst ?? value.channelsLast)!;
  const positions = Array.from({ length: value.rank - 2 }, (_, axis) => axis);
  const perm =
    order === 'channelsFirst'
      ? [0, value.rank - 1, ...positions.map((axis) => axis + 1)]
      : [0, ...positions.map((axis) => axis + 2), 1];
  value[order] ??= graph.node('Transpose', [other], { name: `${other}/turned`, perm: perm.map(BigInt) });
  return value[order]!;
}

/** What an operation on each number by itself gives, in the order that is there: nothing has to be moved for it. */
function eachWay({ rank, channelsFirst, channelsLast }: Value, operation: (name: string) => string): Value {
  const order = channelsFirst ? 'channelsFirst' : 'channelsLast';
  return lying(order, operation((channelsFirst ?? channelsLast)!), rank);
}

/** A kernel of shape `(…positions, channels, filters)` as ONNX's convolutions have it: `(filters, channels, …positions)`. */
function channelsFirstKernel(kernel: Float32Array, shape: readonly number[]): [values: Float32Array, shape: number[]] {
  const [channels, filters] = shape.slice(-2);
  const positions = shape.slice(0, -2);
  const size = kernel.length / channels / filters;
  const values = new Float32Array(kernel.length);
  let at = 0;
  for (let filter = 0; filter < filters; filter++)
    for (let channel = 0; channel < channels; channel++)
      for (let place = 0; place < size; place++) values[at++] = kernel[(place * channels + channel) * filters + filter];
  return [values, [filters, channels, ...positions]];
}

function rankOf(layer: layers.Layer): number {
  return layer.outputShape.length;
}

function weightsOf(layer: layers.Layer): Float32Array[] {
  return layer.getWeights().map((weight) => weight.dataSync<'float32'>());
}

function wholeNumbers(layer: layers.Layer, setting: string): bigint[] {
  return [layer.getConfig()[setting] as number | number[]].flat().map(BigInt);
}

/** How operators are told of a layer's padding; where an odd number of zeros is needed, there is one more at the end. */
function paddingOf(layer: layers.Layer): Attributes {
  const { padding } = layer.getConfig() as { padding: string };
  demand(layer, 'padding', () => padding === 'same' || padding === 'valid', 'must be same or valid');
  // Said, as ONNX Runtime Web on WebGPU does not fill it in.
  return padding === 'same' ? { auto_pad: 'SAME_UPPER' } : { pads: new Array(2 * (rankOf(layer) - 2)).fill(0n) };
}

function demandChannelsLast(layer: layers.Layer): void {
  demand(layer, 'dataFormat', (value) => (value ?? 'channelsLast') === 'channelsLast', 'must be channelsLast');
}

function demandLastAxis(layer: layers.Layer): void {
  const isLast = (axis: unknown) => axis === -1 || axis === rankOf(layer) - 1;
  demand(layer, 'axis', (axis) => [axis].flat().every(isLast), 'must be the last one');
}

function demand(layer: layers.Layer, setting: string, isMet: (value: unknown) => boolean, rule: string): void {
  const value: unknown = layer.getConfig()[setting];
  if (!isMet(value)) throw refused(layer, `its ${setting} ${rule}, current value is ${String(value)}`);
}

function refused(layer: layers.Layer, why: string): InputError {
  return new InputError(`Cannot write the layer ${layer.name} as ONNX: ${why}`);
}
