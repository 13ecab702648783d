import type { GivenSettings, ModelSettings } from '../model/settings.js';
import { takesAndGives, windowSeconds } from './card.js';

/** Under which name exports hold what a stranger needs to know, and where imports look for it. */
export const METADATA_KEY = 'speech_emotion';

/** What exports say of a network. */
export interface ExportMetadata extends GivenSettings {
  /** What it takes and gives, for people. */
  readonly inWords: readonly string[];
  /** What it takes of a recording, unless any length goes. */
  readonly windowSeconds?: number;
}

/**
 * What exports say of a network: its labels in order, features, window, normalisation, and what it was trained on. The keys
 * are in alphabetical order, so that a model which was loaded says the same as before it was saved, to the byte.
 */
export function metadataOf(settings: GivenSettings | ModelSettings): ExportMetadata {
  const { format, weightsSha256, ...known } = settings as ModelSettings;
  const metadata = { ...known, inWords: takesAndGives(known), windowSeconds: windowSeconds(known) };
  return sorted(metadata) as ExportMetadata;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}
