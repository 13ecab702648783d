import { isDeepStrictEqual } from 'node:util';
import type { BackendInfo } from '../backend/info.js';
import { quoted } from '../common/text.js';
import { configFor, DEFAULT_NETWORK, type RunConfig } from './config.js';
import { RUN_FLAGS } from './flags.js';
import { secondsOf } from './heard-part.js';

/** What `--augment` takes for no augmentation. */
export const NO_AUGMENTATION = 'none';

/** What the command takes as one word, with commas. */
const LISTS: readonly string[] = ['augment', 'speeds', 'conditions', 'emotions'];

/** Said even where they have their defaults: without them, a run is hardly described. */
const ALWAYS: readonly string[] = ['data', 'seed'];

/**
 * The command that makes the same run, or the same folds, without the options that have their defaults.
 *
 * @returns undefined where the configuration sets something that the command has no option for
 */
export function commandOf(
  config: RunConfig,
  directory: string,
  { backend, folds }: { readonly backend: Pick<BackendInfo, 'name'>; readonly folds?: { readonly groups?: number } },
): string | undefined {
  // What the network brings along need not be said.
  const usual = { ...configFor(config.network), network: DEFAULT_NETWORK };
  const words: string[] = [];
  for (const [key, value] of Object.entries(config)) {
    if (!ALWAYS.includes(key) && isDeepStrictEqual(value, usual[key as keyof RunConfig])) continue;
    if (value === undefined) continue;
    if (!Object.hasOwn(RUN_FLAGS, key)) return undefined;
    const flag = RUN_FLAGS[key as keyof typeof RUN_FLAGS];
    const each = inWords(config, key as keyof RunConfig);
    words.push(...each.map((one) => `${flag} ${quoted(one)}`));
  }
  if (folds) words.push(['--folds', folds.groups ?? []].flat().join(' '));
  // Where there is a native library, it would be taken, and it rounds differently.
  if (backend.name === 'wasm') words.push('--backend wasm');
  return ['ser run', ...words, `--out ${quoted(directory)}`].join(' ');
}

/** What options say for a value of a configuration, where that is not the value itself. */
function inWords(config: RunConfig, key: keyof RunConfig): readonly unknown[] {
  if (key === 'map') return Object.entries(config.map ?? {}).map((names) => names.join('='));
  if (key === 'frames') return [secondsOf(config.frames, config.features)];
  const values = [config[key]].flat();
  return LISTS.includes(key) ? [values.join() || NO_AUGMENTATION] : values;
}
