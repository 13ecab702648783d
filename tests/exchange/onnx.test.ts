import assert from 'node:assert/strict';
import { fromBinary } from '@bufbuild/protobuf';
import * as tf from '@tensorflow/tfjs-core';
import { input, type LayersModel, layers, model, type SymbolicTensor, sequential } from '@tensorflow/tfjs-layers';
import { useBackend } from '../../src/backend/backend.js';
import type { Encoder } from '../../src/encoder/encoder.js';
import { loadEncoder, readEncoderFile } from '../../src/encoder/load.js';
import { readSafetensors } from '../../src/encoder/safetensors.js';
import { cardBeside, takesAndGives } from '../../src/exchange/card.js';
import type { Exportable } from '../../src/exchange/export-format.js';
import { onnx } from '../../src/exchange/onnx.js';
import {
  type ModelProto,
  ModelProtoSchema,
  TensorProto_DataType,
  type ValueInfoProto,
} from '../../src/exchange/onnx-proto.js';
import { floats, largestDifference } from '../encoder/golden.js';
import golden from '../golden/onnx.json';
import { answersOf, bundleOf, CASES, graphSha256 } from './onnx-models.js';

/** What was written, read by the same definition. */
async function written(model: Exportable): Promise<ModelProto> {
  const [{ bytes }] = await onnx.write(model);
  return fromBinary(ModelProtoSchema, bytes);
}

/** A network of layers that are given a clip of 6 positions and 4 channels. */
function networkOf(...some: layers.Layer[]): LayersModel {
  const network = sequential({ name: 'network' });
  network.add(layers.inputLayer({ inputShape: [6, 4], name: 'picture' }));
  for (const layer of some) network.add(layer);
  return network;
}

const single = (network: LayersModel): Exportable => ({ members: [bundleOf('original', network)] });
const operators = ({ graph }: ModelProto) => graph!.node.map(({ opType }) => opType);
const turns = (file: ModelProto) => operators(file).filter((operator) => operator === 'Transpose').length;
const shapeOf = ({ type }: ValueInfoProto) => {
  assert.ok(type?.value.case === 'tensorType' && type.value.value.elemType === TensorProto_DataType.FLOAT);
  return type.value.value.shape!.dim.map(({ value }) =>
    value.case === 'dimValue' ? Number(value.value) : value.value,
  );
};
/** What a file says of its model, beside the graph. */
const said = ({ metadataProps: [{ key, value }, ...others] }: ModelProto) => {
  assert.deepEqual([key, others], ['speech_emotion', []]);
  return JSON.parse(value);
};

describe('onnx', function () {
  this.timeout(20_000);
  let encoder: Encoder;

  before(async () => {
    await useBackend('auto');
    encoder = await loadEncoder('whisper-base-3');
  });
  after(() => encoder.dispose());

  for (const [name, { make, ask }] of Object.entries(CASES))
    it(`writes what ONNX Runtime was given, and it answered as TensorFlow.js does: ${name}`, async () => {
      const { graph, answers } = golden.files[name as keyof typeof golden.files];
      const model = make();
      const tensors = tf.memory().numTensors;
      const [{ name: file, bytes }] = await onnx.write(model);
      assert.equal(tf.memory().numTensors, tensors);
      assert.equal(file, 'model.onnx');
      assert.equal(graphSha256(bytes), graph);
      const questions = await ask();
      assert.equal(answers.length, questions.length);
      for (const [q, question] of questions.entries()) {
        const difference = largestDifference(answersOf(model, question, encoder), floats(answers[q]));
        assert.ok(difference <= 1e-5, `question ${q}: ${difference}`);
      }
      for (const { network } of model.members) network.dispose();
    });

  it('says what goes in and comes out, and of which operators it consists', async () => {
    const file = await written(CASES.compact.make());
    assert.deepEqual([file.irVersion, file.opsetImport[0].version, file.opsetImport[0].domain], [8n, 17n, '']);
    assert.deepEqual([file.producerName, file.producerVersion], ['speech-emotion', '0.2.0']);
    const [clip, mask] = file.graph!.input;
    assert.deepEqual([clip.name, shapeOf(clip)], ['clip', ['clips', 80, 'frames']]);
    assert.deepEqual([mask.name, shapeOf(mask)], ['mask', ['clips', 'frames']]);
    const { settings } = CASES.compact.make().members[0];
    assert.equal(clip.docString, takesAndGives(settings).join(' '));
    assert.equal(
      file.docString,
      `Speech emotion recognition by the network compact. ${clip.docString} The graph begins with that: clip, mask.`,
    );
    const [probabilities] = file.graph!.output;
    assert.deepEqual([probabilities.name, shapeOf(probabilities)], ['probabilities', ['clips', 3]]);
    assert.equal(probabilities.docString, 'of anger, happiness, sadness, in this order');
    const { inputs, labels, features, normalisation, ...others } = said(file);
    assert.deepEqual(inputs, ['clip', 'mask']);
    assert.deepEqual(labels, ['anger', 'happiness', 'sadness']);
    assert.deepEqual([features.name, features.options.topDb], ['mel', 60]);
    assert.equal(normalisation, 'bands');
    assert.deepEqual(Object.keys(others), ['answers', 'frames', 'inWords', 'input', 'trainedOn', 'versions']);
  });

  it('moves channels only where a layer needs them in another order', async () => {
    // The mask, of one channel, for pooling and back.
    assert.equal(turns(await written(CASES.compact.make())), 2);
    // Before the layers that see all positions; the input already has what become channels first.
    assert.equal(turns(await written(CASES.time.make())), 1);
    assert.equal(turns(await written(CASES.original.make())), 2);
  });

  it("keeps the encoder's weights in half precision, as they are published", async () => {
    const { graph } = await written(CASES.encoder.make());
    const published = readSafetensors(readEncoderFile('whisper-base-3'), 'published');
    assert.deepEqual(shapeOf(graph!.input[0]), ['clips', 80, 'frames']);
    const halves = graph!.initializer.filter(({ dataType }) => dataType === TensorProto_DataType.FLOAT16);
    assert.equal(halves.length, published.size);
    for (const { name, dims, rawData } of halves) {
      const { shape, halves: bits } = published.get(name.replace('encoder/', 'model.encoder.'))!;
      const there = new Uint16Array(rawData.slice().buffer);
      const [rows, columns] = shape;
      if (shape.length !== 2) {
        assert.deepEqual(dims.map(Number), shape);
        assert.equal(Buffer.compare(rawData, new Uint8Array(bits!.buffer)), 0, name);
      } else
        for (const at of [0, 1, columns, rows * columns - 2])
          assert.equal(there[(at % columns) * rows + Math.floor(at / columns)], bits![at], `${name} ${at}`);
    }
  });

  it('says what the graph leaves out of a model that hears copies at other speeds', async () => {
    const { members, encoderFile } = CASES.encoder.make();
    const file = await written({
      members: [bundleOf('encoder', members[0].network, { speeds: [0.85, 1.18] })],
      encoderFile,
    });
    assert.deepEqual(said(file).speeds, [0.85, 1.18]);
    assert.match(file.docString, /copies at 0\.85 and 1\.18 of its speed\..* It hears no copies at other speeds\.$/);
  });

  it('is one graph of several networks, and says how they are averaged', async () => {
    const file = await written(CASES.both.make());
    assert.deepEqual(
      file.graph!.input.map((each) => [each.name, shapeOf(each)]),
      [
        ['clip', ['clips', 80, 'compact/frames']],
        ['mask', ['clips', 'compact/frames']],
        ['logMel', ['clips', 80, 'encoder/frames']],
      ],
    );
    const { labels, shares, temperature, trainedOn, members, ...others } = said(file);
    assert.deepEqual(others, {});
    assert.deepEqual([shares, temperature, trainedOn.network], [[0.3, 0.7], 0.8, 'both']);
    assert.deepEqual(labels, ['anger', 'happiness', 'sadness']);
    assert.deepEqual(
      members.map((member: Record<string, unknown>) => [member.inputs, member.normalisation]),
      [
        [['clip', 'mask'], 'bands'],
        [['logMel'], 'none'],
      ],
    );
  });

  it('has a card beside it that says of each network what it takes', () => {
    const card = cardBeside(CASES.both.make(), undefined);
    assert.match(card, /^# Speech emotion recognition: `both`, trained on test\n/);
    assert.match(card, /\n## What compact takes\n\n.*\n## What encoder takes\n\n- Gives one probability/s);
  });

  it('gives inputs of one name another one each', async () => {
    const [one, other] = [CASES.time.make(), CASES.original.make()];
    const { ensemble } = CASES.both.make();
    const file = await written({ members: [...one.members, ...other.members], ensemble });
    assert.deepEqual(
      file.graph!.input.map(({ name }) => name),
      ['picture', 'picture_2'],
    );
    const names = file.graph!.node.map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
  });

  it('leaves dropout out', async () => {
    const file = await written(single(networkOf(layers.dropout({ rate: 0.5 }), layers.flatten())));
    assert.deepEqual(operators(file), ['Flatten', 'Identity']);
  });

  const conv = { name: 'layer', filters: 2, kernelSize: 3 };
  const refused: [what: string, layer: () => layers.Layer, message: RegExp][] = [
    [
      'another kind of layer',
      () => layers.gru({ name: 'layer', units: 2 }),
      /its kind must be one of .*Conv1D.*, current value is GRU$/,
    ],
    [
      'another activation',
      () => layers.conv1d({ ...conv, activation: 'mish' }),
      /its activation must be one of linear, softmax, swish, relu, .*, current value is mish$/,
    ],
    [
      'another padding',
      () => layers.conv1d({ ...conv, padding: 'causal' }),
      /its padding must be same or valid, current value is causal$/,
    ],
    [
      'channels first',
      () => layers.flatten({ name: 'layer', dataFormat: 'channelsFirst' }),
      /its dataFormat must be channelsLast, current value is channelsFirst$/,
    ],
    [
      'normalisation along positions',
      () => layers.batchNormalization({ name: 'layer', axis: 1 }),
      /its axis must be the last one, current value is 1$/,
    ],
    [
      'normalisation of all positions together',
      () => layers.layerNormalization({ name: 'layer', axis: [1, 2] }),
      /its axis must be the last one, current value is 1,2$/,
    ],
  ];
  for (const [what, layer, message] of refused)
    it(`refuses ${what}, and names the layer`, async () => {
      await assert.rejects(onnx.write(single(networkOf(layer()))), (error: Error) => {
        assert.equal(error.name, 'InputError');
        assert.match(error.message, /^Cannot write the layer layer as ONNX: /);
        assert.match(error.message, message);
        return true;
      });
    });

  it('refuses to merge what differs in its number of axes, and products that are normalised', async () => {
    const picture = input({ name: 'picture', shape: [6, 4] }) as SymbolicTensor;
    const peaks = layers.maxPooling1d({ name: 'peaks', poolSize: 6 }).apply(picture) as SymbolicTensor;
    const vector = layers.flatten({ name: 'vector' }).apply(peaks) as SymbolicTensor;
    const product = layers.multiply({ name: 'product' }).apply([picture, vector]) as SymbolicTensor;
    await assert.rejects(onnx.write(single(model({ inputs: picture, outputs: product }))), {
      name: 'InputError',
      message: 'Cannot write the layer product as ONNX: what it is given must have the same number of axes',
    });
    const cosine = layers.dot({ name: 'cosine', axes: 2, normalize: true }).apply([picture, peaks]) as SymbolicTensor;
    await assert.rejects(onnx.write(single(model({ inputs: picture, outputs: cosine }))), {
      name: 'InputError',
      message: 'Cannot write the layer cosine as ONNX: it must multiply two matrices, as they are',
    });
  });

  it('needs the encoder of a model that has one', async () => {
    const { members } = CASES.encoder.make();
    await assert.rejects(onnx.write({ members }), {
      name: 'UsageError',
      message: 'Cannot write the model as ONNX without its encoder: whisper-base-3 must be given',
    });
    await assert.rejects(onnx.write({ members, encoderFile: () => Uint8Array.of(1) }), {
      name: 'InputError',
      message: /whisper-base-3 are damaged/,
    });
  });

  it("refuses an encoder's vectors that are normalised by something outside of the graph", async () => {
    const { members, encoderFile } = CASES.encoder.make();
    const changed = bundleOf('encoder', members[0].network, { normalisation: 'speaker' });
    await assert.rejects(onnx.write({ members: [changed], encoderFile }), {
      name: 'InputError',
      message: /the vectors of its encoder must be normalised by none or train, current value is speaker/,
    });
  });
});
