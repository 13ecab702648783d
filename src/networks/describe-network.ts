import type { LayersModel, layers } from '@tensorflow/tfjs-layers';

/** One layer of a network, as tables and figures show it. */
export interface LayerDescription {
  /** Its name; of the first one, `input`. */
  readonly layer: string;
  /** tfjs's class, e.g. `Conv1D`. */
  readonly kind: string;
  /** Shape of the output for one clip, e.g. `128 × 256`: positions × channels, or a number of units. */
  readonly output: string;
  /** Numbers in the output for one clip. */
  readonly activations: number;
  /** Numbers that training changes. */
  readonly parameters: number;
  /** Neighbouring positions of the convolved axis (mel bands or frames) that one number of the output depends on. */
  readonly receptiveField: number;
}

/** What to compare networks by. */
export interface NetworkSizes {
  /** Shape of what the last convolution's stage hands on, e.g. `8 × 64`. */
  readonly convolved: string;
  /** The same as one list: the number of activations that the dense layers begin with. */
  readonly flattened: number;
  /** Parameters of the convolutions, of the dense layers, and of both. */
  readonly convolutionParameters: number;
  readonly denseParameters: number;
  readonly parameters: number;
}

/**
 * A network of `NETWORKS` layer by layer, its input first.
 *
 * How much a layer sees grows with each convolution and each pooling, and twice as fast after every pooling that halves the
 * positions; the padding at both ends is not counted, so it is at most the whole axis. A dense layer sees all of it.
 */
export function describeNetwork(network: LayersModel): LayerDescription[] {
  const input = sizesOf(network.inputs[0].shape);
  const rows: LayerDescription[] = [
    {
      layer: 'input',
      kind: 'InputLayer',
      output: textOf(input),
      activations: product(input),
      parameters: 0,
      receptiveField: 1,
    },
  ];
  let [positions, sees, step] = [input[0], 1, 1];
  for (const layer of network.layers) {
    if (layer.getClassName() === 'InputLayer') continue;
    const output = sizesOf(layer.outputShape as (number | null)[]);
    if (layer.getClassName() === 'Permute') positions = output[0];
    const { span, stride } = slidingOf(layer);
    sees = output.length === 1 ? positions : Math.min(positions, sees + (span - 1) * step);
    step *= stride;
    rows.push({
      layer: layer.name,
      kind: layer.getClassName(),
      output: textOf(output),
      activations: product(output),
      parameters: layer.countParams(),
      receptiveField: sees,
    });
  }
  return rows;
}

/** The sizes by which networks of `NETWORKS` compare. */
export function networkSizes(network: LayersModel): NetworkSizes {
  const rows = describeNetwork(network);
  const flatten = rows.findIndex(({ kind }) => kind === 'Flatten');
  const parametersOf = (some: readonly LayerDescription[]) => some.reduce((sum, row) => sum + row.parameters, 0);
  return {
    convolved: rows[flatten - 1].output,
    flattened: rows[flatten].activations,
    convolutionParameters: parametersOf(rows.slice(0, flatten)),
    denseParameters: parametersOf(rows.slice(flatten)),
    parameters: parametersOf(rows),
  };
}

/** How many positions a layer takes together, and how far it moves on. */
function slidingOf(layer: layers.Layer): { span: number; stride: number } {
  const { kernelSize, poolSize, strides } = layer.getConfig() as Record<string, number | number[] | undefined>;
  const first = (value: number | number[] | undefined) => [value ?? 1].flat()[0];
  return { span: first(kernelSize ?? poolSize), stride: first(strides) };
}

/** A shape without the number of clips, which is open. */
function sizesOf(shape: readonly (number | null)[]): number[] {
  return shape.slice(1).map((size) => size!);
}

function textOf(sizes: readonly number[]): string {
  return sizes.join(' × ');
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((all, size) => all * size, 1);
}
