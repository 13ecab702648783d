/**
 * The whole job: from a corpus to a trained, evaluated model with its report.
 *
 * In: a configuration. Out: a folder with everything. The stages (prepare, fit, evaluate, write) are functions of their own,
 * which notebooks and experiments call, too.
 */
import { existsSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { useBackend } from '../backend/backend.js';
import type { BackendName } from '../backend/info.js';
import { writeCsv } from '../common/csv.js';
import { InputError } from '../common/errors.js';
import { readJson, removeLeftovers, writeFile, writeJson } from '../common/files.js';
import { mean } from '../common/statistics.js';
import type { Corpus } from '../corpora/clip.js';
import { absentInWords } from '../dataset/absent.js';
import { type SkippedClip, vectorsOf } from '../dataset/dataset.js';
import type { Protocol, Subset } from '../dataset/splits.js';
import type { Metrics } from '../evaluation/metrics.js';
import { type KerasModel, kerasFile } from '../exchange/keras.js';
import { saveBundle, saveEnsemble } from '../model/bundle-files.js';
import { NETWORKS } from '../networks/networks.js';
import { drawnClips } from '../plots/figures.js';
import type { FitOptions, Fitted } from '../training/estimator.js';
import { writeClips } from './clips-file.js';
import { checkConfig, memberConfigs, type RunConfig, readConfig, writeConfig } from './config.js';
import { corpusFor, corpusInWords } from './corpus.js';
import { type Cost, CostMeter } from './cost.js';
import { weighDescriptors } from './descriptors-figure.js';
import { blendInWords, blendRuns } from './ensemble.js';
import { describeEnvironment, type Environment } from './environment.js';
import { evaluateNetwork, measured } from './evaluate.js';
import { asRead, type FinishedRun, readRun } from './finished.js';
import { fitNetwork, modelSettings, trainedOn } from './fit.js';
import { inFolder, inNewFolder, RUN_FILES, requireJob, resuming } from './folder.js';
import { unheardInWords } from './heard-part.js';
import type { Outcome, Seconds } from './outcome.js';
import { type Prepared, type PrepareOptions, prepare, splitFor } from './prepare.js';
import { type Reporter, SILENT } from './reporter.js';
import { readState, writeState } from './state.js';
import { type OutputOptions, writeOutputs } from './write.js';

/** How a run is carried out; none of it changes the result. */
export interface RunOptions extends PrepareOptions, OutputOptions {
  /** The run's folder; default: a new one in `runs/`, named after the time. */
  readonly directory?: string;
  /** What computes; default: what a resumed run began with, else the native library where there is one, else WebAssembly. */
  readonly backend?: 'auto' | BackendName;
  /** Whether it is part of a larger job, which has said what is to be said of the corpus; default false. */
  readonly part?: boolean;
  /** Ends the run: at once while features are extracted, after the epoch while training. All that is done is kept. */
  readonly signal?: AbortSignal;
}

/** How a run is gone on with. */
export interface ResumeOptions extends Omit<RunOptions, 'directory'> {
  /** Share of the clips that may be unusable; default: what the run began with. */
  readonly maxSkipped?: number;
}

/** What came of a run. */
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
  /** The clips that were left out, and why; none before features are extracted. */
  readonly skipped: readonly SkippedClip[];
  /** What it has cost so far, earlier sittings included. */
  readonly cost: Cost;
}

/**
 * The whole job: corpus, features, split, training, evaluation, report; everything is written to the run's folder.
 *
 * @throws InputError, UsageError with a message for the user; what was written stays if training had begun, else the folder is
 *   as it was before
 */
export async function run(config: RunConfig, options: RunOptions = {}): Promise<RunResult> {
  const meter = new CostMeter();
  checkConfig(config);
  // Looked at before a folder is made, so that a mistyped path leaves nothing behind.
  const corpus = await corpusToldOf(config, options);
  splitFor(corpus.clips, config);
  return inNewFolder(options.directory, (directory) => {
    removeLeftovers(directory);
    writeConfig(join(directory, RUN_FILES.config), config);
    return carryOut({ config, corpus, directory, options, meter });
  });
}

/**
 * Goes on with an interrupted run, with the same result as if it had not been interrupted.
 *
 * @throws InputError if the folder holds no run, a finished or a damaged one, or if its recordings are others by now
 */
export async function resume(directory: string, options: ResumeOptions = {}): Promise<RunResult> {
  const meter = new CostMeter();
  const path = join(directory, RUN_FILES.config);
  requireJob(directory, 'config', 'run');
  if (existsSync(join(directory, RUN_FILES.metrics)))
    throw new InputError(
      `Cannot resume ${directory}: that run is finished; its report is ${join(directory, RUN_FILES.report)}`,
    );
  const begun = readConfig(path);
  const { maxSkipped = begun.maxSkipped } = options;
  const config = { ...begun, maxSkipped };
  checkConfig(config);
  const corpus = await corpusToldOf(config, options);
  return inFolder(directory, () => {
    removeLeftovers(directory);
    if (maxSkipped !== begun.maxSkipped) writeConfig(path, config);
    const backend = wanted(options.backend) ?? backendBefore(directory);
    return carryOut({ config, corpus, directory, options: { ...options, backend }, meter });
  });
}

/** The corpus, of which all is said that its user should know before it is used. */
async function corpusToldOf(config: RunConfig, { part, reporter = SILENT }: RunOptions): Promise<Corpus> {
  const corpus = await corpusFor(config);
  if (!part) for (const line of corpusInWords(corpus)) reporter.say(line);
  return corpus;
}

/**
 * A run, carried out or gone on with unless it is there; undefined where it was interrupted.
 *
 * @throws InputError if there is one with another configuration, apart from how many clips may be unusable
 */
export async function finishedRun(
  directory: string,
  config: RunConfig,
  options: RunOptions,
): Promise<FinishedRun | undefined> {
  const path = join(directory, RUN_FILES.config);
  const begun = existsSync(path);
  const { maxSkipped } = config;
  if (begun && !isDeepStrictEqual({ ...readConfig(path), maxSkipped }, asRead(config)))
    throw new InputError(
      `Cannot go on with ${directory}: it was begun with another configuration, e.g. because there are other speakers or texts by now; put the recordings back, or start anew`,
    );
  if (!existsSync(join(directory, RUN_FILES.metrics))) {
    const part = { ...options, part: true };
    const result = begun ? await resume(directory, { ...part, maxSkipped }) : await run(config, { ...part, directory });
    if (!result.finished) return undefined;
  }
  return readRun(directory);
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

interface Job {
  readonly config: RunConfig;
  readonly corpus: Corpus;
  readonly directory: string;
  readonly options: RunOptions;
  readonly meter: CostMeter;
}

/** The stages, one after the other, with what is kept between them in the run's folder. */
async function carryOut(job: Job): Promise<RunResult> {
  const { directory, options, meter } = job;
  const begun = performance.now();
  const backend = await useBackend(options.backend, { report: options.reporter?.say });
  const environment = describeEnvironment(backend, meter.machine);
  writeJson(join(directory, RUN_FILES.environment), environment);
  // The features are in memory no longer than this: drawing the figures needs as much.
  const fitted = NETWORKS[job.config.network].fitting.by === 'members' ? fitMembers : fitAndEvaluate;
  const { result, outcome } = await fitted(job, environment);
  if (!outcome) return { ...result, cost: meter.record(directory) };
  const { seconds } = outcome;
  const cost = await writeOutputs({ ...outcome, meter, seconds: { ...seconds, total: secondsSince(begun) } }, options);
  rmSync(join(directory, RUN_FILES.state), { force: true });
  return { ...result, metrics: outcome.metrics, cost };
}

/** What the stages before the last resulted in; no outcome where the run was interrupted. */
interface Fit {
  readonly result: Omit<RunResult, 'cost'>;
  readonly outcome?: Omit<Outcome, 'seconds' | 'meter'> & { readonly seconds: Omit<Seconds, 'total'> };
}

async function fitAndEvaluate(
  { config, corpus, directory, options, meter }: Job,
  environment: Environment,
): Promise<Fit> {
  const { reporter = SILENT, signal } = options;
  const file = (name: keyof typeof RUN_FILES) => join(directory, RUN_FILES[name]);
  const resumption = `go on with ${resuming(directory)}`;
  reporter.say(`${corpus.clips.length} clips of ${corpus.name} in ${corpus.root}; the run's folder is ${directory}`);
  const featuresBegun = performance.now();
  const prepared = await prepare(config, corpus, options).catch((error) => {
    if (!signal?.aborted) throw error;
  });
  if (!prepared) {
    reporter.say(`Interrupted; the features so far are kept; ${resumption}`);
    return { result: { directory, protocol: config.protocol, finished: false, epochs: 0, bestEpoch: 0, skipped: [] } };
  }
  const featuresSeconds = secondsSince(featuresBegun);
  for (const line of absentInWords(prepared.clips, prepared.split)) reporter.say(line);
  const { skipped } = prepared;
  if (skipped.length > 0)
    reporter.say(
      `${skipped.length === 1 ? '1 unusable clip is' : `${skipped.length} unusable clips are`} left out, see the end`,
    );
  const part = unheardInWords(prepared);
  if (part) reporter.say(`${part}; \`frames\` and \`offsetSeconds\` of a run choose another part`);
  writeClips(file('clips'), prepared, existsSync(file('state')));
  meter.record(directory);

  const settings = modelSettings(prepared, { corpus: corpus.name, environment });
  const state = readState(file('state'));
  if (state) reporter.say(`Resuming after epoch ${state.history.length}`);
  const onEpoch = afterEpoch(config, {
    reporter,
    history: file('history'),
    state: file('state'),
    saveCheckpoint: (network) => saveBundle(file('checkpoint'), network, settings),
    recordCost: () => meter.record(directory),
  });
  const { network, ...fitted } = await fitNetwork(prepared, { state, onEpoch, signal });
  try {
    const { history, bestEpoch, finished } = fitted;
    const result = { directory, protocol: config.protocol, finished, epochs: history.length, bestEpoch, skipped };
    if (finished || bestEpoch > 0) {
      await saveBundle(file('model'), network, settings);
      writeKeras(file('keras'), { network, settings }, reporter);
    }
    if (!finished) {
      reporter.say(`Interrupted after ${history.length} epochs, all kept; ${resumption}`);
      return { result };
    }
    const evaluationBegun = performance.now();
    const evaluation = evaluateNetwork({ network, ...fitted }, prepared);
    const descriptors = weighDescriptors(network, prepared);
    const { dataset, copies, ...known } = prepared;
    const mapped = NETWORKS[config.network].input === 'vector' ? mappedClips(prepared) : undefined;
    const seconds = {
      features: featuresSeconds,
      training: history.reduce((sum, epoch) => sum + epoch.seconds, 0),
      evaluation: secondsSince(evaluationBegun),
    };
    const kept = { prepared: known, mapped, descriptors };
    return { result, outcome: { directory, corpus, ...kept, environment, fitted, ...evaluation, seconds } };
  } finally {
    network.dispose();
  }
}

/** What a map of the clips shows: of many, only a part is in memory. */
function mappedClips(prepared: Prepared): NonNullable<Outcome['mapped']> {
  const { indices, ...clips } = drawnClips(prepared);
  return { clips, vectors: vectorsOf(prepared.dataset, indices) };
}

/** Writes what Keras loads, or says why there is no such file: a network may have layers of its own. */
function writeKeras(path: string, model: KerasModel, reporter: Reporter): void {
  let bytes: Uint8Array;
  try {
    bytes = kerasFile(model);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    reporter.say(`There is no ${basename(path)}: ${error.message}`);
    return;
  }
  writeFile(path, bytes);
}

/** The same of an ensemble: its members are runs of their own in its folder, and what they say is averaged. */
async function fitMembers({ config, corpus, directory, options, meter }: Job, environment: Environment): Promise<Fit> {
  const { reporter = SILENT, signal } = options;
  const configs = memberConfigs(config);
  const members: FinishedRun[] = [];
  for (const [i, each] of configs.entries()) {
    reporter.say(`Member ${i + 1} of ${configs.length}: ${each.network}`);
    const folder = join(directory, each.network);
    const member = await meter.part(folder, () => finishedRun(folder, each, options));
    if (!member || signal?.aborted) {
      reporter.say(`Interrupted; what is finished is kept; go on with ${resuming(directory)}`);
      return {
        result: { directory, protocol: config.protocol, finished: false, epochs: 0, bestEpoch: 0, skipped: [] },
      };
    }
    members.push(member);
  }
  const begun = performance.now();
  // Features that are in the cache by now.
  const prepared = { ...(await prepare(configs[0], corpus, { ...options, signal: undefined })), config };
  writeClips(join(directory, RUN_FILES.clips), prepared, false);
  const features = secondsSince(begun);
  const { blend, probabilities } = blendRuns(members);
  reporter.say(blendInWords(blend));
  const models = members.map(({ model }) => model);
  saveEnsemble(join(directory, RUN_FILES.model), models, {
    ...blend,
    trainedOn: trainedOn({ ...prepared, learnt: prepared.split.train }, corpus.name),
  });
  const { dataset, copies, ...known } = prepared;
  const { skipped } = prepared;
  const fitted = { history: [], bestEpoch: 0, finished: true };
  const epochs = members.flatMap(({ history }) => history);
  const training = epochs.reduce((sum, { seconds }) => sum + seconds, 0);
  const evaluation = measured(probabilities, prepared);
  const seconds = { features, training, evaluation: secondsSince(begun) - features };
  return {
    result: { directory, protocol: config.protocol, ...fitted, epochs: 0, skipped },
    outcome: { directory, corpus, prepared: known, environment, fitted, blend, ...evaluation, seconds },
  };
}

/** What is said and kept after each epoch; then all of it is on disk. */
function afterEpoch(
  config: RunConfig,
  {
    reporter,
    history,
    state,
    saveCheckpoint,
    recordCost,
  }: Required<Pick<RunOptions, 'reporter'>> & {
    /** Files. */
    readonly history: string;
    readonly state: string;
    readonly saveCheckpoint: (network: Fitted['network']) => Promise<void>;
    readonly recordCost: () => void;
  },
): NonNullable<FitOptions['onEpoch']> {
  return async (record, training) => {
    const earlier = training.history.slice(0, -1);
    if (earlier.every((other) => other.valAccuracy < record.valAccuracy)) await saveCheckpoint(training.network);
    writeCsv(history, training.history);
    writeState(state, training.state());
    recordCost();
    const left = (config.epochs - record.epoch) * mean(training.history.map(({ seconds }) => seconds));
    reporter.epoch(record, { epochs: config.epochs, best: training.bestEpoch === record.epoch, left });
  };
}

function secondsSince(begun: number): number {
  return (performance.now() - begun) / 1000;
}
