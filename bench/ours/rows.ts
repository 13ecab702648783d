import { linkSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { decodeFile } from '../../src/audio/decode-file.js';
import { bySource } from '../../src/audio/segment.js';
import { wavFile } from '../../src/audio/wav-file.js';
import { useBackend } from '../../src/backend/backend.js';
import { writeFile } from '../../src/common/files.js';
import { seededRandom } from '../../src/common/random.js';
import { ownText, textPool } from '../../src/common/text-pool.js';
import { chooseEmotions } from '../../src/corpora/choose.js';
import type { Clip, Corpus } from '../../src/corpora/clip.js';
import { loadCorpus } from '../../src/corpora/corpora.js';
import { formatInspection, inspectCorpus } from '../../src/corpora/inspect.js';
import { labelsOf } from '../../src/dataset/dataset.js';
import { foldsOf } from '../../src/dataset/folds.js';
import { type Split, SUBSETS, splitClips, splitOf } from '../../src/dataset/splits.js';
import { assess, mistakesOf } from '../../src/evaluation/predictions.js';
import { writeReport } from '../../src/experiment/write.js';
import { drawnClips } from '../../src/plots/figures.js';
import { readClips, writeClips } from '../../src/run/clips-file.js';
import { configFor, writeConfig } from '../../src/run/config.js';
import { corpusInWords } from '../../src/run/corpus.js';
import { CostMeter } from '../../src/run/cost.js';
import { describeEnvironment } from '../../src/run/environment.js';
import { measured } from '../../src/run/evaluate.js';
import { readRun } from '../../src/run/finished.js';
import { RUN_FILES } from '../../src/run/folder.js';
import type { Outcome } from '../../src/run/outcome.js';
import type { Prepared } from '../../src/run/prepare.js';
import { writeOutputs } from '../../src/run/write.js';
import { clipsTable, predictionsTable } from '../../src/tables/rows.js';

const EMOTIONS = ['anger', 'boredom', 'disgust', 'fear', 'happiness', 'neutral', 'sadness'];
const SPEAKERS = 5000;
const TEXTS = 2000;
const RECORDINGS = 20;
const LINKS = 50_000;
const RATE = 4000;
const SEGMENT_SAMPLES = 200;

interface Task {
  readonly stage: keyof typeof STAGES;
  readonly rows: number;
  readonly directory: string;
}

function clipsOf({ rows, directory }: Pick<Task, 'rows' | 'directory'>): Clip[] {
  const pooled = textPool();
  const clips = Array.from({ length: rows }, (_, i) => {
    const speaker = `s${String(Math.floor((i * SPEAKERS) / rows)).padStart(4, '0')}`;
    const emotion = EMOTIONS[Math.floor(i / 3) % EMOTIONS.length];
    return {
      path: ownText(`${directory}/corpus/${speaker}/${emotion}/${String(i).padStart(7, '0')}.wav`),
      corpus: 'rows',
      speaker: pooled(speaker),
      emotion,
      label: emotion,
      text: pooled(`t${(i * 7) % TEXTS}`),
    };
  });
  return clips.sort(bySource);
}

function noise(samples: number, random: () => number): Uint8Array {
  return wavFile(
    Float32Array.from({ length: samples }, () => 1.6 * random() - 0.8),
    RATE,
  );
}

function make(task: Task): void {
  const { rows, directory } = task;
  const clips = clipsOf(task);
  const random = seededRandom(1);
  mkdirSync(join(directory, 'recordings'), { recursive: true });
  const each = Math.ceil(rows / RECORDINGS);
  for (let r = 0; r < RECORDINGS; r++)
    writeFileSync(join(directory, `recordings/${r}.wav`), noise(each * SEGMENT_SAMPLES, random));
  const seconds = SEGMENT_SAMPLES / RATE;
  const lines = clips.map(({ emotion, speaker, text }, i) => {
    const start = Math.floor(i / RECORDINGS) * seconds;
    return `recordings/${i % RECORDINGS}.wav,${start.toFixed(2)},${(start + seconds).toFixed(2)},${emotion},${speaker},${text}`;
  });
  writeFileSync(join(directory, 'segments.csv'), `path,start,end,emotion,speaker,text\n${lines.join('\n')}\n`);
  let original = '';
  const made = new Set<string>();
  for (const [i, { path }] of clips.entries()) {
    if (i % LINKS === 0) {
      original = join(directory, `original-${i}.wav`);
      writeFileSync(original, noise(SEGMENT_SAMPLES, random));
    }
    const file = path;
    const folder = dirname(file);
    if (!made.has(folder)) mkdirSync(folder, { recursive: true });
    made.add(folder);
    linkSync(original, file);
  }
  const listed = clips.map(({ path, emotion, speaker, text }) => `${path},${emotion},${speaker},${text}`);
  writeFileSync(join(directory, 'files.csv'), `path,emotion,speaker,text\n${listed.join('\n')}\n`);
}

function probabilitiesOf(clips: readonly Clip[], labels: readonly string[]): Float32Array {
  const random = seededRandom(2);
  const probabilities = new Float32Array(clips.length * labels.length);
  for (const [i, { emotion }] of clips.entries()) {
    let sum = 0;
    for (let c = 0; c < labels.length; c++) {
      const value = random() + (labels[c] === emotion ? 0.8 : 0);
      probabilities[i * labels.length + c] = value;
      sum += value;
    }
    for (let c = 0; c < labels.length; c++) probabilities[i * labels.length + c] /= sum;
  }
  return probabilities;
}

function preparedOf(clips: readonly Clip[], split: Split): Prepared {
  const labels = labelsOf(clips);
  return {
    config: configFor('functionals', { data: 'corpus', seed: 1 }),
    clips,
    recordings: clips.map((_, i) => ({
      durationSeconds: 1 + (i % 100) / 50,
      sampleRateHz: 16000,
      sha256: ownText('f'.repeat(56) + String(i).padStart(8, '0')),
    })),
    skipped: [],
    leftOut: [],
    split,
    labels,
    shape: { bands: 88, frames: 1, classes: labels.length, seed: 1 },
  } as Partial<Prepared> as Prepared;
}

async function outcomeOf(clips: readonly Clip[], directory: string): Promise<Outcome> {
  const split = splitClips(clips, { seed: 1 });
  const prepared = preparedOf(clips, split);
  const { labels } = prepared;
  const probabilities = probabilitiesOf(clips, labels);
  const targets = clips.map(({ emotion }) => labels.indexOf(emotion));
  const random = seededRandom(3);
  const size = 88;
  const { indices, ...drawn } = drawnClips(prepared);
  const values = new Float32Array(indices.length * size).map(random);
  return {
    directory,
    corpus: { name: 'rows', root: 'corpus', clips, misnamed: [], repeated: [] },
    prepared,
    ...measured(probabilities, { dataset: { targets, labels }, split }),
    mapped: { clips: drawn, vectors: { values, size } },
    environment: describeEnvironment(await useBackend('wasm')),
    fitted: { history: [], bestEpoch: 0, finished: true },
    meter: new CostMeter(),
    seconds: { features: 1, training: 1, evaluation: 1, total: 3 },
  };
}

const STAGES = {
  make,
  segments: ({ directory }: Task) => loadCorpus(join(directory, 'segments.csv')),
  files: ({ directory }: Task) => loadCorpus(join(directory, 'files.csv')),
  folder: ({ directory }: Task) => loadCorpus(join(directory, 'corpus')),
  words: async (task: Task) => {
    const clips = clipsOf(task);
    const corpus: Corpus = {
      name: 'rows',
      root: 'x',
      clips: chooseEmotions(clips, { emotions: ['anger', 'neutral'], map: { fear: 'anger' } }),
      misnamed: clips.map(({ path }) => path),
      repeated: clips.map(({ path }) => path),
    };
    return () => corpusInWords(corpus);
  },
  ...Object.fromEntries(
    (['speaker', 'text', 'random', 'original'] as const).map((protocol) => [
      `split ${protocol}`,
      (task: Task) => {
        const clips = clipsOf(task);
        return () => splitClips(clips, { protocol });
      },
    ]),
  ),
  'split speakers named': (task: Task) => {
    const clips = clipsOf(task);
    const testSpeakers = [...new Set(clips.map(({ speaker }) => speaker))].filter((_, i) => i % 3 === 0);
    return () => splitClips(clips, { testSpeakers });
  },
  'split given': (task: Task) => {
    const clips = clipsOf(task);
    return () =>
      splitOf(
        clips,
        clips.map(({ speaker }) => SUBSETS[Number(speaker.slice(1)) % 3]),
        { protocol: 'speaker', seed: 1 },
      );
  },
  folds: (task: Task) => {
    const clips = clipsOf(task);
    return () => foldsOf(clips, { by: 'speaker', groups: 100, seed: 1 });
  },
  'clips.csv written': (task: Task) => {
    const clips = clipsOf(task);
    const prepared = preparedOf(clips, splitClips(clips, { seed: 1 }));
    return () => writeClips(join(task.directory, RUN_FILES.clips), prepared, false);
  },
  'clips.csv read': ({ directory }: Task) =>
    readClips(join(directory, RUN_FILES.clips), { protocol: 'speaker', seed: 1 }),
  assess: (task: Task) => {
    const clips = clipsOf(task);
    const labels = labelsOf(clips);
    const split = splitClips(clips, { seed: 1 });
    const predictions = { clips, split, labels, probabilities: probabilitiesOf(clips, labels) };
    return () => [
      assess(
        predictions,
        clips.map((_, i) => i),
      ),
      mistakesOf(predictions),
    ];
  },
  'predictions, report': async (task: Task) => {
    const outcome = await outcomeOf(clipsOf(task), task.directory);
    writeConfig(join(task.directory, RUN_FILES.config), outcome.prepared.config);
    writeFile(join(task.directory, RUN_FILES.environment), '{}');
    const { clips, split } = outcome.prepared;
    writeFile(clips[split.test[0]].path, noise(RATE, seededRandom(1)));
    writeClips(join(task.directory, RUN_FILES.clips), outcome.prepared as Prepared, false);
    return () => writeOutputs(outcome);
  },
  'run read': ({ directory }: Task) => readRun(directory),
  summary: (task: Task) => {
    const clips = clipsOf(task);
    const labels = labelsOf(clips);
    const split = { ...splitClips(clips, { seed: 1 }), train: [], validation: [], test: clips.map((_, i) => i) };
    const result = (configuration: string, seed: number) => ({
      ...{
        task: 'rows',
        configuration,
        network: 'functionals',
        normalise: 'none',
        augment: [],
        seed,
        protocol: 'speaker',
        directory: task.directory,
      },
      environment: { project: '1', node: '20', cpu: 'x', backend: { name: 'wasm', tfjs: '4' } },
      predictions: { clips, labels, split, probabilities: probabilitiesOf(clips, labels) },
    });
    const results = [result('a', 1), result('b', 1)] as never;
    return () => writeReport(join(task.directory, 'experiment'), { plan: { title: 'x' } as never, results, cells: 2 });
  },
  'inspect segments': ({ directory }: Task) => inspected(join(directory, 'segments.csv')),
  'inspect files': ({ directory }: Task) => inspected(join(directory, 'files.csv')),
  tables: (task: Task) => {
    const clips = clipsOf(task);
    const labels = labelsOf(clips);
    const split = splitClips(clips, { seed: 1 });
    const predictions = { clips, split, labels, probabilities: probabilitiesOf(clips, labels) };
    return () => {
      clipsTable(clips, { split }).groupby('emotion').size?.();
      predictionsTable(predictions);
    };
  },
};

async function inspected(path: string): Promise<object> {
  const inspection = await inspectCorpus(await loadCorpus(path), { decode: decodeFile });
  formatInspection(inspection);
  return { json: JSON.stringify(inspection, null, 2).length };
}

/**
 * A stage on so many rows, in a process of its own: seconds of processor time, and the largest memory of the process, before the stage
 * began and at its end. Stages that read take what `make`, `clips.csv written` or `predictions, report` have left in the folder.
 */
export default async function rows(task: Task): Promise<object> {
  const stage = (STAGES as Record<string, (task: Task) => unknown>)[task.stage];
  let begun = process.cpuUsage();
  let before = peakMegabytes();
  let result = await stage(task);
  if (typeof result === 'function') {
    before = peakMegabytes();
    begun = process.cpuUsage();
    result = await result();
  }
  const { user, system } = process.cpuUsage(begun);
  const seconds = (user + system) / 1e6;
  return { seconds, megabytesBefore: before, megabytes: peakMegabytes() };
}

function peakMegabytes(): number {
  const [, kilobytes] = readFileSync('/proc/self/status', 'utf8').match(/^VmHWM:\s+(\d+) kB/m)!;
  return Number(kilobytes) / 1000;
}
