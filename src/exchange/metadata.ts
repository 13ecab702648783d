import type { Bundle } from '../model/bundle.js';
import type { GivenSettings } from '../model/settings.js';

/** Under which name exports hold what a stranger needs to know, and where imports look for it. */
export const METADATA_KEY = 'speech_emotion';

/** What exports say of a network: its labels in order, features, window, normalisation, and what it was trained on. */
export function metadataOf({ settings }: Bundle): GivenSettings {
  const { format, weightsSha256, ...metadata } = settings;
  return metadata;
}
