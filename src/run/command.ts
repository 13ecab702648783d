import { isDeepStrictEqual } from 'node:util';
import type { BackendInfo } from '../backend/info.js';
import { configFor, DEFAULT_NETWORK, type RunConfig } from './config.js';

/** The options of `ser run`, by what they set; anything else in a configuration can be set only from TypeScript. */
export const RUN_FLAGS = {
  data: '--data',
  corpus: '--corpus',
  emotions: '--emotions',
  map: '--map',
  protocol: '--protocol',
  testSpeakers: '--test-speaker',
  testShare: '--test-share',
  validationShare: '--validation-share',
  network: '--network',
  normalise: '--normalise',
  epochs: '--epochs',
  batchSize: '--batch-size',
  patience: '--patience',
  learningRate: '--learning-rate',
  schedule: '--schedule',
  weightDecay: '--weight-decay',
  labelSmoothing: '--label-smoothing',
  classWeights: '--class-weights',
  augment: '--augment',
  speeds: '--speeds',
  seed: '--seed',
  maxSkipped: '--max-skipped',
  allowTruncated: '--allow-truncated',
} as const satisfies Partial<Record<keyof RunConfig, string>>;

/** What `--augment` takes for no augmentation. */
export const NO_AUGMENTATION = 'none';

/** What the command takes as one word, with commas. */
const LISTS: readonly string[] = ['augment', 'speeds', 'emotions'];

/** Said even where they have their defaults: without them, a run is hardly described. */
const ALWAYS: readonly string[] = ['data', 'seed'];

/**
 * The command that makes the same run, without the options that have their defaults.
 *
 * @returns undefined where the configuration sets something that the command has no option for
 */
export function commandOf(
  config: RunConfig,
  directory: string,
  backend: Pick<BackendInfo, 'name'>,
): string | undefined {
  // What the network brings along need not be said.
  const usual = { ...configFor(config.network), network: DEFAULT_NETWORK };
  const words: string[] = [];
  for (const [key, value] of Object.entries(config)) {
    if (!ALWAYS.includes(key) && isDeepStrictEqual(value, usual[key as keyof RunConfig])) continue;
    if (value === undefined) continue;
    if (!Object.hasOwn(RUN_FLAGS, key)) return undefined;
    const flag = RUN_FLAGS[key as keyof typeof RUN_FLAGS];
    words.push(...valuesOf(config, key as keyof typeof RUN_FLAGS).map((value) => `${flag} ${quoted(value)}`));
  }
  // Where there is a native library, it would be taken, and it rounds differently.
  if (backend.name === 'wasm') words.push('--backend wasm');
  return ['ser run', ...words, `--out ${quoted(directory)}`].join(' ');
}

/** The values that an option is given with, once for each. */
function valuesOf(config: RunConfig, key: keyof typeof RUN_FLAGS): readonly unknown[] {
  if (key === 'map') return Object.entries(config.map ?? {}).map((names) => names.join('='));
  const values = [config[key]].flat();
  return LISTS.includes(key) ? [values.join() || NO_AUGMENTATION] : values;
}

/** A value as a shell takes it. */
export function quoted(value: unknown): string {
  const text = String(value);
  return /^[\w./:,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
