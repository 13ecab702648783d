import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { type Feed, Graph, type GraphSession, recordInto, type Values } from '../backend/graph.js';
import { joined } from '../common/joined.js';
import { dropoutLayers, setDropoutStep } from '../networks/dropout.js';
import { weightCount } from '../networks/weights.js';
import { ADAM, type AdamState, adamScalars } from './adam.js';
import type { StepOptions, StepResult, TrainingSteps } from './choose-steps.js';
import { type Batch, Gradient } from './gradient.js';

/**
 * Training steps as one call of TensorFlow each, on the native backend.
 *
 * The gradient is computed once for each batch size with tfjs's operations and recorded as a graph; TensorFlow's own Adam
 * is attached to it. The weights and Adam's memory are variables of the graph: while training they are not in JavaScript.
 */
export class RecordedSteps implements TrainingSteps {
  private readonly gradient: Gradient;
  private readonly session: GraphSession;
  private taken = 0;

  constructor(
    private readonly network: LayersModel,
    { batchSizes, learningRate }: StepOptions,
  ) {
    this.gradient = new Gradient(network);
    const graph = new Graph();
    addVariables(graph, this.gradient.variables);
    for (const name of Object.keys(adamScalars(1))) graph.placeholder(name, []);
    for (const [name, value] of Object.entries({ learningRate, beta1: ADAM.beta1, beta2: ADAM.beta2 }))
      graph.constant(name, [], Float32Array.of(value));
    for (const size of new Set(batchSizes)) this.addStep(graph, size);
    this.session = graph.load();
    const zeros = () => new Float32Array(weightCount(this.gradient.variables));
    this.restore({ step: 0, mean: zeros(), variance: zeros() });
  }

  take({ inputs, targets }: Batch, step: number): StepResult {
    const size = targets.length;
    this.taken++;
    setDropoutStep(this.network, step);
    const feeds: Record<string, Feed> = {
      [`${size}/inputs`]: { shape: this.gradient.inputShape(size), values: inputs },
      [`${size}/targets`]: { shape: [size], values: targets },
    };
    for (const layer of dropoutLayers(this.network))
      feeds[`${size}/${layer.name}`] = { shape: layer.shapeFor(size), values: layer.draw(size) };
    for (const [name, value] of Object.entries(adamScalars(this.taken)))
      feeds[name] = { shape: [], values: Float32Array.of(value) };
    const [loss, correct] = this.session.run(feeds, [`${size}/loss`, `${size}/correct`]);
    return { loss: loss[0], correct: correct[0] };
  }

  publish(): void {
    for (const [i, values] of this.read('weight').entries()) {
      const variable = this.gradient.variables[i];
      tf.tidy(() => variable.assign(tf.tensor(values, variable.shape)));
    }
  }

  adam(): AdamState {
    return { step: this.taken, mean: joined(this.read('mean')), variance: joined(this.read('variance')) };
  }

  restore({ step, mean, variance }: AdamState): void {
    this.taken = step;
    const feeds: Record<string, Feed> = {};
    let at = 0;
    for (const [i, variable] of this.gradient.variables.entries()) {
      const { shape, size } = variable;
      feeds[`weight_${i}/new`] = { shape, values: variable.dataSync<'float32'>() };
      feeds[`mean_${i}/new`] = { shape, values: mean.slice(at, at + size) };
      feeds[`variance_${i}/new`] = { shape, values: variance.slice(at, at + size) };
      at += size;
    }
    this.session.run(feeds, ['restored']);
  }

  dispose(): void {
    this.session.dispose();
  }

  private read(what: 'weight' | 'mean' | 'variance'): Float32Array[] {
    const names = this.gradient.variables.map((_, i) => `${what}_${i}/value`);
    return this.session.run({}, names) as Float32Array[];
  }

  /** Records the gradient for batches of a size, and lets Adam follow it. */
  private addStep(graph: Graph, size: number): void {
    const { gradient } = this;
    const shape = gradient.inputShape(size);
    const batch = { inputs: new Float32Array(shape[0] * shape[1] * shape[2]), targets: new Int32Array(size) };
    const names = new Map<Values, string>([
      [batch.inputs, graph.placeholder(`${size}/inputs`, shape)],
      [batch.targets, graph.placeholder(`${size}/targets`, [size], 'int32')],
    ]);
    for (const [i, variable] of gradient.variables.entries()) {
      // A copy that TensorFlow has not got yet: the recording sees its values come.
      const values = variable.dataSync<'float32'>().slice();
      tf.tidy(() => variable.assign(tf.tensor(values, variable.shape)));
      names.set(values, `weight_${i}/value`);
    }
    const layers = dropoutLayers(this.network);
    for (const layer of layers) graph.placeholder(`${size}/${layer.name}`, layer.shapeFor(size));
    const nameOf = (values: Values) => {
      const layer = layers.find(({ mask }) => mask === values);
      return layer ? `${size}/${layer.name}` : names.get(values);
    };
    const action = () => gradient.of(batch);
    const [loss, correct, ...gradients] = recordInto(graph, `${size}/gradient`, { nameOf, action });
    const scalars = ['beta1Power', 'beta2Power', 'learningRate', 'beta1', 'beta2', 'epsilon'];
    const updates = gradients.map((name, i) =>
      graph.add(`${size}/adam_${i}`, 'ResourceApplyAdam', {
        inputs: [`weight_${i}`, `mean_${i}`, `variance_${i}`, ...scalars, name],
        attributes: [graph.type('float32', 'T')],
      }),
    );
    graph.result(`${size}/loss`, loss, { after: updates });
    graph.result(`${size}/correct`, correct, { dtype: 'int32' });
  }
}

/** Weights and Adam's memory as variables, and `restored`, which sets all of them to what is fed. */
function addVariables(graph: Graph, variables: readonly tf.Variable[]): void {
  const settings = variables.flatMap(({ shape }, i) =>
    ['weight', 'mean', 'variance'].map((what) => {
      const name = `${what}_${i}`;
      graph.variable(name, shape);
      // A copy: what is fed is JavaScript's own memory, which a variable would keep, and a thread of TensorFlow then free.
      const copy = graph.add(`${name}/copy`, 'DeepCopy', {
        inputs: [graph.placeholder(`${name}/new`, shape)],
        attributes: [graph.type('float32', 'T')],
      });
      return graph.add(`${name}/set`, 'AssignVariableOp', { inputs: [name, copy], attributes: [graph.type()] });
    }),
  );
  graph.result('restored', graph.constant('done', [], Float32Array.of(1)), { after: settings });
}
