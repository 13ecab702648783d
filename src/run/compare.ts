import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { InputError, UsageError } from '../common/errors.js';
import { jsonText, readJson, writeFile } from '../common/files.js';
import { titleOf } from '../corpora/corpora.js';
import { speakersOf, unknownSpeakersNote } from '../corpora/speakers.js';
import { NETWORKS } from '../networks/networks.js';
import { comparisonHtml } from '../pages/comparison.js';
import { requireUnchanged, writeListed } from './checksums.js';
import { checkConfig, configFor, type RunConfig } from './config.js';
import { corpusFor, corpusInWords } from './corpus.js';
import { type Cost, CostMeter } from './cost.js';
import { type FinishedRun, requireSameRecordings } from './finished.js';
import { inFolder, inNewFolder, RUN_FILES, requireJob } from './folder.js';
import { heardFigure } from './heard.js';
import { pathsOf, startingHere } from './paths.js';
import { splitFor } from './prepare.js';
import { SILENT } from './reporter.js';
import { finishedRun, type ResumeOptions, type RunOptions } from './run.js';

/** The networks that are compared unless others are named: the one that was, a baseline, and what is possible. */
export const COMPARED: readonly string[] = ['original', 'functionals', 'compact', 'encoder'];

/** What networks of a comparison may have in common: everything that is not a network's own. */
export type SharedConfig = Partial<
  Pick<
    RunConfig,
    | 'data'
    | 'corpus'
    | 'emotions'
    | 'map'
    | 'protocol'
    | 'testSpeakers'
    | 'testShare'
    | 'validationShare'
    | 'seed'
    | 'maxSkipped'
    | 'allowTruncated'
  >
>;

/** What a comparison came to. */
export interface ComparisonResult {
  readonly directory: string;
  /** The runs that are finished, in the order of the networks. */
  readonly runs: readonly FinishedRun[];
  /** The network with the highest UAR on the validation set, which `ser predict` takes; undefined while runs are missing. */
  readonly best?: string;
  /** What all of it has cost so far, earlier sittings included. */
  readonly cost: Cost;
}

const planSchema = z.strictObject({
  networks: z.array(z.string()),
  shared: z.looseObject({ data: z.string() }),
  relativeTo: z.string().optional(),
});

/**
 * Trains several networks on the same sets, one after the other, and sets them side by side. The model of the one that is
 * best on the validation set becomes the comparison's.
 *
 * @throws InputError, UsageError with a message for the user; what was written stays if training had begun, else the folder is
 *   as it was before
 */
export async function compare(
  networks: readonly string[],
  shared: SharedConfig,
  options: RunOptions = {},
): Promise<ComparisonResult> {
  const meter = new CostMeter();
  const twice = networks.find((network, i) => networks.indexOf(network) !== i);
  if (networks.length < 2 || twice !== undefined)
    throw new UsageError(
      `Cannot compare: there must be at least two networks, each named once, current ones are ${networks.join(', ') || 'none'}`,
    );
  const configs = networks.map((network) => configFor(network, shared));
  for (const config of configs) checkConfig(config);
  // Looked at before a folder is made, so that a mistyped path leaves nothing behind.
  const [config] = configs;
  splitFor((await corpusFor(config)).clips, config);
  return inNewFolder(options.directory, (directory) => {
    writePlan(directory, networks, { ...shared, data: config.data });
    return carryOut(configs, { ...options, directory, meter });
  });
}

function writePlan(directory: string, networks: readonly string[], shared: SharedConfig): void {
  const path = join(directory, RUN_FILES.comparison);
  writeListed(path, jsonText({ networks, shared, relativeTo: startingHere(path) }));
}

/**
 * Goes on with a comparison that was interrupted: runs that are finished are not done again.
 *
 * @throws InputError if its file is damaged, or the recordings are others by now
 */
export async function resumeComparison(directory: string, options: ResumeOptions = {}): Promise<ComparisonResult> {
  const meter = new CostMeter();
  const path = join(directory, RUN_FILES.comparison);
  requireJob(directory, 'comparison', 'comparison');
  const plan = planSchema.safeParse(readJson(path));
  if (!plan.success) throw new InputError(`${path} is damaged: ${z.prettifyError(plan.error).replaceAll('\n', ' ')}`);
  requireUnchanged(directory, [RUN_FILES.comparison]);
  const { networks, shared: begun } = plan.data;
  const { maxSkipped = begun.maxSkipped } = options;
  const shared = {
    ...begun,
    data: pathsOf(path).fromFile(begun.data),
    ...(maxSkipped !== undefined && { maxSkipped }),
  } as SharedConfig & { data: string };
  const configs = networks.map((network) => configFor(network, shared));
  for (const config of configs) checkConfig(config);
  return inFolder(directory, () => {
    if (maxSkipped !== begun.maxSkipped) writePlan(directory, networks, shared);
    return carryOut(configs, { ...options, directory, meter });
  });
}

async function carryOut(
  configs: readonly RunConfig[],
  { meter, ...options }: RunOptions & { readonly directory: string; readonly meter: CostMeter },
): Promise<ComparisonResult> {
  const { directory, reporter = SILENT, signal } = options;
  for (const line of corpusInWords(await corpusFor(configs[0]))) reporter.say(line);
  const runs: FinishedRun[] = [];
  for (const [i, config] of configs.entries()) {
    reporter.say(`Network ${i + 1} of ${configs.length}: ${config.network}`);
    const folder = join(directory, config.network);
    const one = await meter.part(folder, () => finishedRun(folder, config, options));
    if (one) runs.push(one);
    if (!one || (signal?.aborted && runs.length < configs.length))
      return { directory, runs, cost: meter.record(directory) };
  }
  requireSameRecordings(runs);
  const best = bestOf(runs);
  await writeOutputs(directory, runs, best);
  return { directory, runs, best: best.config.network, cost: meter.record(directory) };
}

/** Chosen by the validation set: the test set only says how good the choice is. */
function bestOf(runs: readonly FinishedRun[]): FinishedRun {
  return runs.reduce((best, each) => (each.metrics.validation.uar > best.metrics.validation.uar ? each : best));
}

async function writeOutputs(directory: string, runs: readonly FinishedRun[], best: FinishedRun): Promise<void> {
  const [{ config, clips, split }] = runs;
  const html = comparisonHtml({
    data: titleOf(clips) ?? config.data,
    protocol: config.protocol,
    seed: config.seed,
    testSpeakers: speakersOf(split.test.map((i) => clips[i])),
    unknownSpeakers: unknownSpeakersNote(clips),
    best: best.config.network,
    networks: await Promise.all(
      runs.map(async (each) => ({
        name: each.config.network,
        description: NETWORKS[each.config.network].description,
        pretrained: NETWORKS[each.config.network].encoder !== undefined,
        report: `${each.config.network}/${RUN_FILES.report}`,
        ...each,
        heard: await heardFigure(each),
      })),
    ),
  });
  writeFile(join(directory, RUN_FILES.report), html);
  // Where `ser predict` looks for the newest model.
  cpSync(best.model, join(directory, RUN_FILES.model), { recursive: true });
  const kept = {
    best: best.config.network,
    networks: Object.fromEntries(runs.map((each) => [each.config.network, each.metrics])),
  };
  writeListed(join(directory, RUN_FILES.metrics), jsonText(kept), [RUN_FILES.comparison]);
}
