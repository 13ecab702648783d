import type { LayersModel, layers, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { InputError } from '../common/errors.js';
import { STATISTICS_EPSILON } from '../networks/statistics-pooling.js';
import type { Attributes, OnnxGraph } from './onnx-graph.js';

/** In which order the positions and channels of a clip lie: layers have the channels last, ONNX's convolutions first. */
type Order = 'channelsLast' | 'channelsFirst';

/** What a layer gives, in the graph; each order is made where a layer first takes it. A vector lies the same way in both. */
type Value = Partial<Record<Order, string>>;

/** A layer about to be added. */
interface Place {
  readonly graph: OnnxGraph;
  readonly layer: layers.Layer;
  readonly inputs: readonly Value[];
  /** The numbers of their axes, that of the clips included. */
  readonly ranks: readonly number[];
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
    const value = LAYERS[kind]({
      ...{ graph, layer, name: prefix + layer.name },
      inputs: tensor.inputs.map(given),
      ranks: tensor.inputs.map(({ rank }) => rank),
    });
    values.set(tensor.id, value);
    return value;
  };
  return laid(given(network.outputs[0]), 'channelsLast', graph);
}

/** What becomes of each kind of layer. */
const LAYERS: Readonly<Record<string, (place: Place) => Value>> = {
  Activation: (place) => activated(place, place.inputs[0], place.name),

  BatchNormalization({ graph, layer, inputs, name }) {
    const { epsilon, scale, center } = layer.getConfig() as { epsilon: number; scale: boolean; center: boolean };
    demandLastAxis(layer);
    const weights = weightsOf(layer);
    const [mean, variance] = weights.slice(-2);
    const constants = {
      scale: scale ? weights[0] : mean.map(() => 1),
      offset: center ? weights[weights.length - 3] : mean.map(() => 0),
      mean,
      variance,
    };
    const names = Object.entries(constants).map(([key, values]) => graph.constant(`${name}/${key}`, values));
    const input = laid(inputs[0], 'channelsFirst', graph);
    return lying(
      'channelsFirst',
      graph.node('BatchNormalization', [input, ...names], { name, epsilon }),
      rankOf(layer),
    );
  },

  Conv1D(place) {
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
    return activated(place, { channelsFirst: output }, `${name}/activation`);
  },

  Dense(place) {
    const { graph, layer, inputs, name } = place;
    if (rankOf(layer) !== 2) throw refused(layer, `it must take a vector, current input has ${rankOf(layer) - 1} axes`);
    const [kernel, ...bias] = weightsOf(layer);
    const weights = [
      graph.constant(`${name}/kernel`, kernel, layer.weights[0].shape as number[]),
      ...bias.map((values) => graph.constant(`${name}/bias`, values)),
    ];
    const output = graph.node('Gemm', [laid(inputs[0], 'channelsLast', graph), ...weights], { name });
    return activated(place, lying('channelsLast', output, 2), `${name}/activation`);
  },

  Dropout: ({ inputs }) => inputs[0],

  Flatten({ graph, layer, inputs, name }) {
    demandChannelsLast(layer);
    const input = laid(inputs[0], 'channelsLast', graph);
    return lying('channelsLast', graph.node('Flatten', [input], { name, axis: 1n }), 2);
  },

  MaxPooling1D({ graph, layer, inputs, name }) {
    const output = graph.node('MaxPool', [laid(inputs[0], 'channelsFirst', graph)], {
      ...{ name, kernel_shape: wholeNumbers(layer, 'poolSize'), ...paddingOf(layer) },
      ...{ strides: wholeNumbers(layer, 'strides'), dilations: [1n] },
    });
    return { channelsFirst: output };
  },

  Multiply({ graph, layer, inputs, ranks, name }) {
    if (new Set(ranks).size > 1) throw refused(layer, 'what it multiplies must have the same number of axes');
    const order = inputs.some((value) => value.channelsFirst) ? 'channelsFirst' : 'channelsLast';
    const factors = inputs.map((value) => laid(value, order, graph));
    return lying(
      order,
      factors.reduce((a, b) => graph.node('Mul', [a, b], { name })),
      rankOf(layer),
    );
  },

  /** Of positions and channels: nothing moves, only their names do. */
  Permute({ layer, inputs: [{ channelsFirst, channelsLast }] }) {
    demand(layer, 'dims', (dims) => String(dims) === '2,1', 'must be 2,1');
    return { channelsFirst: channelsLast, channelsLast: channelsFirst };
  },

  ReLU({ graph, layer, inputs, name }) {
    demand(layer, 'maxValue', (value) => value === undefined || value === null, 'must not be given');
    return eachWay(inputs[0], (value) => graph.node('Relu', [value], { name }));
  },

  Reshape({ graph, layer, inputs, name }) {
    const { targetShape } = layer.getConfig() as { targetShape: (number | null)[] };
    demand(layer, 'targetShape', () => targetShape.length <= 2, 'must have one or two lengths');
    // 0 stands for the length of the input there, the number of clips, and −1 for what is left.
    const shape = graph.integers([0n, ...targetShape.map((length) => BigInt(length ?? -1))]);
    const output = graph.node('Reshape', [laid(inputs[0], 'channelsLast', graph), shape], { name });
    return lying('channelsLast', output, rankOf(layer));
  },

  Softmax(place) {
    demandLastAxis(place.layer);
    return softmax(place, place.inputs[0], place.name);
  },

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
    const variance = node(
      'Add',
      [sum(squares, 'variance', 0n), graph.scalar(`${name}/epsilon`, STATISTICS_EPSILON)],
      'positive',
    );
    const halves = [node('Squeeze', [mean, graph.integers([-1n])], 'means'), node('Sqrt', [variance], 'deviations')];
    return lying('channelsLast', graph.node('Concat', halves, { name, axis: 1n }), 2);
  },
};

/** Activations by the name that layers have for them. */
const ACTIVATIONS: Readonly<Record<string, (place: Place, value: Value, name: string) => Value>> = {
  linear: (_, value) => value,
  relu: ({ graph }, value, name) => eachWay(value, (each) => graph.node('Relu', [each], { name })),
  softmax,
};

/** A value after the activation that a layer ends with. */
function activated(place: Place, value: Value, name: string): Value {
  const { activation = 'linear' } = place.layer.getConfig() as { activation?: string };
  const isKnown = Object.hasOwn(ACTIVATIONS, activation);
  demand(place.layer, 'activation', () => isKnown, `must be one of ${Object.keys(ACTIVATIONS).join(', ')}`);
  return ACTIVATIONS[activation](place, value, name);
}

/** Over the channels. */
function softmax({ graph, layer }: Place, value: Value, name: string): Value {
  const output = graph.node('Softmax', [laid(value, 'channelsLast', graph)], { name, axis: -1n });
  return lying('channelsLast', output, rankOf(layer));
}

/** A value with so many axes, that of the clips included. */
function lying(order: Order, name: string, rank: number): Value {
  return rank === 2 ? { channelsLast: name, channelsFirst: name } : { [order]: name };
}

/** The name of a value in an order; where it does not lie in it yet, it is turned. */
function laid(value: Value, order: Order, graph: OnnxGraph): string {
  const other = value.channelsFirst ?? value.channelsLast!;
  value[order] ??= graph.node('Transpose', [other], { name: `${other}/turned`, perm: [0n, 2n, 1n] });
  return value[order]!;
}

/** What an operation on each number by itself gives, in the order that is there: nothing has to be moved for it. */
function eachWay(value: Value, operation: (name: string) => string): Value {
  const { channelsFirst, channelsLast } = value;
  const output = operation((channelsFirst ?? channelsLast)!);
  if (channelsFirst === channelsLast) return { channelsFirst: output, channelsLast: output };
  return channelsFirst ? { channelsFirst: output } : { channelsLast: output };
}

/** A kernel of shape `(width, channels, filters)` as convolutions of ONNX have it: `(filters, channels, width)`. */
function channelsFirstKernel(
  kernel: Float32Array,
  [width, channels, filters]: readonly number[],
): [values: Float32Array, shape: number[]] {
  const values = new Float32Array(kernel.length);
  let at = 0;
  for (let filter = 0; filter < filters; filter++)
    for (let channel = 0; channel < channels; channel++)
      for (let place = 0; place < width; place++)
        values[at++] = kernel[(place * channels + channel) * filters + filter];
  return [values, [filters, channels, width]];
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
const PADDINGS: Readonly<Record<string, Attributes>> = { same: { auto_pad: 'SAME_UPPER' }, valid: { pads: [0n, 0n] } };

function paddingOf(layer: layers.Layer): Attributes {
  const { padding } = layer.getConfig() as { padding: string };
  demand(layer, 'padding', () => Object.hasOwn(PADDINGS, padding), `must be ${Object.keys(PADDINGS).join(' or ')}`);
  return PADDINGS[padding];
}

function demandChannelsLast(layer: layers.Layer): void {
  demand(layer, 'dataFormat', (value) => (value ?? 'channelsLast') === 'channelsLast', 'must be channelsLast');
}

function demandLastAxis(layer: layers.Layer): void {
  demand(layer, 'axis', (axis) => axis === -1 || axis === rankOf(layer) - 1, 'must be the last one');
}

function demand(layer: layers.Layer, setting: string, isMet: (value: unknown) => boolean, rule: string): void {
  const value: unknown = layer.getConfig()[setting];
  if (!isMet(value)) throw refused(layer, `its ${setting} ${rule}, current value is ${String(value)}`);
}

function refused(layer: layers.Layer, why: string): InputError {
  return new InputError(`Cannot write the layer ${layer.name} as ONNX: ${why}`);
}
