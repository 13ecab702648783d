import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type BackendName, useBackend } from '../backend/backend.js';
import { featureCacheDirectory } from '../common/cache-directory.js';
import { csvText, writeCsv } from '../common/csv.js';
import { InputError } from '../common/errors.js';
import { readJson, removeLeftovers, writeFile, writeJson } from '../common/files.js';
import type { Clip } from '../corpora/clip.js';
import { loadCorpus } from '../corpora/corpora.js';
import { collectFeatures } from '../dataset/collect.js';
import { type Collection, type Dataset, labelsOf, normalisedDataset, type SkippedClip } from '../dataset/dataset.js';
import { type Protocol, type Split, type Subset, splitClips } from '../dataset/splits.js';
import { evaluate, type Metrics } from '../evaluation/metrics.js';
import { subsetsOf } from '../evaluation/predictions.js';
import { saveBundle } from '../model/bundle.js';
import { clipProbabilities } from '../networks/clip-probabilities.js';
import { NETWORKS } from '../networks/networks.js';
import { type EpochRecord, Training } from '../training/training.js';
import { type RunConfig, readConfig } from './config.js';
import { describeEnvironment, type Environment } from './environment.js';
import { createRunFolder, lockFolder, RUN_FILES } from './folder.js';
import { quoted, type Seconds, writeOutputs } from './outputs.js';
import { type Reporter, SILENT } from './reporter.js';
import { readState, writeState } from './state.js';

/** How a run is carried out; none of it changes the result. */
export interface RunOptions {
  /** The run's folder; default: a new one in `runs/`, named after the time. */
  readonly directory?: string;
  /** Worker threads for the features; default: one for each core. */
  readonly workers?: number;
  /** What computes; default: what a resumed run began with, else the native library where there is one, else WebAssembly. */
  readonly backend?: 'auto' | BackendName;
  readonly reporter?: Reporter;
  /** Ends the run: at once while features are extracted, after the epoch while training. All that is done is kept. */
  readonly signal?: AbortSignal;
  /** Where features are kept between runs; default: the user's cache folder. */
  readonly cacheDirectory?: string;
}

/** What a run came to. */
export interface RunResult {
  readonly directory: string;
  /** How the clips were divided: no figure means anything without it. */
  readonly protocol: Protocol;
  /** Whether it ran to its end; else it can be resumed. */
  readonly finished: boolean;
  /** Of a finished run. */
  readonly metrics?: Readonly<Record<Subset, Metrics>>;
  readonly epochs: number;
  readonly bestEpoch: number;
  /** The clips that were left out, and why; none while features are not extracted yet. */
  readonly skipped: readonly SkippedClip[];
}

/**
 * The whole job: corpus, features, split, training, evaluation, report; everything is written to the run's folder.
 *
 * @throws InputError, UsageError with a message for the user; what was written until then stays
 */
export async function run(config: RunConfig, options: RunOptions = {}): Promise<RunResult> {
  // Looked at before a folder is made, so that a mistyped path leaves nothing behind.
  const corpus = await loadCorpus(config.data, { corpus: config.corpus });
  splitClips(corpus.clips, config);
  const directory = createRunFolder(options.directory);
  return inFolder(directory, () => {
    writeJson(join(directory, RUN_FILES.config), config);
    return carryOut({ config, corpus, directory, options });
  });
}

/**
 * Goes on with an interrupted run, with the same result as if it had not been interrupted.
 *
 * @throws InputError if the folder holds no run, a finished or a damaged one, or if its recordings are others by now
 */
export async function resume(directory: string, options: Omit<RunOptions, 'directory'> = {}): Promise<RunResult> {
  const path = join(directory, RUN_FILES.config);
  if (!existsSync(path))
    throw new InputError(`Cannot resume ${directory}: there is no ${RUN_FILES.config}, so it is not a run's folder`);
  if (existsSync(join(directory, RUN_FILES.metrics)))
    throw new InputError(
      `Cannot resume ${directory}: that run is finished; its report is ${join(directory, RUN_FILES.report)}`,
    );
  const config = readConfig(path);
  const corpus = await loadCorpus(config.data, { corpus: config.corpus });
  return inFolder(directory, () => {
    removeLeftovers(directory);
    const backend = wanted(options.backend) ?? backendBefore(directory);
    return carryOut({ config, corpus, directory, options: { ...options, backend } });
  });
}

/** What was asked for by name. */
function wanted(backend: RunOptions['backend']): BackendName | undefined {
  return backend === 'auto' ? undefined : backend;
}

/** What the run computed with until it was interrupted: another backend rounds differently. */
function backendBefore(directory: string): BackendName | undefined {
  const path = join(directory, RUN_FILES.environment);
  return existsSync(path) ? (readJson(path) as Partial<Environment>).backend?.name : undefined;
}

async function inFolder<T>(directory: string, action: () => Promise<T>): Promise<T> {
  const unlock = lockFolder(directory);
  try {
    return await action();
  } finally {
    unlock();
  }
}

interface Job {
  readonly config: RunConfig;
  readonly corpus: Awaited<ReturnType<typeof loadCorpus>>;
  readonly directory: string;
  readonly options: RunOptions;
}

async function carryOut(job: Job): Promise<RunResult> {
  const { config, corpus, directory, options } = job;
  const { reporter = SILENT, signal } = options;
  const begun = performance.now();
  const backend = await useBackend(options.backend, { report: reporter.say });
  const environment = describeEnvironment(backend);
  writeJson(join(directory, RUN_FILES.environment), environment);

  reporter.say(`${corpus.clips.length} clips of ${corpus.name} in ${corpus.root}; the run's folder is ${directory}`);
  const featuresBegun = performance.now();
  const collection = await collect(job).catch((error) => {
    if (!signal?.aborted) throw error;
  });
  if (!collection) {
    reporter.say(`Interrupted; the features so far are kept; go on with: ser run --resume ${quoted(directory)}`);
    return { directory, protocol: config.protocol, finished: false, epochs: 0, bestEpoch: 0, skipped: [] };
  }
  const featuresSeconds = secondsSince(featuresBegun);
  const { clips, skipped } = collection;
  if (skipped.length > 0)
    reporter.say(
      `${skipped.length === 1 ? '1 unusable clip is' : `${skipped.length} unusable clips are`} left out, see the end`,
    );

  const split = splitClips(clips, config);
  const labels = labelsOf(clips);
  writeClips(job, collection, split);
  const { normalise: normalisation, frames } = config;
  const { dataset, trainStatistics } = normalisedDataset(collection, {
    normalisation,
    frames,
    train: split.train,
    labels,
  });

  const network = NETWORKS[config.network]({ ...dataset, classes: labels.length, seed: config.seed }, config.sizes);
  const training = new Training(network, dataset, { ...split, options: config });
  const settings = {
    labels,
    mel: config.mel,
    frames,
    normalisation,
    trainStatistics,
    trainedOn: {
      corpus: corpus.name,
      protocol: config.protocol,
      seed: config.seed,
      network: config.network,
      clips: split.train.length,
    },
    versions: { project: environment.project, tfjs: backend.tfjs },
  };
  const save = (name: string) => saveBundle(join(directory, name), network, settings);
  try {
    await train(training, { directory, config, reporter, signal, saveCheckpoint: () => save(RUN_FILES.checkpoint) });
    training.restoreBest();
    const result = {
      directory,
      protocol: config.protocol,
      epochs: training.history.length,
      bestEpoch: training.bestEpoch,
      skipped,
    };
    if (!training.finished) {
      if (training.bestEpoch > 0) await save(RUN_FILES.model);
      reporter.say(
        `Interrupted after ${result.epochs} epochs, all kept; go on with: ser run --resume ${quoted(directory)}`,
      );
      return { ...result, finished: false };
    }
    await save(RUN_FILES.model);
    const evaluationBegun = performance.now();
    const probabilities = clipProbabilities(network, dataset.inputs, dataset);
    const metrics = evaluateSubsets(dataset, split, probabilities);
    const seconds: Seconds = {
      features: featuresSeconds,
      training: training.history.reduce((sum, epoch) => sum + epoch.seconds, 0),
      evaluation: secondsSince(evaluationBegun),
      total: secondsSince(begun),
    };
    await writeOutputs({
      ...job,
      collection,
      split,
      labels,
      metrics,
      probabilities,
      environment,
      ...result,
      history: training.history,
      seconds,
    });
    rmSync(join(directory, RUN_FILES.state), { force: true });
    return { ...result, metrics, finished: true };
  } finally {
    training.dispose();
    network.dispose();
  }
}

async function collect({ config, corpus, options }: Job): Promise<Collection> {
  const { reporter = SILENT, workers, signal } = options;
  const bar = reporter.progress('features', corpus.clips.length);
  try {
    return await collectFeatures(corpus.clips, {
      mel: config.mel,
      frames: config.frames,
      maxSkipped: config.maxSkipped,
      cacheDirectory: options.cacheDirectory ?? featureCacheDirectory(),
      workers,
      signal,
      onProgress: (done) => bar.update(done),
    });
  } finally {
    bar.stop();
  }
}

interface TrainingJob {
  readonly directory: string;
  readonly config: RunConfig;
  readonly reporter: Reporter;
  readonly signal?: AbortSignal;
  readonly saveCheckpoint: () => Promise<void>;
}

/** Trains until early stopping, the last epoch, or the signal; after each epoch all is on disk. */
async function train(
  training: Training,
  { directory, config, reporter, signal, saveCheckpoint }: TrainingJob,
): Promise<void> {
  const statePath = join(directory, RUN_FILES.state);
  const state = readState(statePath);
  if (state) {
    training.resume(state);
    reporter.say(`Resuming after epoch ${state.history.length}`);
  }
  if (signal?.aborted) return;
  for await (const record of training.epochs()) {
    const earlier = training.history.slice(0, -1);
    if (earlier.every((other) => other.valAccuracy < record.valAccuracy)) await saveCheckpoint();
    writeCsv(join(directory, RUN_FILES.history), training.history);
    writeState(statePath, training.state());
    const left = (config.epochs - record.epoch) * meanSeconds(training.history);
    reporter.epoch(record, { epochs: config.epochs, best: training.bestEpoch === record.epoch, left });
    if (signal?.aborted) return;
  }
}

function evaluateSubsets(
  { targets, labels }: Dataset,
  split: Split,
  probabilities: Float32Array,
): Record<Subset, Metrics> {
  const metricsOf = (set: Subset) => {
    const rows = new Float32Array(split[set].length * labels.length);
    for (const [row, i] of split[set].entries())
      rows.set(probabilities.subarray(i * labels.length, (i + 1) * labels.length), row * labels.length);
    return evaluate(
      split[set].map((i) => targets[i]),
      rows,
      labels,
    );
  };
  return { train: metricsOf('train'), validation: metricsOf('validation'), test: metricsOf('test') };
}

/**
 * Writes one row for each clip, with its set; unusable clips follow with the reason.
 *
 * @throws InputError if training began with other clips or sets, so that going on would mix two jobs
 */
function writeClips({ config, directory }: Job, { clips, features, skipped }: Collection, split: Split): void {
  const path = join(directory, RUN_FILES.clips);
  const sets = subsetsOf(split);
  const row = (clip: Clip) => ({ ...clip, sex: clip.sex ?? '', intensity: clip.intensity ?? '' });
  const used = clips.map((clip, i) => ({
    ...row(clip),
    durationSeconds: features[i].durationSeconds,
    sampleRateHz: features[i].sampleRateHz,
    set: sets.get(i),
    problem: '',
  }));
  const unused = skipped.map(({ clip, reason }) => ({
    ...row(clip),
    durationSeconds: '',
    sampleRateHz: '',
    set: 'skipped',
    problem: reason,
  }));
  const text = csvText([...used, ...unused]);
  const trained = existsSync(join(directory, RUN_FILES.state)) && existsSync(path);
  if (trained && readFileSync(path, 'utf8') !== text)
    throw new InputError(
      `Cannot resume ${directory}: the recordings in ${config.data} are no longer those in ${path}; put them back, or start a new run`,
    );
  writeFile(path, text);
}

function meanSeconds(history: readonly EpochRecord[]): number {
  return history.reduce((sum, { seconds }) => sum + seconds, 0) / history.length;
}

function secondsSince(begun: number): number {
  return (performance.now() - begun) / 1000;
}
