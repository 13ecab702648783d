import { bySource, sourceName } from '../audio/segment.js';
import { InputError, reasonOf, UsageError } from '../common/errors.js';
import { grouped } from '../common/grouped.js';
import { deriveSeed, seededRandom, shuffled } from '../common/random.js';
import { enumeration } from '../common/text.js';
import type { Clip } from '../corpora/clip.js';
import { requireSpeakers } from '../corpora/speakers.js';

/** Ways to divide a corpus; see {@link PROTOCOL_DESCRIPTIONS}. */
export const PROTOCOLS = ['speaker', 'text', 'random', 'original'] as const;
export type Protocol = (typeof PROTOCOLS)[number];

/** What each protocol means, for reports and help. */
export const PROTOCOL_DESCRIPTIONS: Readonly<Record<Protocol, string>> = {
  speaker: 'no speaker is on two sides: how well emotions of unknown speakers are recognised',
  text: 'no sentence or word is on two sides, speakers are: how well known speakers are recognised saying new things',
  random: 'stratified by emotion at random; speakers and texts are on all sides, so the figures are optimistic',
  original:
    "the Python original's way: 80/20 at random, and the test set also steers early stopping, so the figures are optimistic",
};

/** The sets of a corpus, as indices into its clips, ascending. */
export interface Split {
  readonly protocol: Protocol;
  readonly seed: number;
  readonly train: readonly number[];
  readonly validation: readonly number[];
  readonly test: readonly number[];
  /** What the validation set was divided from the training set by. */
  readonly validationBy: 'speaker' | 'text' | 'emotion' | 'test set';
  /** Whether figures on the test set flatter: clips like it, or it itself, were used for training decisions. */
  readonly optimistic: boolean;
}

export type Subset = 'train' | 'validation' | 'test';
export const SUBSETS: readonly Subset[] = ['train', 'validation', 'test'];

export interface SplitOptions {
  readonly protocol?: Protocol;
  readonly seed?: number;
  /** Share of the clips (or of the speakers or texts) that is tested with. */
  readonly testShare?: number;
  /** Share of the rest that is validated with. */
  readonly validationShare?: number;
  /** Protocol `speaker` only: the speakers to test with, instead of ones drawn by the seed. */
  readonly testSpeakers?: readonly string[];
  /** Protocol `text` only: the texts to test with, instead of ones drawn by the seed. */
  readonly testTexts?: readonly string[];
}

export const SPLIT_DEFAULTS = { protocol: 'speaker', seed: 42, testShare: 0.2, validationShare: 0.2 } as const;

/**
 * Divides clips into training, validation and test set.
 *
 * The same clips and seed give the same sets, in whatever order the clips are listed. Validation comes out of the
 * training set by the same grouping (by text where one training speaker is left); `original` validates with the test set.
 *
 * @throws InputError if the clips do not allow such a split, e.g. one speaker only, or unknown ones, with `speaker`,
 *   or neither known speakers nor texts with `text`
 * @throws UsageError if `testSpeakers` or `testTexts` are unknown, or given with another protocol
 */
export function splitClips(clips: readonly Clip[], options: SplitOptions = {}): Split {
  const {
    protocol,
    seed,
    testShare,
    validationShare,
    testSpeakers = [],
    testTexts = [],
  } = {
    ...SPLIT_DEFAULTS,
    ...options,
  };
  checkShares({ testShare, validationShare });
  checkClasses(clips);
  if (protocol === 'speaker') requireSpeakers(clips, 'split by speaker');
  if (protocol === 'text') requireTexts(clips);
  for (const [what, chosen] of [
    ['speaker', testSpeakers],
    ['text', testTexts],
  ] as const)
    if (chosen.length > 0 && protocol !== what)
      throw new UsageError(
        `Cannot test with chosen ${what}s: the protocol must be ${what}, current value is ${protocol}`,
      );

  // Sorted, so that the order in which clips are listed does not matter.
  const all = clips.map((_, i) => i).sort((a, b) => bySource(clips[a], clips[b]));
  const draw = (set: Subset) => seededRandom(deriveSeed(seed, `split ${set}`));
  const emotion = (i: number) => clips[i].emotion;
  const text = (i: number) => clips[i].text;
  const speaker = (i: number) => clips[i].speaker;

  let test: number[];
  let validation: number[];
  let validationBy: Split['validationBy'];
  if (protocol === 'speaker') {
    test =
      testSpeakers.length > 0
        ? ofGroups(clips, { what: 'speaker', wanted: testSpeakers })
        : takeGroups(all, speaker, { share: testShare, random: draw('test'), what: 'speaker' });
    const rest = without(all, test);
    const severalSpeakers = new Set(rest.map(speaker)).size > 1;
    validationBy = severalSpeakers ? 'speaker' : 'text';
    const group = severalSpeakers ? speaker : text;
    validation = takeGroups(rest, group, { share: validationShare, random: draw('validation'), what: validationBy });
  } else if (protocol === 'text') {
    test =
      testTexts.length > 0
        ? ofGroups(clips, { what: 'text', wanted: testTexts })
        : takeGroups(all, text, { share: testShare, random: draw('test'), what: 'text' });
    validationBy = 'text';
    validation = takeGroups(without(all, test), text, {
      share: validationShare,
      random: draw('validation'),
      what: 'text',
    });
  } else {
    test = takeStratified(all, emotion, { share: testShare, random: draw('test') });
    validationBy = protocol === 'original' ? 'test set' : 'emotion';
    validation =
      protocol === 'original'
        ? test
        : takeStratified(without(all, test), emotion, { share: validationShare, random: draw('validation') });
  }

  const ascending = (indices: number[]) => [...indices].sort((a, b) => a - b);
  const split: Split = {
    protocol,
    seed,
    train: ascending(without(without(all, test), validation)),
    validation: ascending(validation),
    test: ascending(test),
    validationBy,
    optimistic: isOptimistic(protocol),
  };
  assertNoLeak(clips, split);
  checkSubsets(clips, split);
  return split;
}

/**
 * A split that is known already, e.g. because a run has written it down, or somebody has drawn folds.
 *
 * @param sets - the set of each clip; with the protocol `original` its validation set is its test set
 * @throws InputError if a set is empty, or the split does not keep what its protocol promises
 */
export function splitOf(
  clips: readonly Clip[],
  sets: readonly (Subset | undefined)[],
  { protocol, seed }: Pick<Split, 'protocol' | 'seed'>,
): Split {
  if (protocol === 'speaker') requireSpeakers(clips, 'split by speaker');
  const of = (set: Subset) => sets.flatMap((name, i) => (name === set ? [i] : []));
  const [train, test] = [of('train'), of('test')];
  const validation = protocol === 'original' ? test : of('validation');
  const learnt = new Set(train.map((i) => clips[i].speaker));
  const unknownSpeakers = !validation.some((i) => learnt.has(clips[i].speaker));
  const validationBy = {
    original: 'test set',
    random: 'emotion',
    text: 'text',
    speaker: unknownSpeakers ? 'speaker' : 'text',
  } as const;
  const split: Split = {
    protocol,
    seed,
    train,
    validation,
    test,
    validationBy: validationBy[protocol],
    optimistic: isOptimistic(protocol),
  };
  try {
    assertNoLeak(clips, split);
  } catch (error) {
    throw new InputError(`Cannot split by ${protocol} as given: ${reasonOf(error)}`);
  }
  checkSubsets(clips, split);
  return split;
}

/** Whether figures on the test set flatter, see {@link Split.optimistic}. */
function isOptimistic(protocol: Protocol): boolean {
  return protocol === 'random' || protocol === 'original';
}

/**
 * Makes sure that a split keeps what its protocol promises.
 *
 * @throws Error naming what is on two sides
 */
export function assertNoLeak(clips: readonly Clip[], split: Split): void {
  const { protocol, validationBy, train, validation, test } = split;
  const disjoint = (a: readonly number[], b: readonly number[], key: (i: number) => string, what: string) => {
    const seen = new Set<string>();
    for (const i of a) seen.add(key(i));
    const shared = b.find((i) => seen.has(key(i)));
    if (shared !== undefined) throw new Error(`The split leaks: ${what} ${key(shared)} is on two sides`);
  };
  const clip = (i: number) => sourceName(clips[i]);
  const text = (i: number) => clips[i].text;
  const speaker = (i: number) => clips[i].speaker;
  disjoint(train, test, clip, 'clip');
  disjoint(train, validation, clip, 'clip');
  if (protocol !== 'original') disjoint(validation, test, clip, 'clip');
  if (protocol === 'speaker') {
    disjoint(train, test, speaker, 'speaker');
    disjoint(validation, test, speaker, 'speaker');
    disjoint(train, validation, validationBy === 'speaker' ? speaker : text, validationBy);
  }
  if (protocol === 'text') {
    disjoint(train, test, text, 'text');
    disjoint(validation, test, text, 'text');
    disjoint(train, validation, text, 'text');
  }
}

interface Taking {
  readonly share: number;
  readonly random: () => number;
}

/** All clips of randomly drawn groups: as many groups as come closest to the share, at least one, never all. */
function takeGroups(
  indices: readonly number[],
  group: (i: number) => string,
  { share, random, what }: Taking & { what: 'speaker' | 'text' },
): number[] {
  const names = [...new Set(indices.map(group))].sort();
  if (names.length < 2)
    throw new InputError(
      `Cannot split by ${what}: every set needs a ${what} of its own, and ${names.length === 1 ? `only ${names[0]}` : 'none'} is left to divide; use another \`protocol\` (${what === 'speaker' ? 'text or random' : 'random'})`,
    );
  const count = Math.min(names.length - 1, Math.max(1, Math.round(names.length * share)));
  const drawn = new Set(shuffled(names, random).slice(0, count));
  return indices.filter((i) => drawn.has(group(i)));
}

/** The same share of every class at random, at least one clip of each. */
function takeStratified(
  indices: readonly number[],
  emotion: (i: number) => string,
  { share, random }: Taking,
): number[] {
  const byClass = grouped(indices, emotion);
  const taken: number[][] = [];
  for (const name of [...byClass.keys()].sort()) {
    const members = byClass.get(name)!;
    if (members.length < 2)
      throw new InputError(
        `Cannot split at random: the class ${name} has too few clips (every set needs at least one); add clips, or leave the class out (\`emotions\`)`,
      );
    taken.push(shuffled(members, random).slice(0, Math.max(1, Math.round(members.length * share))));
  }
  return taken.flat();
}

/** All clips of chosen speakers or texts. */
function ofGroups(
  clips: readonly Clip[],
  { what, wanted }: { readonly what: 'speaker' | 'text'; readonly wanted: readonly string[] },
): number[] {
  const known = new Set(clips.map((clip) => clip[what]));
  const unknown = wanted.find((name) => !known.has(name));
  if (unknown !== undefined)
    throw new UsageError(`Cannot test with ${what} ${unknown}: the corpus has ${enumeration([...known].sort())}`);
  const chosen = new Set(wanted);
  return clips.flatMap((clip, i) => (chosen.has(clip[what]) ? [i] : []));
}

function without(indices: readonly number[], removed: readonly number[]): number[] {
  const gone = new Set(removed);
  return indices.filter((i) => !gone.has(i));
}

function checkShares(shares: { testShare: number; validationShare: number }): void {
  for (const [name, value] of Object.entries(shares))
    if (!(value > 0 && value < 1))
      throw new RangeError(`Cannot split: ${name} must be between 0 and 1, current value is ${value}`);
}

function checkClasses(clips: readonly Clip[]): void {
  const classes = [...new Set(clips.map((clip) => clip.emotion))];
  if (classes.length < 2)
    throw new InputError(
      `Cannot learn to tell emotions apart: at least 2 are needed, and there is ${classes.length === 1 ? `only ${classes[0]}` : 'none'}`,
    );
}

/** Where neither speakers nor texts are known, a split by text is one at random, which has to be asked for as such. */
function requireTexts(clips: readonly Clip[]): void {
  const texts = new Set(clips.map(({ text }) => text));
  if (texts.size === clips.length && clips.some(({ speaker }) => speaker === ''))
    throw new InputError(
      'Cannot split by text: neither the speakers nor the texts are known, so that this would be a split at random; name them in a CSV manifest (path,emotion,speaker,text), or use the protocol random',
    );
}

/** Every class must be learnt, and no set may be empty. */
function checkSubsets(clips: readonly Clip[], split: Split): void {
  for (const set of SUBSETS)
    if (split[set].length === 0)
      throw new InputError(
        `Cannot split by ${split.protocol}: the ${set} set is empty; more clips are needed, or another \`protocol\``,
      );
  const learnt = new Set(split.train.map((i) => clips[i].emotion));
  const missing = [...new Set(clips.map((clip) => clip.emotion))].filter((name) => !learnt.has(name)).sort();
  if (missing.length > 0)
    throw new InputError(
      `Cannot split by ${split.protocol}: no clip of ${missing.join(', ')} is left for training; more clips are needed, or another \`protocol\` or \`seed\``,
    );
}
