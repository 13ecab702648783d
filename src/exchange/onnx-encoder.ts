import type { StoredTensor } from '../encoder/safetensors.js';
import {
  EPSILON,
  HEAD_SIZE,
  HEADS,
  MOST_POSITIONS,
  STATE_SIZE,
  storedBlocks,
  storedWeight,
} from '../encoder/whisper.js';
import { type Attributes, type OnnxGraph, SINGLE_PRECISION } from './onnx-graph.js';

/** All that may be said: ONNX Runtime Web on WebGPU does not fill in what is usual. */
const CONVOLUTION: Attributes = { kernel_shape: [3n], pads: [1n, 1n], dilations: [1n], group: 1n };

/**
 * Adds the encoder of `encode` in `encoder/whisper.ts` to a graph, and the mean over time.
 *
 * The weights are the published ones. Those that are published in half precision are kept so and made single where the file
 * is loaded, which gives the same numbers from half the bytes.
 *
 * @param stored - the tensors by the names of the published model
 * @param logMel - shape `(clips, 80, frames)`: clips of one length, at most 30 s, beyond which the addition of positions fails
 * @returns the mean of the states, shape `(clips, 512)`
 * @throws InputError if a tensor is missing
 */
export function addEncoder(graph: OnnxGraph, stored: ReadonlyMap<string, StoredTensor>, logMel: string): string {
  const node = (operator: string, inputs: readonly string[], part: string, attributes: Attributes = {}) =>
    graph.node(operator, inputs, { ...attributes, name: `encoder/${part}` });
  const half = graph.scalar('encoder/half', 0.5);
  const one = graph.scalar('encoder/one', 1);
  const root = graph.scalar('encoder/root_of_two', Math.SQRT2);
  const scale = graph.scalar('encoder/scale', 1 / Math.sqrt(HEAD_SIZE));

  /** A weight as it is stored, or with its two axes exchanged. */
  const weight = (name: string, { turned = false } = {}): string => {
    const { shape, values, halves } = storedWeight(stored, name);
    const given = halves ?? values;
    const constant = turned
      ? graph.constant(`encoder/${name}`, transposed(given, shape), [...shape].reverse())
      : graph.constant(`encoder/${name}`, given, shape);
    return halves ? node('Cast', [constant], `${name}/single`, { to: SINGLE_PRECISION }) : constant;
  };
  const linear = (x: string, name: string, { bias = true } = {}): string => {
    const product = node('MatMul', [x, weight(`${name}.weight`, { turned: true })], name);
    return bias ? node('Add', [product, weight(`${name}.bias`)], `${name}/biased`) : product;
  };
  const normed = (x: string, name: string): string =>
    node('LayerNormalization', [x, weight(`${name}.weight`), weight(`${name}.bias`)], name, {
      axis: -1n,
      epsilon: EPSILON,
    });
  /** By the error function itself; in the form that runtimes know, and replace by a faster one. */
  const gelu = (x: string, name: string): string => {
    const error = node('Erf', [node('Div', [x, root], `${name}/gelu_scaled`)], `${name}/gelu_error`);
    const doubled = node('Mul', [x, node('Add', [error, one], `${name}/gelu_share`)], `${name}/gelu_doubled`);
    return node('Mul', [doubled, half], `${name}/gelu`);
  };
  const convolution = (x: string, name: string, stride: bigint): string => {
    const inputs = [x, weight(`${name}.weight`), weight(`${name}.bias`)];
    return gelu(node('Conv', inputs, name, { ...CONVOLUTION, strides: [stride] }), name);
  };
  const attention = (x: string, name: string): string => {
    const heads = (part: string, given: string, perm: readonly bigint[]) => {
      const shape = graph.integers([0n, 0n, BigInt(HEADS), BigInt(HEAD_SIZE)]);
      return node('Transpose', [node('Reshape', [given, shape], `${name}.${part}/heads`)], `${name}.${part}/turned`, {
        perm,
      });
    };
    const scaled = node('Mul', [linear(x, `${name}.q_proj`), scale], `${name}.q_proj/scaled`);
    const queries = heads('q_proj', scaled, [0n, 2n, 1n, 3n]);
    const keys = heads('k_proj', linear(x, `${name}.k_proj`, { bias: false }), [0n, 2n, 3n, 1n]);
    const values = heads('v_proj', linear(x, `${name}.v_proj`), [0n, 2n, 1n, 3n]);
    const shares = node('Softmax', [node('MatMul', [queries, keys], `${name}/likeness`)], `${name}/shares`, {
      axis: -1n,
    });
    const mixed = node('MatMul', [shares, values], `${name}/mixed`);
    const turned = node('Transpose', [mixed], `${name}/turned`, { perm: [0n, 2n, 1n, 3n] });
    return linear(
      node('Reshape', [turned, graph.integers([0n, 0n, BigInt(STATE_SIZE)])], `${name}/joined`),
      `${name}.out_proj`,
    );
  };

  const heard = convolution(convolution(logMel, 'conv1', 1n), 'conv2', 2n);
  let x = node('Transpose', [heard], 'heard', { perm: [0n, 2n, 1n] });
  x = node('Add', [x, places(graph, node('Shape', [x], 'positions', { start: 1n, end: 2n }))], 'placed');
  for (let block = 0; block < storedBlocks(stored); block++) {
    const name = `layers.${block}`;
    const attended = attention(normed(x, `${name}.self_attn_layer_norm`), `${name}.self_attn`);
    x = node('Add', [x, attended], `${name}/attended`);
    const wide = gelu(linear(normed(x, `${name}.final_layer_norm`), `${name}.fc1`), `${name}.fc1`);
    x = node('Add', [x, linear(wide, `${name}.fc2`)], name);
  }
  return node('ReduceMean', [x], 'vector', { axes: [1n], keepdims: 0n });
}

/**
 * The sines and cosines of the first positions, see `sinusoids`; computed where the file is loaded, in double precision, as
 * angles have up to 1,500 radians.
 */
function places(graph: OnnxGraph, count: string): string {
  const half = STATE_SIZE / 2;
  const node = (operator: string, inputs: readonly string[], part: string, attributes: Attributes = {}) =>
    graph.node(operator, inputs, { ...attributes, name: `encoder/places/${part}` });
  const positions = Float64Array.from({ length: MOST_POSITIONS }, (_, position) => position);
  const frequencies = Float64Array.from({ length: STATE_SIZE }, (_, k) =>
    Math.exp((-Math.log(10000) / (half - 1)) * (k % half)),
  );
  const phases = Float64Array.from({ length: STATE_SIZE }, (_, k) => (k < half ? 0 : Math.PI / 2));
  const angles = node(
    'Mul',
    [
      graph.constant('encoder/places/positions', positions, [MOST_POSITIONS, 1]),
      graph.constant('encoder/places/frequencies', frequencies),
    ],
    'angles',
  );
  const shifted = node('Add', [angles, graph.constant('encoder/places/phases', phases)], 'shifted');
  const all = node('Cast', [node('Sin', [shifted], 'sines')], 'all', { to: SINGLE_PRECISION });
  return node('Slice', [all, graph.integers([0n]), count, graph.integers([0n])], 'first');
}

/** A matrix with its axes exchanged. */
function transposed<V extends Float32Array | Uint16Array>(values: V, [rows, columns]: readonly number[]): V {
  const result = values.slice() as V;
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) result[column * rows + row] = values[row * columns + column];
  return result;
}
