import type { GivenSettings, ModelSettings } from '../model/settings.js';

/** Under which name exports hold what a stranger needs to know, and where imports look for it. */
export const METADATA_KEY = 'speech_emotion';

/**
 * What exports say of a network: its labels in order, features, window, normalisation, and what it was trained on. The keys
 * are in alphabetical order, so that a model which was loaded says it in the same words as before it was saved.
 */
export function metadataOf(settings: GivenSettings | ModelSettings): GivenSettings {
  const { format, weightsSha256, ...metadata } = settings as ModelSettings;
  return sorted(metadata) as GivenSettings;
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
