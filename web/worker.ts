/** All that computes, away from the page, so that it answers to its user meanwhile. */
import wasmUrl from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import encoderUrl from '../data/encoder/whisper-base-3.safetensors?url';
import { useWasmAt } from '../src/backend/in-browser.js';
import { InputError, reasonOf } from '../src/common/errors.js';
import { Encoder, type EncoderName } from '../src/encoder/encoder.js';
import type { TrainedModel } from '../src/model/emotion-model.js';
import { learntFromInWords } from '../src/model/in-words.js';
import { type FolderFile, type FolderModel, modelOf } from '../src/model/model-files.js';
import { type Evidence, occlusion } from '../src/model/occlusion.js';
import { Listening } from './listening.js';
import type { Reply, Request } from './messages.js';
import { nextTask } from './next-task.js';
import { kept } from './weights.js';

/** The model that comes with the page, file by file. */
const BUILT_IN = import.meta.glob<string>('../models/emodb-encoder/*', {
  query: '?url',
  import: 'default',
  eager: true,
});
const BUILT_IN_NAME = 'Built-in';

const ENCODER_URLS: Readonly<Record<EncoderName, string>> = { 'whisper-base-3': encoderUrl };

const reply = (message: Reply) => self.postMessage(message);

let current: FolderModel | undefined;
let listening: Listening | undefined;
/** The latest request to look: an earlier one ends. */
let latestLook: number | undefined;
/** Models are loaded one after the other. */
let loaded: Promise<void> = Promise.resolve();

/** The backend, which is set once. */
const backend = useWasmAt(wasmUrl);
// Told where it is waited for.
backend.catch(() => undefined);

const encoders = new Map<EncoderName, Promise<Encoder>>();

function encoderNamed(name: EncoderName): Promise<Encoder> {
  const loaded =
    encoders.get(name) ??
    kept(ENCODER_URLS[name], (share) => reply({ kind: 'loading', share })).then((weights) =>
      Encoder.from(name, weights),
    );
  encoders.set(name, loaded);
  // Another time may have a connection.
  loaded.catch(() => encoders.delete(name));
  return loaded;
}

async function builtInFiles(): Promise<FolderFile[]> {
  const fetched = Object.entries(BUILT_IN).map(async ([path, url]) => {
    const response = await fetch(url).catch(() => undefined);
    if (!response?.ok) throw new InputError('Cannot load the model: check the connection, and load the page again');
    return { path: path.split('/').at(-1)!, blob: await response.blob() };
  });
  return Promise.all(fetched);
}

async function load(folder: { readonly name: string; readonly files: readonly FolderFile[] }): Promise<void> {
  const next = await modelOf(folder.files, folder.name, { backend: await backend, encoder: encoderNamed });
  stop();
  current?.dispose();
  current = next;
  const { labels, trainedOn } = next.model.settings;
  const learntFrom = learntFromInWords(next.model.settings);
  const { windowSeconds } = next.model.completeOptions({});
  await warmUp(next.model, windowSeconds);
  reply({
    kind: 'loaded',
    model: { name: folder.name, labels, network: trainedOn.network, learntFrom, windowSeconds, card: next.card },
  });
}

/** The first pass takes several times as long as those after it: nobody has to wait for it while they speak. */
async function warmUp(model: TrainedModel, seconds: number): Promise<void> {
  const sampleRateHz = 48_000;
  const samples = Float32Array.from({ length: seconds * sampleRateHz }, (_, i) => 0.1 * Math.sin(0.05 * i));
  await model.predict({ samples, sampleRateHz });
}

/** Ends what is told of an earlier sound, or with an earlier model. */
function stop(): void {
  listening?.cancel();
  latestLook = undefined;
}

function begin(sampleRateHz: number, { id, isLive }: { readonly id: number; readonly isLive: boolean }): Listening {
  if (!current) throw new InputError('The model is not there yet: wait until it is loaded');
  stop();
  listening = new Listening(current.model, sampleRateHz, { isLive, reply: (message) => reply({ ...message, id }) });
  return listening;
}

async function look(id: number, startSeconds: number, endSeconds: number): Promise<void> {
  const sound = listening?.stretch(startSeconds, endSeconds);
  if (!sound || !current)
    throw new InputError('This stretch is no longer kept: only the last two minutes of a recording are');
  latestLook = id;
  const { model } = current;
  reply({ kind: 'inside', id, networks: await model.inside(sound) });
  const { likeliest, emotion } = await model.predict(sound);
  const evidence: Evidence[] = [];
  for await (const each of occlusion(model, sound)) {
    await nextTask();
    if (id !== latestLook) return;
    evidence.push(each);
    reply({ kind: 'evidence', id, evidence, emotion: likeliest ?? emotion, done: false });
  }
  reply({ kind: 'evidence', id, evidence, emotion: likeliest ?? emotion, done: true });
}

async function carryOut(request: Request): Promise<void> {
  switch (request.kind) {
    case 'load':
      loaded = loaded
        .catch(() => undefined)
        .then(async () => load(request.folder ?? { name: BUILT_IN_NAME, files: await builtInFiles() }));
      return loaded;
    case 'listen':
      return begin(request.sampleRateHz, { ...request, isLive: true }).listen(request.port);
    case 'hear':
      return begin(request.sampleRateHz, { ...request, isLive: false }).hear(request.samples);
    case 'again': {
      const sound = listening?.whole;
      if (!sound) throw new InputError('The sound is no longer there as a whole: record or drop it again');
      return begin(sound.sampleRateHz, { ...request, isLive: false }).hear(sound.samples);
    }
    case 'look':
      return look(request.id, request.startSeconds, request.endSeconds);
  }
}

self.onmessage = ({ data }: MessageEvent<Request>) => {
  carryOut(data).catch((error) => {
    reply({ kind: 'problem', reason: reasonOf(error) });
    if (!(error instanceof InputError)) console.error(error);
  });
};
