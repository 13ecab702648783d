import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import {
  AttributeProto_AttributeType,
  type AttributeProtoSchema,
  ModelProtoSchema,
  type NodeProtoSchema,
  TensorProto_DataType,
  type TensorProtoSchema,
  type ValueInfoProtoSchema,
} from './onnx-proto.js';

/** The first set of operators with layer norm; ONNX Runtime knows it since version 1.12 of 2022, on all its platforms. */
export const OPERATOR_SET = 17n;

/** The version of the file format that came with it. */
const FORMAT_VERSION = 8n;

/** What the operator Cast is told to make numbers of single precision. */
export const SINGLE_PRECISION = BigInt(TensorProto_DataType.FLOAT);

/** What an operator is told beside its inputs: whole numbers are bigints, others numbers. */
export type Attributes = Readonly<Record<string, bigint | number | string | readonly bigint[]>>;

/** Numbers in a file: single, half (its bits) or double precision, or whole ones. */
export type ConstantValues = Float32Array | Uint16Array | Float64Array | BigInt64Array;

/** A length, or the name of one that differs from call to call. */
export type Length = number | string;

/** What a file says beside its graph. */
export interface ModelNotes {
  readonly description: string;
  readonly producer: { readonly name: string; readonly version: string };
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * A graph of ONNX operators that grows node by node, and the file that it becomes. Values go by their names.
 *
 * @see https://onnx.ai/onnx/repo-docs/IR.html
 */
export class OnnxGraph {
  private readonly nodes: MessageInitShape<typeof NodeProtoSchema>[] = [];
  private readonly constants: MessageInitShape<typeof TensorProtoSchema>[] = [];
  private readonly inputs: MessageInitShape<typeof ValueInfoProtoSchema>[] = [];
  private readonly outputs: MessageInitShape<typeof ValueInfoProtoSchema>[] = [];
  private readonly names = new Set<string>();

  /** Adds an input of numbers in single precision. */
  input(name: string, { shape, description }: { shape: readonly Length[]; description: string }): string {
    const own = this.unused(name);
    this.inputs.push(valueInfo(own, shape, description));
    return own;
  }

  /** Adds numbers that the file holds. */
  constant(name: string, values: ConstantValues, shape: readonly number[] = [values.length]): string {
    const own = this.unused(name);
    this.constants.push({
      name: own,
      dims: shape.map(BigInt),
      dataType: dataTypeOf(values),
      rawData: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
    });
    return own;
  }

  /** Adds a single number. */
  scalar(name: string, value: number): string {
    return this.constant(name, Float32Array.of(value), []);
  }

  /** Lengths or axes as an operator's input; equal ones are there once. */
  integers(values: readonly bigint[]): string {
    const name = `integers_${values.join('_')}`;
    return this.names.has(name) ? name : this.constant(name, BigInt64Array.from(values));
  }

  /**
   * Adds an operator.
   *
   * @param name - of the node and its output; the output's name, which is returned, is another one if this is taken
   */
  node(
    operator: string,
    inputs: readonly string[],
    { name, ...attributes }: { readonly name: string } & Attributes,
  ): string {
    const output = this.unused(name);
    const attribute = Object.entries(attributes).map(([key, value]) => ({ name: key, ...attributeOf(value) }));
    this.nodes.push({ opType: operator, name: output, input: [...inputs], output: [output], attribute });
    return output;
  }

  /** Hands out a value under a name of its own. */
  output(value: string, { name, shape, description }: { name: string; shape: readonly Length[]; description: string }) {
    this.outputs.push(valueInfo(this.node('Identity', [value], { name }), shape, description));
  }

  /** The file; the same graph gives the same bytes. */
  file({ description, producer, metadata }: ModelNotes): Uint8Array {
    const model = create(ModelProtoSchema, {
      irVersion: FORMAT_VERSION,
      opsetImport: [{ version: OPERATOR_SET }],
      producerName: producer.name,
      producerVersion: producer.version,
      docString: description,
      graph: {
        name: 'network',
        node: this.nodes,
        initializer: this.constants,
        input: this.inputs,
        output: this.outputs,
      },
      metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    });
    return toBinary(ModelProtoSchema, model);
  }

  private unused(name: string): string {
    let own = name;
    for (let i = 2; this.names.has(own); i++) own = `${name}_${i}`;
    this.names.add(own);
    return own;
  }
}

function dataTypeOf(values: ConstantValues): TensorProto_DataType {
  if (values instanceof Float32Array) return TensorProto_DataType.FLOAT;
  if (values instanceof Uint16Array) return TensorProto_DataType.FLOAT16;
  return values instanceof Float64Array ? TensorProto_DataType.DOUBLE : TensorProto_DataType.INT64;
}

function attributeOf(value: Attributes[string]): Omit<MessageInitShape<typeof AttributeProtoSchema>, '$typeName'> {
  const { INT, FLOAT, STRING, INTS } = AttributeProto_AttributeType;
  if (typeof value === 'bigint') return { type: INT, i: value };
  if (typeof value === 'number') return { type: FLOAT, f: value };
  if (typeof value === 'string') return { type: STRING, s: new TextEncoder().encode(value) };
  return { type: INTS, ints: [...value] };
}

/** Numbers in single precision of this shape. */
function valueInfo(
  name: string,
  shape: readonly Length[],
  docString: string,
): MessageInitShape<typeof ValueInfoProtoSchema> {
  const dim = shape.map((length) =>
    typeof length === 'number'
      ? { value: { case: 'dimValue' as const, value: BigInt(length) } }
      : { value: { case: 'dimParam' as const, value: length } },
  );
  const value = { elemType: TensorProto_DataType.FLOAT, shape: { dim } };
  return { name, docString, type: { value: { case: 'tensorType', value } } };
}
