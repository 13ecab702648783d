import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { type Feed, Graph, type GraphSession, recordInto, type Values } from '../backend/graph.js';
import { joined } from '../common/joined.js';
import { type Batch, buffersFor } from '../dataset/examples.js';
import { dropoutLayers, setDropoutStep } from '../networks/dropout.js';
import { assignWeights, readWeights, weightCount } from '../networks/weights.js';
import { ADAM, type AdamState, adamScalars } from './adam.js';
import { Gradient } from './gradient.js';
import type { StepOptions, StepResult, TrainingSteps } from './steps.js';

/**
 * Training steps as one call of TensorFlow each, on the native backend.
 *
 * The gradient is computed once for each batch size with tfjs's operations and recorded as a graph; TensorFlow's own Adam
 * is attached to it. The weights and Adam's memory are variables of the graph: while training they are not in JavaScript.
 */
export class RecordedSteps implements TrainingSteps {
  private readonly gradient: Gradient;
  private readonly shapes: StepOptions['shapes'];
  private readonly session: GraphSession;
  private readonly rate: StepOptions['rate'];
  private readonly weightDecay: number;
  private taken = 0;

  /** For weights that Adam does not change: what their names in the graph begin with. */
  private readonly others: Readonly<Record<'moving' | 'frozen', readonly tf.Variable[]>>;

  constructor(
    private readonly network: LayersModel,
    { batchSizes, shapes, rate, weightDecay = 0, loss }: StepOptions,
  ) {
    this.gradient = new Gradient(network, shapes, loss);
    this.rate = rate;
    this.weightDecay = weightDecay;
    this.shapes = shapes;
    const { trainable, moving, frozen } = this.gradient.variables;
    this.others = { moving, frozen };
    const graph = new Graph();
    const settings = [
      ...trainable.flatMap(({ shape }, i) =>
        ['weight', 'mean', 'variance'].map((what) => settable(graph, `${what}_${i}`, shape)),
      ),
      ...this.named().map(([name, { shape }]) => settable(graph, name, shape)),
    ];
    graph.result('restored', graph.constant('done', [], Float32Array.of(1)), { after: settings });
    for (const name of ['learningRate', ...Object.keys(adamScalars(1))]) graph.placeholder(name, []);
    for (const [name, value] of Object.entries({ beta1: ADAM.beta1, beta2: ADAM.beta2, weightDecay }))
      graph.constant(name, [], Float32Array.of(value));
    for (const size of new Set(batchSizes)) this.addStep(graph, size);
    this.session = graph.load();
    const zeros = () => new Float32Array(weightCount(trainable));
    this.restore({ step: 0, mean: zeros(), variance: zeros() });
  }

  take(batch: Batch, step: number): StepResult {
    const size = batch.targets.length;
    this.taken++;
    setDropoutStep(this.network, step);
    const feeds: Record<string, Feed> = { [`${size}/targets`]: { shape: [size], values: batch.targets } };
    for (const [k, values] of batch.inputs.entries())
      feeds[`${size}/input_${k}`] = { shape: [size, ...this.shapes[k]], values };
    for (const layer of dropoutLayers(this.network))
      feeds[`${size}/${layer.name}`] = { shape: layer.shapeFor(size), values: layer.draw(size) };
    const scalars = { learningRate: this.rate(step), ...adamScalars(this.taken) };
    for (const [name, value] of Object.entries(scalars)) feeds[name] = { shape: [], values: Float32Array.of(value) };
    const [loss, correct] = this.session.run(feeds, [`${size}/loss`, `${size}/correct`]);
    return { loss: loss[0], correct: correct[0] };
  }

  publish(): void {
    const { trainable, moving } = this.gradient.variables;
    assignWeights(trainable, joined(this.read('weight', trainable)));
    assignWeights(moving, joined(this.read('moving', moving)));
  }

  adam(): AdamState {
    return { step: this.taken, mean: joined(this.read('mean')), variance: joined(this.read('variance')) };
  }

  restore({ step, mean, variance }: AdamState): void {
    this.taken = step;
    const feeds: Record<string, Feed> = {};
    let at = 0;
    for (const [i, variable] of this.gradient.variables.trainable.entries()) {
      const { shape, size } = variable;
      feeds[`weight_${i}/new`] = { shape, values: variable.dataSync<'float32'>() };
      feeds[`mean_${i}/new`] = { shape, values: mean.slice(at, at + size) };
      feeds[`variance_${i}/new`] = { shape, values: variance.slice(at, at + size) };
      at += size;
    }
    for (const [name, variable] of this.named())
      feeds[`${name}/new`] = { shape: variable.shape, values: variable.dataSync<'float32'>() };
    this.session.run(feeds, ['restored']);
  }

  dispose(): void {
    this.session.dispose();
  }

  /** The weights that Adam does not change, by their names in the graph. */
  private named(): [name: string, variable: tf.Variable][] {
    return Object.entries(this.others).flatMap(([what, variables]) =>
      variables.map((variable, i): [string, tf.Variable] => [`${what}_${i}`, variable]),
    );
  }

  private read(
    what: 'weight' | 'mean' | 'variance' | 'moving',
    variables: readonly tf.Variable[] = this.gradient.variables.trainable,
  ): Float32Array[] {
    if (variables.length === 0) return [];
    const names = variables.map((_, i) => `${what}_${i}/value`);
    return this.session.run({}, names) as Float32Array[];
  }

  /** Adds what shrinks a weight after all gradients are known. @returns what its step has to wait for */
  private addDecay(
    graph: Graph,
    name: string,
    { weight, after }: { weight: string; after: readonly string[] },
  ): string[] {
    if (this.weightDecay === 0) return [];
    const attributes = [graph.type('float32', 'T')];
    const share = graph.add(`${name}/share`, 'Mul', { inputs: ['learningRate', 'weightDecay'], attributes });
    const product = graph.add(`${name}/product`, 'Mul', { inputs: [`${weight}/value`, share], attributes });
    const known = after.map((gradient) => `^${gradient.split(':')[0]}`);
    graph.add(name, 'AssignSubVariableOp', { inputs: [weight, product, ...known], attributes: [graph.type()] });
    return [`^${name}`];
  }

  /** Records the gradient for batches of a size, lets Adam follow it, and moving averages take their step. */
  private addStep(graph: Graph, size: number): void {
    const { gradient, network, shapes } = this;
    const { trainable, moving } = gradient.variables;
    const batch = { inputs: buffersFor(shapes, size), targets: new Int32Array(size) };
    const names = new Map<Values, string>([
      [batch.targets, graph.placeholder(`${size}/targets`, [size], 'int32')],
      ...batch.inputs.map((input, k): [Values, string] => [
        input,
        graph.placeholder(`${size}/input_${k}`, [size, ...shapes[k]]),
      ]),
    ]);
    const all: [name: string, variable: tf.Variable][] = [
      ...trainable.map((variable, i): [string, tf.Variable] => [`weight_${i}`, variable]),
      ...this.named(),
    ];
    for (const [name, variable] of all) {
      // A copy that TensorFlow does not have yet, so that the recording sees its values handed over.
      const values = variable.dataSync<'float32'>().slice();
      tf.tidy(() => variable.assign(tf.tensor(values, variable.shape)));
      names.set(values, `${name}/value`);
    }
    const layers = dropoutLayers(network);
    for (const layer of layers) graph.placeholder(`${size}/${layer.name}`, layer.shapeFor(size));
    const nameOf = (values: Values) => {
      const layer = layers.find(({ mask }) => mask === values);
      return layer ? `${size}/${layer.name}` : names.get(values);
    };
    // Recording also computes, and the averages must not take a step by it.
    const averages = readWeights(moving);
    const action = () => [...gradient.of(batch), ...moving];
    const [loss, correct, ...rest] = recordInto(graph, `${size}/gradient`, { nameOf, action });
    assignWeights(moving, averages);
    const gradients = rest.slice(0, trainable.length);
    const scalars = ['beta1Power', 'beta2Power', 'learningRate', 'beta1', 'beta2', 'epsilon'];
    const updates = trainable.map((_, i) =>
      graph.add(`${size}/adam_${i}`, 'ResourceApplyAdam', {
        inputs: [
          `weight_${i}`,
          `mean_${i}`,
          `variance_${i}`,
          ...scalars,
          rest[i],
          ...this.addDecay(graph, `${size}/decay_${i}`, { weight: `weight_${i}`, after: gradients }),
        ],
        attributes: [graph.type('float32', 'T')],
      }),
    );
    const steps = moving.map((_, i) =>
      graph.add(`${size}/moving_${i}`, 'AssignVariableOp', {
        inputs: [`moving_${i}`, rest[trainable.length + i]],
        attributes: [graph.type()],
      }),
    );
    graph.result(`${size}/loss`, loss, { after: [...updates, ...steps] });
    graph.result(`${size}/correct`, correct, { dtype: 'int32' });
  }
}

/** Adds a variable that is set to what is fed as `NAME/new`. @returns the name of the operation that sets it */
function settable(graph: Graph, name: string, shape: readonly number[]): string {
  graph.variable(name, shape);
  // A copy: what is fed is JavaScript's own memory, which a variable would keep, and a thread of TensorFlow would then free.
  const copy = graph.add(`${name}/copy`, 'DeepCopy', {
    inputs: [graph.placeholder(`${name}/new`, shape)],
    attributes: [graph.type('float32', 'T')],
  });
  return graph.add(`${name}/set`, 'AssignVariableOp', { inputs: [name, copy], attributes: [graph.type()] });
}
