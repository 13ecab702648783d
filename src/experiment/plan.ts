import { existsSync } from 'node:fs';
import { basename, dirname, extname, resolve } from 'node:path';
import { z } from 'zod';
import { InputError, UsageError } from '../common/errors.js';
import { readJson } from '../common/files.js';
import { PROTOCOLS } from '../dataset/splits.js';
import { configFields } from '../run/config.js';

/** What a network's entry may set beside its name; the rest of a configuration is the plan's. */
const settings = configFields
  .omit({
    ...{ data: true, corpus: true, emotions: true, map: true, network: true, seed: true },
    ...{ protocol: true, testSpeakers: true, testTexts: true, sets: true },
  })
  .partial();

const names = z.array(z.string()).min(1);

const taskSchema = z
  .strictObject({
    /** Name of the corpus that is divided. */
    corpus: z.string().optional(),
    /** Emotions that are learnt, and those that count as others, as in a configuration. */
    emotions: configFields.shape.emotions,
    map: configFields.shape.map,
    /** How it is divided; default: `speaker`. */
    protocol: z.enum(PROTOCOLS).optional(),
    /** Folds, so that every clip is tested: `each` speaker or text is left out once, or each of so many groups of them. */
    folds: z
      .custom<'each' | number>((value) => value === 'each' || (Number.isInteger(value) && (value as number) >= 2), {
        error: "expected 'each' or an integer from 2",
      })
      .optional(),
    /** Instead of `corpus`: names of the corpora that are trained with, and of those that are tested with. */
    train: names.optional(),
    test: names.optional(),
  })
  .superRefine(({ corpus, protocol = 'speaker', folds, train, test }, context) => {
    const refuse = (message: string, field: string) => context.addIssue({ code: 'custom', message, path: [field] });
    if (corpus === undefined ? !train || !test : train || test)
      refuse('expected either corpus, or train and test', 'corpus');
    if (corpus === undefined && (protocol !== 'speaker' || folds !== undefined))
      refuse('protocol and folds go with corpus: other corpora have other speakers', 'protocol');
    const both = train?.find((name) => test?.includes(name));
    if (both !== undefined) refuse(`${both} cannot be trained and tested with`, 'test');
    if (folds !== undefined && protocol !== 'speaker' && protocol !== 'text')
      refuse(`folds need the protocol speaker or text, current value is ${protocol}`, 'folds');
  });

const planSchema = z
  .strictObject({
    title: z.string(),
    /** Folders or manifests of the corpora, by the names that the plan gives them; relative to the plan's folder. */
    corpora: z.record(z.string(), z.string()),
    tasks: z.array(taskSchema).min(1),
    /** Names of networks, or objects with a `network` and what is to be otherwise than its usual settings. */
    networks: z
      .array(
        z.preprocess(
          (entry) => (typeof entry === 'string' ? { network: entry } : entry),
          z.strictObject({ network: configFields.shape.network, ...settings.shape }),
        ),
      )
      .min(1),
    /** Ways to normalise that are compared; default: the one that each network is meant for. */
    normalise: z.array(configFields.shape.normalise).min(1).optional(),
    /** Lists of augmentations that are compared; default: none. */
    augment: z.array(configFields.shape.augment).min(1).optional(),
    seeds: z.array(configFields.shape.seed).min(1),
  })
  .superRefine(({ corpora, tasks }, context) => {
    for (const [i, { corpus, train = [], test = [] }] of tasks.entries())
      for (const [field, name] of [
        ...(corpus === undefined ? [] : [['corpus', corpus]]),
        ...train.map((each) => ['train', each]),
        ...test.map((each) => ['test', each]),
      ])
        if (!Object.hasOwn(corpora, name))
          context.addIssue({
            code: 'custom',
            message: `there is no corpus ${name} in corpora, only ${Object.keys(corpora).join(', ') || 'none'}`,
            path: ['tasks', i, field],
          });
  });

/** What is compared on what: every task with every network, normalisation, augmentation and seed. */
export type Plan = z.infer<typeof planSchema>;
export type Task = Plan['tasks'][number];

/** The plan's name: that of its file. */
export function planName(path: string): string {
  return basename(path, extname(path));
}

/**
 * Reads a plan.
 *
 * @param data - where corpora are on this machine, by name, instead of where the plan says
 * @returns the plan, with absolute paths of its corpora
 * @throws InputError naming the field that is wrong
 * @throws UsageError if `data` names a corpus that the plan has not
 */
export function readPlan(path: string, data: Readonly<Record<string, string>> = {}): Plan {
  if (!existsSync(path)) throw new InputError(`No such plan: ${path}`);
  const result = planSchema.safeParse(readJson(path));
  if (!result.success)
    throw new InputError(`${path} is no plan of an experiment: ${z.prettifyError(result.error).replaceAll('\n', ' ')}`);
  const { corpora } = result.data;
  const unknown = Object.keys(data).find((name) => !Object.hasOwn(corpora, name));
  if (unknown !== undefined)
    throw new UsageError(`The plan has no corpus ${unknown}; it has ${Object.keys(corpora).join(', ')}`);
  const folder = dirname(path);
  return {
    ...result.data,
    corpora: Object.fromEntries(
      Object.entries(corpora).map(([name, place]) => [name, data[name] ? resolve(data[name]) : resolve(folder, place)]),
    ),
  };
}
