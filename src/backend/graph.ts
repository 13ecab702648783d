import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type { TFEOpAttr, TFJSBinding } from '@tensorflow/tfjs-node/dist/tfjs_binding';
import { writeFile } from '../common/files.js';

/** The part of tfjs-node's backend that is used here, beyond what every backend of tfjs has. */
export interface NativeBackend {
  /** TensorFlow's C library. */
  binding: TFJSBinding;
  /** Has TensorFlow carry out one of its operations. */
  executeSingleOutput(op: string, attributes: TFEOpAttr[], inputs: tf.TensorInfo[]): tf.Tensor;
  /** The same for one with several results. */
  executeMultipleOutputs(op: string, attributes: TFEOpAttr[], inputs: tf.TensorInfo[], results: number): tf.Tensor[];
}

/** Numbers as TensorFlow stores them. */
export type Values = Float32Array | Int32Array | Uint8Array;

/** A tensor's values outside of tfjs. */
export interface Feed {
  readonly shape: readonly number[];
  readonly values: Values;
}

/** The native backend, which must be the one in use. */
export function nativeBackend(): NativeBackend {
  return tf.backend() as unknown as NativeBackend;
}

/** The version of the graph format that TensorFlow 2.9, the oldest library in use, writes. */
const GRAPH_VERSION = 1087;
const TAG = 'serve';

/**
 * A TensorFlow graph in the making: operations by name, each with the names of its inputs.
 *
 * TensorFlow carries out a whole graph in one call: it fuses operations, runs independent ones at the same time, and
 * saves each of them the way through JavaScript.
 */
export class Graph {
  private readonly graph = new (messages().GraphDef)();
  private readonly binding = nativeBackend().binding;

  /**
   * Adds an operation.
   *
   * @param op - TensorFlow's name for it
   * @param inputs - names of operations; `name:1` for a second result, `^name` for what must have happened before
   * @returns its name
   * @see https://www.tensorflow.org/api_docs/python/tf/raw_ops
   */
  add(name: string, op: string, { inputs = [], attributes = [] }: OperationOptions = {}): string {
    this.addNode(
      { name, op, inputs },
      attributes.map((attribute) => [attribute.name, this.attribute(attribute)]),
    );
    return name;
  }

  /** Adds an input, to be fed at each run. */
  placeholder(name: string, shape: readonly number[], dtype: 'float32' | 'int32' = 'float32'): string {
    return this.add(name, 'Placeholder', { attributes: [this.type(dtype), this.shape(shape)] });
  }

  /** Adds a name under which a result can be fetched; `after` names operations that are carried out with it. */
  result(
    name: string,
    input: string,
    { dtype = 'float32', after = [] }: { dtype?: 'float32' | 'int32'; after?: readonly string[] } = {},
  ): string {
    const inputs = [input, ...after.map((other) => `^${other}`)];
    return this.add(name, 'Identity', { inputs, attributes: [this.type(dtype, 'T')] });
  }

  /** Adds a tensor that never changes. */
  constant(name: string, shape: readonly number[], values: Values): string {
    const { AttrValue, Tensor } = messages();
    const { TF_FLOAT, TF_INT32, TF_BOOL } = this.binding;
    const dtype = values instanceof Float32Array ? TF_FLOAT : values instanceof Int32Array ? TF_INT32 : TF_BOOL;
    const tensor = new Tensor();
    tensor.setDtype(dtype);
    tensor.setTensorShape(shapeMessage(shape));
    tensor.setTensorContent(
      new Uint8Array(values.buffer.slice(values.byteOffset, values.byteOffset + values.byteLength)),
    );
    const value = new AttrValue();
    value.setTensor(tensor);
    this.addNode({ name, op: 'Const', inputs: [] }, [
      ['dtype', this.attribute({ ...this.type(), value: dtype })],
      ['value', value],
    ]);
    return name;
  }

  /** Adds a float32 variable, which keeps its value from run to run; its value is read as `${name}/value`. */
  variable(name: string, shape: readonly number[]): string {
    const shared = { name: 'shared_name', type: this.binding.TF_ATTR_STRING, value: name };
    this.add(name, 'VarHandleOp', { attributes: [this.type(), this.shape(shape), shared] });
    this.add(`${name}/value`, 'ReadVariableOp', { inputs: [name], attributes: [this.type()] });
    return name;
  }

  /** A type of numbers as an attribute. */
  type(dtype: 'float32' | 'int32' = 'float32', name = 'dtype'): TFEOpAttr {
    const { TF_ATTR_TYPE, TF_FLOAT, TF_INT32 } = this.binding;
    return { name, type: TF_ATTR_TYPE, value: dtype === 'float32' ? TF_FLOAT : TF_INT32 };
  }

  /** Hands the graph to TensorFlow. */
  load(): GraphSession {
    const { SavedModel, MetaGraphDef, VersionDef } = messages();
    const version = new VersionDef();
    version.setProducer(GRAPH_VERSION);
    this.graph.setVersions(version);
    const information = new MetaGraphDef.MetaInfoDef();
    information.addTags(TAG);
    const metaGraph = new MetaGraphDef();
    metaGraph.setMetaInfoDef(information);
    metaGraph.setGraphDef(this.graph);
    const model = new SavedModel();
    model.setSavedModelSchemaVersion(1);
    model.addMetaGraphs(metaGraph);
    // The only way in that tfjs-node leaves open.
    const folder = mkdtempSync(join(tmpdir(), 'ser-graph-'));
    try {
      writeFile(join(folder, 'saved_model.pb'), model.serializeBinary(), { fsync: false });
      return new GraphSession(this.binding, this.binding.loadSavedModel(folder, TAG));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  private shape(shape: readonly number[]): TFEOpAttr {
    return { name: 'shape', type: this.binding.TF_ATTR_SHAPE, value: [...shape] };
  }

  private addNode(
    { name, op, inputs }: { name: string; op: string; inputs: readonly string[] },
    attributes: [string, object][],
  ) {
    const node = new (messages().NodeDef)();
    node.setName(name);
    node.setOp(op);
    node.setInputList([...inputs]);
    for (const [key, value] of attributes) node.getAttrMap().set(key, value);
    this.graph.addNode(node);
  }

  private attribute({ name, type, value }: TFEOpAttr): object {
    const { AttrValue } = messages();
    const attribute = new AttrValue();
    const { TF_ATTR_INT, TF_ATTR_FLOAT, TF_ATTR_BOOL, TF_ATTR_TYPE, TF_ATTR_STRING, TF_ATTR_SHAPE } = this.binding;
    if (type === TF_ATTR_SHAPE) attribute.setShape(shapeMessage(value as number[]));
    else if (type === TF_ATTR_INT && Array.isArray(value)) {
      const list = new AttrValue.ListValue();
      list.setIList(value);
      attribute.setList(list);
    } else if (type === TF_ATTR_INT) attribute.setI(value as number);
    else if (type === TF_ATTR_FLOAT) attribute.setF(value as number);
    else if (type === TF_ATTR_BOOL) attribute.setB(value as boolean);
    else if (type === TF_ATTR_TYPE) attribute.setType(value as number);
    else if (type === TF_ATTR_STRING) attribute.setS(new Uint8Array(Buffer.from(value as string)));
    else
      throw new TypeError(
        `Cannot add an operation to a graph: the attribute ${name} has a type of another kind, ${type}`,
      );
    return attribute;
  }
}

/** What an operation is given. */
export interface OperationOptions {
  readonly inputs?: readonly string[];
  readonly attributes?: readonly TFEOpAttr[];
}

/** A graph that TensorFlow can run, with the values of its variables. */
export class GraphSession {
  constructor(
    private readonly binding: TFJSBinding,
    private readonly id: number,
  ) {}

  /**
   * Runs what the fetched operations depend on.
   *
   * @param feeds - by the placeholder's name
   * @param fetched - names of operations with a result
   * @returns a copy of each result
   */
  run(feeds: Readonly<Record<string, Feed>>, fetched: readonly string[]): Values[] {
    const { TF_FLOAT, TF_INT32 } = this.binding;
    const fed = Object.values(feeds).map(({ shape, values }) =>
      this.binding.createTensor([...shape], values instanceof Float32Array ? TF_FLOAT : TF_INT32, values),
    );
    const results = this.binding.runSavedModel(this.id, fed, outputNames(Object.keys(feeds)), outputNames(fetched));
    const values = results.map(({ id }) => this.binding.tensorDataSync(id).slice());
    for (const id of [...fed, ...results.map((result) => result.id)]) this.binding.deleteTensor(id);
    return values;
  }

  /** Frees the graph and its variables. */
  dispose(): void {
    this.binding.deleteSavedModel(this.id);
  }
}

function outputNames(names: readonly string[]): string {
  return names.map((name) => `${name}:0`).join();
}

/**
 * Carries out `action`, and adds to a graph every operation that it has TensorFlow carry out: tfjs's own gradients become
 * part of the graph that way.
 *
 * What JavaScript computes on the way, such as shapes, becomes constant. What changes from run to run must not: `nameOf`
 * gives its name in the graph.
 *
 * @param scope - what the names of the operations begin with
 * @param nameOf - the name of an operation already in the graph that gives these values; undefined for a constant
 * @returns the names of the tensors that `action` returns
 */
export function recordInto(
  graph: Graph,
  scope: string,
  { nameOf, action }: { nameOf: (values: Values) => string | undefined; action: () => tf.Tensor[] },
): string[] {
  const backend = nativeBackend();
  const { binding } = backend;
  const names = new Map<number, string>();
  const nextName = () => `${scope}/${names.size}`;
  const nameOfId = (id: number) => {
    const name = names.get(id);
    if (name === undefined) throw new Error('Cannot record: a tensor is used that was made before');
    return name;
  };
  const recorder: Partial<TFJSBinding> = {
    createTensor(shape, dtype, values) {
      const id = binding.createTensor(shape, dtype, values);
      names.set(id, nameOf(values as Values) ?? graph.constant(nextName(), shape, values as Values));
      return id;
    },
    executeOp(op, attributes, inputs, outputs) {
      const results = binding.executeOp(op, attributes, inputs, outputs);
      const name = graph.add(nextName(), op, { inputs: inputs.map(nameOfId), attributes });
      for (const [i, { id }] of results.entries()) names.set(id, i === 0 ? name : `${name}:${i}`);
      return results;
    },
  };
  backend.binding = Object.create(binding, Object.getOwnPropertyDescriptors(recorder)) as TFJSBinding;
  try {
    return tf.tidy(() =>
      action().map((tensor) => {
        // The latest name is that of the copy.
        backend.executeSingleOutput('Identity', [graph.type(tensor.dtype as 'float32' | 'int32', 'T')], [tensor]);
        return [...names.values()].pop()!;
      }),
    );
  } finally {
    backend.binding = binding;
  }
}

function shapeMessage(shape: readonly number[]): object {
  const { TensorShape } = messages();
  const message = new TensorShape();
  for (const size of shape) {
    const dimension = new TensorShape.Dim();
    dimension.setSize(size);
    message.addDim(dimension);
  }
  return message;
}

/** TensorFlow's messages, as far as graphs need them, from tfjs-node, which has no types for them. */
interface Messages {
  readonly SavedModel: new () => {
    setSavedModelSchemaVersion(version: number): void;
    addMetaGraphs(metaGraph: object): void;
    serializeBinary(): Uint8Array;
  };
  readonly MetaGraphDef: {
    new (): { setMetaInfoDef(information: object): void; setGraphDef(graph: object): void };
    readonly MetaInfoDef: new () => { addTags(tag: string): void };
  };
  readonly GraphDef: new () => { addNode(node: object): void; setVersions(version: object): void };
  readonly VersionDef: new () => { setProducer(version: number): void };
  readonly NodeDef: new () => {
    setName(name: string): void;
    setOp(op: string): void;
    setInputList(inputs: string[]): void;
    getAttrMap(): { set(key: string, value: object): void };
  };
  readonly AttrValue: {
    new (): {
      setI(value: number): void;
      setF(value: number): void;
      setB(value: boolean): void;
      setS(value: Uint8Array): void;
      setType(value: number): void;
      setShape(value: object): void;
      setTensor(value: object): void;
      setList(value: object): void;
    };
    readonly ListValue: new () => { setIList(values: number[]): void };
  };
  readonly Tensor: new () => {
    setDtype(dtype: number): void;
    setTensorShape(shape: object): void;
    setTensorContent(bytes: Uint8Array): void;
  };
  readonly TensorShape: {
    new (): { addDim(dimension: object): void };
    readonly Dim: new () => { setSize(size: number): void };
  };
}

function messages(): Messages {
  return require('@tensorflow/tfjs-node/dist/proto/api_pb') as Messages;
}
