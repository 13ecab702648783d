/** The page: what people do with it, and what they are shown. */
import exampleUrl from '../data/hello.flac?url';
import { InputError, reasonOf } from '../src/common/errors.js';
import { percent } from '../src/common/text.js';
import type { WindowPrediction } from '../src/model/answer.js';
import type { RunningAnswer } from '../src/model/running.js';
import { AnswerView, meanOf, sentenceOf, wordsOf } from './answer-view.js';
import { chosenModel, dropped, type Given } from './drops.js';
import { byId } from './element.js';
import { InsideView } from './inside-view.js';
import { KEPT_SECONDS, type LoadedModel, type Reply, type Request } from './messages.js';
import { type Microphone, openMicrophone } from './microphone.js';
import { showModel } from './model-view.js';
import { Timeline, timeOf } from './timeline.js';

/** What is said inside before there is anything to see. */
const HEAR_FIRST =
  'Hear something first; then this shows its way through the network, and which stretch of it spoke for the answer.';

const record = byId<HTMLButtonElement>('record');
const inside = byId<HTMLDetailsElement>('inside');
const threshold = byId<HTMLInputElement>('uncertain-below');
const problem = byId('problem');
const announcement = byId('announcement');
const state = byId('state');
const fileInput = byId<HTMLInputElement>('file');
const modelInput = byId<HTMLInputElement>('model-files');

const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
const ask = (request: Request, transfer: Transferable[] = []) => worker.postMessage(request, transfer);

let model: LoadedModel | undefined;
let microphone: Microphone | undefined;
/** What is heard now or was heard last. */
let sound: { readonly name: string; readonly isLive: boolean; isDone: boolean; seconds: number } | undefined;
let answers: RunningAnswer[] = [];
let whole: WindowPrediction | undefined;
let selected: RunningAnswer | undefined;
/** Numbers of the latest sound and the latest look: what is told of others comes too late. */
let [soundId, lookId] = [0, 0];
/** The word that was announced last: only another one is announced. */
let announced = '';

const answerView = new AnswerView();
const insideView = new InsideView();
const uncertainBelow = () => Number(threshold.value);
const timeline = new Timeline({
  labels: () => model?.labels ?? [],
  uncertainBelow,
  inWords: (answer) => sentenceOf(answer, uncertainBelow()),
  onSelect: (answer) => {
    selected = answer;
    showAnswer();
    look();
  },
});

function tell(text: string): void {
  problem.textContent = text;
  problem.hidden = text === '';
}

/** What can be done now. */
function update(): void {
  const isRecording = microphone !== undefined;
  for (const id of ['choose', 'example', 'choose-model', 'built-in'])
    byId<HTMLButtonElement>(id).disabled = !model || isRecording;
  record.disabled = !model;
  record.setAttribute('aria-pressed', String(isRecording));
  byId('record-text').textContent = isRecording ? 'Stop' : 'Record';
}

/** @param seconds - how long it is, where that is known */
function begin(name: string, seconds?: number): void {
  tell('');
  sound = { name, isLive: seconds === undefined, isDone: false, seconds: seconds ?? 0 };
  [answers, whole, announced] = [[], undefined, ''];
  soundId++;
  lookId++;
  insideView.clear(HEAR_FIRST);
  timeline.clear();
  showAnswer();
}

function showAnswer(): void {
  answerView.show(...shownAnswer(), uncertainBelow());
}

/** The answer that is shown, and what it is about. */
function shownAnswer(): [answer: RunningAnswer | undefined, about: string] {
  if (selected) return [selected, `From ${timeOf(selected.startSeconds)} to ${timeOf(selected.endSeconds)}`];
  if (!sound) return [undefined, 'Nothing heard yet'];
  const latest = answers[answers.length - 1];
  if (!sound.isDone) {
    if (!latest) return [undefined, `Listening to ${sound.name} …`];
    return [latest, `The latest window, up to ${timeOf(latest.endSeconds)}`];
  }
  const about = `${sound.name}, ${timeOf(sound.seconds)}`;
  return whole ? [whole, about] : [meanOf(answers) ?? latest, `${about}: the mean of its windows`];
}

/** Tells those who cannot see it. */
function announce(text: string): void {
  if (text !== announced) announcement.textContent = text;
  announced = text;
}

function look(): void {
  if (!inside.open || !sound?.isDone || answers.length === 0) return;
  // Where nobody has selected a window: the surest one of those that are kept.
  const { seconds, isLive } = sound;
  const kept = answers.filter(({ startSeconds }) => !isLive || startSeconds > seconds - KEPT_SECONDS);
  const probability = (answer: RunningAnswer) => ('probability' in answer ? answer.probability : 0);
  const surest = kept.reduce((a, b) => (probability(b) > probability(a) ? b : a));
  const { startSeconds, endSeconds } = selected ?? surest;
  const span = `${timeOf(startSeconds)} to ${timeOf(endSeconds)}`;
  insideView.begin(
    selected ? `The window from ${span}.` : `The surest window, from ${span}.`,
    endSeconds - startSeconds,
  );
  ask({ kind: 'look', id: ++lookId, startSeconds, endSeconds });
}

/** Carries out what somebody asked for, and tells why it cannot be. */
function attempt(action: () => Promise<void>): void {
  action().catch((error) => {
    tell(reasonOf(error));
    if (!(error instanceof InputError)) console.error(error);
  });
}

async function startRecording(): Promise<void> {
  record.disabled = true;
  try {
    microphone = await openMicrophone(() => {
      if (microphone) tell('The microphone has gone: what it heard until then is below.');
      stopRecording();
    });
    begin('your voice');
    ask({ kind: 'listen', id: soundId, sampleRateHz: microphone.sampleRateHz, port: microphone.port }, [
      microphone.port,
    ]);
  } finally {
    update();
  }
}

function stopRecording(): void {
  microphone?.stop();
  microphone = undefined;
  update();
}

async function hear(file: File): Promise<void> {
  state.textContent = `Reading ${file.name} …`;
  try {
    const { decoded } = await import('./decoding.js');
    const { samples, sampleRateHz, warning } = await decoded(file);
    begin(file.name, samples.length / sampleRateHz);
    if (warning) tell(warning);
    ask({ kind: 'hear', id: soundId, samples, sampleRateHz }, [samples.buffer]);
  } finally {
    state.textContent = '';
  }
}

async function take(given: Given): Promise<void> {
  if (microphone) throw new InputError('Stop the recording first.');
  if (!model) throw new InputError('The model is still being loaded: wait until it is there.');
  if (given.kind === 'model') {
    ask({ kind: 'load', folder: given });
    return;
  }
  const [first, ...others] = given.files;
  if (!first) throw new InputError('There is no file in what was dropped.');
  await hear(first);
  if (others.length > 0) tell(`One recording is heard at a time: of ${others.length + 1}, this is ${first.name}.`);
}

function loaded(next: LoadedModel): void {
  model = next;
  byId('loading').hidden = true;
  byId('built-in').hidden = next.name === 'Built-in';
  byId('window-seconds').textContent = String(next.windowSeconds);
  tell('');
  showModel(next);
  answerView.setLabels(next.labels);
  announce(`The model is ready: ${next.name}`);
  if (sound) {
    begin(sound.name, sound.seconds);
    ask({ kind: 'again', id: soundId });
  }
  update();
}

worker.onmessage = ({ data }: MessageEvent<Reply>) => {
  if ('id' in data && data.id !== (data.kind === 'inside' || data.kind === 'evidence' ? lookId : soundId)) return;
  switch (data.kind) {
    case 'loading':
      byId<HTMLProgressElement>('loading-share').value = data.share;
      break;
    case 'loaded':
      loaded(data.model);
      break;
    case 'problem':
      tell(data.reason);
      if (!model) byId('loading').hidden = true;
      break;
    case 'pictures':
      timeline.addColumns(data.waveform, data.decibels);
      break;
    case 'answer':
      answers.push(data.answer);
      timeline.addAnswer(data.answer);
      showAnswer();
      state.textContent = sound?.isLive
        ? `${timeOf(data.answer.endSeconds)}, answered after ${Date.now() - data.spoken} ms`
        : `${timeOf(data.answer.endSeconds)} of ${timeOf(sound?.seconds ?? 0)} heard`;
      if ('emotion' in data.answer) announce(wordsOf(data.answer, uncertainBelow())[0]);
      break;
    case 'heard': {
      if (!sound) break;
      sound = { ...sound, isDone: true, seconds: data.seconds };
      whole = data.whole;
      state.textContent = '';
      timeline.finish();
      showAnswer();
      const [answer, about] = shownAnswer();
      if (answer && 'emotion' in answer) announce(`${about}: ${wordsOf(answer, uncertainBelow()).join(', ')}`);
      look();
      break;
    }
    case 'inside':
      insideView.showNetworks(data.networks, model?.labels ?? []);
      break;
    case 'evidence':
      insideView.showEvidence(data.evidence, data.emotion, data.done);
      break;
  }
};
worker.onerror = () =>
  tell('This browser cannot compute the network: it needs WebAssembly with SIMD, as all recent browsers have it.');

record.addEventListener('click', () => (microphone ? stopRecording() : attempt(startRecording)));
byId('choose').addEventListener('click', () => fileInput.click());
byId('choose-model').addEventListener('click', () => modelInput.click());
byId('built-in').addEventListener('click', () => ask({ kind: 'load' }));
byId('example').addEventListener('click', () =>
  attempt(async () => hear(new File([await (await fetch(exampleUrl)).blob()], 'an actor’s voice (EMO-DB)'))),
);
for (const input of [fileInput, modelInput])
  input.addEventListener('change', () => {
    const files = [...(input.files ?? [])];
    input.value = '';
    if (files.length > 0) attempt(() => take(input === fileInput ? { kind: 'recordings', files } : chosenModel(files)));
  });
inside.addEventListener('toggle', look);
threshold.addEventListener('input', () => {
  byId('uncertain-share').textContent = percent(uncertainBelow(), { digits: 0 });
  showAnswer();
  timeline.later();
});
threshold.dispatchEvent(new Event('input'));

const dropZone = byId('drop');
window.addEventListener('dragover', (event) => {
  event.preventDefault();
  dropZone.hidden = false;
});
window.addEventListener('dragleave', ({ relatedTarget }) => {
  if (!relatedTarget) dropZone.hidden = true;
});
window.addEventListener('drop', (event) => {
  event.preventDefault();
  dropZone.hidden = true;
  const given = event.dataTransfer;
  if (given) attempt(async () => take(await dropped(given)));
});

if (isSecureContext) {
  ask({ kind: 'load' });
  if (import.meta.env.PROD) navigator.serviceWorker?.register('./service-worker.js').catch(() => undefined);
} else tell('Browsers allow this page only with https, or from this computer itself (localhost).');
update();
