import { InputError, UsageError } from '../common/errors.js';
import type { InputName } from '../dataset/inputs.js';
import { encoderTensors } from '../encoder/encoder.js';
import { featureNamed } from '../features/features.js';
import { LOG_MEL } from '../features/log-mel.js';
import { scaleOf } from '../features/normalise.js';
import type { Bundle } from '../model/bundle.js';
import type { ModelSettings } from '../model/settings.js';
import { type Blend, LEAST } from '../networks/blend.js';
import { takesAndGives } from './card.js';
import type { Exportable, ExportFormat } from './export-format.js';
import { METADATA_KEY, metadataOf } from './metadata.js';
import { addEncoder } from './onnx-encoder.js';
import { OnnxGraph } from './onnx-graph.js';
import { addLayers } from './onnx-layers.js';

/** From what a network takes, of an encoder from the log-mel spectrogram, to probabilities; an ensemble is one graph, too. */
export const onnx: ExportFormat = {
  description: 'one graph, for ONNX Runtime in Python, Node, browsers, C++ and others; with the encoder, if it has one',
  write: async (model) => [{ name: 'model.onnx', bytes: await onnxFile(model) }],
};

async function onnxFile(model: Exportable): Promise<Uint8Array> {
  const { members, ensemble } = model;
  const [{ settings }] = members;
  const graph = new OnnxGraph();
  const sources: Source[] = [];
  const answers: string[] = [];
  for (const [m, bundle] of members.entries()) {
    const prefix = ensemble ? `${ensemble.members[m]}/` : '';
    // Of its own for each network: clips have other frames for each.
    const frames = `${prefix}frames`;
    const source = bundle.settings.encoder
      ? await addEncoded(graph, { settings: bundle.settings, model, frames })
      : addInputs(graph, bundle, frames);
    answers.push(addLayers(graph, bundle.network, { inputs: source.values, prefix }));
    sources.push(source);
  }
  graph.output(ensemble ? addBlend(graph, answers, ensemble) : answers[0], {
    name: 'probabilities',
    shape: [CLIPS, settings.labels.length],
    description: `of ${settings.labels.join(', ')}, in this order`,
  });
  const { trainedOn } = ensemble ?? settings;
  const described = members.map((bundle, m) => ({ inputs: sources[m].inputs, ...metadataOf(bundle.settings) }));
  const { shares, temperature } = ensemble ?? {};
  const about = ensemble
    ? { labels: settings.labels, members: described, shares, temperature, trainedOn }
    : described[0];
  return graph.file({
    description: [
      `Speech emotion recognition by the network ${trainedOn.network}.`,
      ...sources.map(({ beginning }) => beginning),
    ].join(' '),
    producer: { name: 'speech-emotion', version: settings.versions.project ?? '' },
    metadata: { [METADATA_KEY]: JSON.stringify(about) },
  });
}

/** The name of a length that may differ from call to call. */
const CLIPS = 'clips';

/** What the inputs of a network are called, in their order. */
const INPUT_NAMES: Readonly<Record<InputName, readonly string[]>> = {
  picture: ['picture'],
  clip: ['clip', 'mask'],
  speech: ['clip', 'mask'],
  vector: ['vector'],
};

/** What a network takes, in the graph. */
interface Source {
  /** Names of the graph's inputs that it comes from. */
  readonly inputs: readonly string[];
  readonly values: readonly string[];
  /** For people: where the graph begins. */
  readonly beginning: string;
}

/** The network's inputs as the graph's. */
function addInputs(graph: OnnxGraph, { network, settings }: Bundle, frames: string): Source {
  const names = INPUT_NAMES[settings.input];
  const description = takesAndGives(settings).join(' ');
  const inputs = names.map((name, i) => {
    const shape = network.inputs[i].shape.map((length, axis) => length ?? (axis === 0 ? CLIPS : frames));
    return graph.input(name, { shape, description });
  });
  return { inputs, values: inputs, beginning: `${description} The graph begins with that: ${inputs.join(', ')}.` };
}

/** A log-mel spectrogram as the graph's input, and what the encoder makes of it. */
async function addEncoded(
  graph: OnnxGraph,
  { settings, model: { encoderFile }, frames }: { settings: ModelSettings; model: Exportable; frames: string },
): Promise<Source> {
  const { name } = settings.encoder!;
  const { speeds = [] } = settings;
  if (!encoderFile) throw new UsageError(`Cannot write the model as ONNX without its encoder: ${name} must be given`);
  const tensors = await encoderTensors(name, await encoderFile(name));
  const logMel = graph.input('logMel', {
    shape: [CLIPS, LOG_MEL.bands, frames],
    description: `${featureNamed(settings.features.name).description}, of clips of one length, 30 s at most`,
  });
  const vector = addNormalisation(graph, addEncoder(graph, tensors, logMel), settings);
  const beginning = [
    ...takesAndGives(settings),
    `The graph begins with the features, ${logMel}, of clips of one length, 30 s at most.`,
    ...(speeds.length > 0 ? ['It hears no copies at other speeds.'] : []),
  ].join(' ');
  return { inputs: [logMel], values: [vector], beginning };
}

/** Normalises the vectors of an encoder as the network was trained with them. */
function addNormalisation(graph: OnnxGraph, vector: string, { normalisation, trainStatistics }: ModelSettings): string {
  if (normalisation === 'none') return vector;
  if (normalisation !== 'train' || !trainStatistics)
    throw new InputError(
      `Cannot write the model as ONNX: the vectors of its encoder must be normalised by none or train, current value is ${normalisation}`,
    );
  const mean = graph.constant('normalisation/mean', Float32Array.from(trainStatistics.mean));
  const scale = graph.constant('normalisation/scale', Float32Array.from(trainStatistics.std, scaleOf));
  const centred = graph.node('Sub', [vector, mean], { name: 'normalisation/centred' });
  return graph.node('Mul', [centred, scale], { name: 'normalisation' });
}

/** See `blended` in `networks`. */
function addBlend(graph: OnnxGraph, members: readonly string[], { shares, temperature }: Blend): string {
  const node = (operator: string, inputs: readonly string[], part: string) =>
    graph.node(operator, inputs, { name: `average/${part}` });
  const average = members
    .map((member, m) => node('Mul', [member, graph.scalar(`average/share_${m + 1}`, shares[m])], `part_${m + 1}`))
    .reduce((a, b) => node('Add', [a, b], 'sum'));
  const logarithms = node(
    'Log',
    [node('Max', [average, graph.scalar('average/least', LEAST)], 'positive')],
    'logarithms',
  );
  const logits = node('Div', [logarithms, graph.scalar('average/temperature', temperature)], 'logits');
  return graph.node('Softmax', [logits], { name: 'average/softmax', axis: -1n });
}
