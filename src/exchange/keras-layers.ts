/** A layer in the configuration of a network, and the layers that it is given. */
export interface LayerConfig {
  readonly name: string;
  /** tfjs's and Keras's class, e.g. `Conv1D`. */
  readonly kind: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly from: readonly string[];
}

/** A layer that tfjs and Keras compute alike. */
export interface SharedLayer {
  /** What of its configuration says what it computes; the rest concerns training, or must be what it usually is. */
  readonly options: readonly string[];
  /** Names of its weights, in Keras's order; those that `use_bias`, `center` and `scale` leave out are not there. */
  readonly weights?: readonly string[];
}

const CONVOLUTION: SharedLayer = {
  options: ['filters', 'kernel_size', 'strides', 'padding', 'dilation_rate', 'activation', 'use_bias'],
  weights: ['kernel', 'bias'],
};
const POOLING: SharedLayer = { options: ['pool_size', 'strides', 'padding'] };
const PLAIN: SharedLayer = { options: [] };

/** By class, what both know. */
export const SHARED_LAYERS: Readonly<Record<string, SharedLayer>> = {
  InputLayer: { options: ['batch_input_shape'] },
  Conv1D: CONVOLUTION,
  Conv2D: CONVOLUTION,
  SeparableConv2D: {
    options: [...CONVOLUTION.options, 'depth_multiplier'],
    weights: ['depthwise_kernel', 'pointwise_kernel', 'bias'],
  },
  MaxPooling1D: POOLING,
  MaxPooling2D: POOLING,
  AveragePooling1D: POOLING,
  AveragePooling2D: POOLING,
  GlobalAveragePooling1D: PLAIN,
  GlobalAveragePooling2D: PLAIN,
  GlobalMaxPooling1D: PLAIN,
  GlobalMaxPooling2D: PLAIN,
  BatchNormalization: {
    options: ['axis', 'momentum', 'epsilon', 'center', 'scale'],
    weights: ['gamma', 'beta', 'moving_mean', 'moving_variance'],
  },
  LayerNormalization: { options: ['axis', 'epsilon', 'center', 'scale'], weights: ['gamma', 'beta'] },
  UnitNormalization: { options: ['axis'] },
  Dense: { options: ['units', 'activation', 'use_bias'], weights: ['kernel', 'bias'] },
  Activation: { options: ['activation'] },
  ReLU: { options: ['max_value'] },
  LeakyReLU: { options: ['alpha'] },
  ELU: { options: ['alpha'] },
  Softmax: { options: ['axis'] },
  Dropout: { options: ['rate'] },
  Flatten: PLAIN,
  Permute: { options: ['dims'] },
  Reshape: { options: ['target_shape'] },
  Rescaling: { options: ['scale', 'offset'] },
  Add: PLAIN,
  Multiply: PLAIN,
  Average: PLAIN,
  Maximum: PLAIN,
  Minimum: PLAIN,
  Concatenate: { options: ['axis'] },
  Dot: { options: ['axes', 'normalize'] },
};

/** Under which condition a layer has a weight, where there is one. */
const CONDITIONS: Readonly<Record<string, string>> = { bias: 'use_bias', beta: 'center', gamma: 'scale' };

/** The names of a layer's weights in Keras's order; none of a layer that is not in {@link SHARED_LAYERS}. */
export function weightNames({ kind, config }: Pick<LayerConfig, 'kind' | 'config'>): string[] {
  const { weights = [] } = SHARED_LAYERS[kind] ?? {};
  return weights.filter((name) => config[CONDITIONS[name]] !== false);
}

/**
 * Where the weights of each layer are in `layers` of Keras's file: it numbers the layers of a kind, in their order.
 *
 * @returns by the layer's name, e.g. `conv1d` for the first `Conv1D`, and `conv1d_1` for the second
 */
export function weightGroups(layers: readonly Pick<LayerConfig, 'name' | 'kind'>[]): Map<string, string> {
  const made = new Map<string, number>();
  return new Map(
    layers.map(({ name, kind }) => {
      const group = snakeCase(kind);
      const earlier = made.get(group) ?? 0;
      made.set(group, earlier + 1);
      return [name, earlier === 0 ? group : `${group}_${earlier}`];
    }),
  );
}

/** A class's name as Keras writes it for files, e.g. `max_pooling1d` and `re_lu`. */
function snakeCase(name: string): string {
  return name
    .replaceAll(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}
