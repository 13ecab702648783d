import { InputError, UsageError } from '../common/errors.js';
import { INPUTS, type InputName } from '../dataset/inputs.js';
import { encoderTensors } from '../encoder/encoder.js';
import { type FeatureSettings, featureNamed } from '../features/features.js';
import { LOG_MEL } from '../features/log-mel.js';
import { type Normalisation, scaleOf } from '../features/normalise.js';
import type { Bundle } from '../model/bundle.js';
import type { ModelSettings } from '../model/settings.js';
import { type Blend, LEAST } from '../networks/blend.js';
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
  const added: AddedMember[] = [];
  for (const [m, bundle] of members.entries())
    added.push(await addMember(graph, bundle, { model, prefix: ensemble ? `${ensemble.members[m]}/` : '' }));
  const answers = added.map(({ probabilities }) => probabilities);
  graph.output(ensemble ? addBlend(graph, answers, ensemble) : answers[0], {
    name: 'probabilities',
    shape: [CLIPS, settings.labels.length],
    description: `of ${settings.labels.join(', ')}, in this order`,
  });
  const { trainedOn } = ensemble ?? settings;
  const described = members.map((bundle, m) => ({ inputs: added[m].inputs, ...metadataOf(bundle.settings) }));
  const { shares, temperature } = ensemble ?? {};
  const about = ensemble
    ? { labels: settings.labels, members: described, shares, temperature, trainedOn }
    : described[0];
  return graph.file({
    description: [
      `Speech emotion recognition by the network ${trainedOn.network}.`,
      ...added.map(({ preparation }) => preparation),
    ].join(' '),
    producer: { name: 'speech-emotion', version: settings.versions.project ?? '' },
    metadata: { [METADATA_KEY]: JSON.stringify(about) },
  });
}

/** Names of the lengths that differ from call to call. */
const CLIPS = 'clips';
const FRAMES = 'frames';

/** What the inputs of a network are called, in their order. */
const INPUT_NAMES: Readonly<Record<InputName, readonly string[]>> = {
  picture: ['picture'],
  clip: ['clip', 'mask'],
  speech: ['clip', 'mask'],
  vector: ['vector'],
};

/** How features are normalised, for people. */
const NORMALISED: Readonly<Record<Normalisation, string>> = {
  clip: 'z-scored by the mean and deviation of the clip',
  bands: 'less the mean of each band of the clip, divided by 10',
  train: 'z-scored band by band with trainStatistics',
  speaker: "z-scored band by band by the mean and deviation of the speaker's recordings",
  none: 'as they are',
};

/** A network in the graph. */
interface AddedMember {
  readonly probabilities: string;
  /** Names of the graph's inputs that it takes. */
  readonly inputs: readonly string[];
  /** For people: what has to be made of a recording before the graph is asked. */
  readonly preparation: string;
}

async function addMember(
  graph: OnnxGraph,
  bundle: Bundle,
  { model, prefix }: { model: Exportable; prefix: string },
): Promise<AddedMember> {
  const { inputs, values, preparation } = bundle.settings.encoder
    ? await addEncoded(graph, bundle.settings, model)
    : addInputs(graph, bundle);
  const probabilities = addLayers(graph, bundle.network, { inputs: values, prefix });
  return { probabilities, inputs, preparation: `${inputs.join(' and ')}: ${preparation}.` };
}

/** What a network takes, in the graph. */
interface Source {
  /** Names of the graph's inputs that it comes from. */
  readonly inputs: readonly string[];
  readonly values: readonly string[];
  readonly preparation: string;
}

/** The network's inputs as the graph's. */
function addInputs(graph: OnnxGraph, { network, settings }: Bundle): Source {
  const { features, input, normalisation } = settings;
  const preparation = [inWords(features), NORMALISED[normalisation], INPUTS[input].description].join('; ');
  const inputs = INPUT_NAMES[input].map((name, i) => {
    const shape = network.inputs[i].shape.map((length, axis) => length ?? (axis === 0 ? CLIPS : FRAMES));
    return graph.input(name, { shape, description: preparation });
  });
  return { inputs, values: inputs, preparation };
}

/** A log-mel spectrogram as the graph's input, and what the encoder makes of it. */
async function addEncoded(graph: OnnxGraph, settings: ModelSettings, { encoderFile }: Exportable): Promise<Source> {
  const { name } = settings.encoder!;
  if (!encoderFile) throw new UsageError(`Cannot write the model as ONNX without its encoder: ${name} must be given`);
  const tensors = await encoderTensors(name, await encoderFile(name));
  const parts = [inWords(settings.features), 'clips of one length, 30 s at most'];
  const { speeds = [] } = settings;
  if (speeds.length > 0)
    parts.push(
      `the model averages what the encoder makes of a recording and of its copies at the speeds ${speeds.join(', ')}; this graph hears no copies`,
    );
  const preparation = parts.join('; ');
  const logMel = graph.input('logMel', { shape: [CLIPS, LOG_MEL.bands, FRAMES], description: preparation });
  return {
    inputs: [logMel],
    values: [addNormalisation(graph, addEncoder(graph, tensors, logMel), settings)],
    preparation,
  };
}

function inWords({ name, options }: FeatureSettings): string {
  const { description } = featureNamed(name);
  const values = Object.entries(options).map((option) => option.join(' '));
  return values.length > 0 ? `${description} (${values.join(', ')})` : description;
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
