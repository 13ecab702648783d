import type { AnyRecording } from '../audio/decode.js';
import type { ClipFeatures } from './clip-features.js';
import type { Feature } from './feature.js';
import { functionals } from './functionals.js';
import { logMel } from './log-mel-feature.js';
import { mel } from './mel-feature.js';

/** All features by name: another one is a file of its own and a name here. */
export const FEATURES = { mel, logMel, functionals };

export type FeatureName = keyof typeof FEATURES;

type OptionsOf<Name extends FeatureName> = (typeof FEATURES)[Name]['defaults'];

/** Which features of a recording are taken, and how they are computed. */
export type FeatureSettings = {
  readonly [Name in FeatureName]: { readonly name: Name; readonly options: OptionsOf<Name> };
}[FeatureName];

/** The Python original's. */
export const FEATURE_DEFAULTS: FeatureSettings = { name: 'mel', options: mel.defaults };

/** The feature of a name, whatever its options are. */
export function featureNamed(name: FeatureName): Feature {
  return FEATURES[name] as unknown as Feature;
}

/**
 * The same features of recordings played at another speed, see `LogMelOptions`.
 *
 * @throws RangeError of features that have no such option
 */
export function atSpeed(settings: FeatureSettings, speed: number): FeatureSettings {
  if (settings.name !== 'logMel')
    throw new RangeError(`Cannot compute ${settings.name} at another speed: only logMel has that option`);
  return { ...settings, options: { ...settings.options, speed } };
}

/** Prepares the way from a recording to the features that are wanted. */
export function extractorFor({ name, options }: FeatureSettings): (recording: AnyRecording) => ClipFeatures {
  return featureNamed(name).create(options);
}
