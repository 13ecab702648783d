import { decodeClip } from '../audio/decode-file.js';
import { INPUTS } from '../dataset/inputs.js';
import { cutFrames } from '../features/cut.js';
import { extractorFor, type FeatureSettings } from '../features/features.js';
import { LOG_MEL_BANDS } from '../features/log-mel.js';
import { bandCentresHz, type MelOptions } from '../features/mel.js';
import { bandMeans, clipStatistics, NO_STATISTICS, normalisedInput } from '../features/normalise.js';
import { NETWORKS } from '../networks/networks.js';
import { type Figure, spectrogramFigure } from '../plots/figures.js';
import type { FinishedRun } from './finished.js';
import { heardPart } from './heard-part.js';

/**
 * What the network of a run is given of the first clip that it was tested with: the part of it that it takes, normalised
 * where that needs no other clip.
 *
 * @returns undefined where that is no picture over bands and frames
 */
export async function heardFigure({ config, clips, split }: FinishedRun): Promise<Figure | undefined> {
  const { encoder, input, fitting } = NETWORKS[config.network];
  const mel = melOf(config.features);
  if (!mel || fitting.by === 'members') return undefined;
  const { matrix } = extractorFor(config.features)(await decodeClip(clips[split.test[0]]));
  const { first, frames } = heardPart(config);
  // An encoder hears all of it; `input` is then what is left after the encoder.
  const part = encoder ? matrix : INPUTS[input].part(matrix);
  const heard = input === 'picture' ? cutFrames(part, first, frames) : part;
  const statistics =
    config.normalise === 'clip'
      ? clipStatistics(matrix)
      : config.normalise === 'bands'
        ? bandMeans(heard)
        : NO_STATISTICS;
  const values = normalisedInput(heard, statistics, { frames: heard.frames });
  return spectrogramFigure(
    { ...mel, ...heard, values, bandCentresHz: bandCentresHz(mel) },
    config.network,
    unitOf(config),
  );
}

/** The mel bands that features are made of. */
function melOf({ name, options }: FeatureSettings): MelOptions | undefined {
  if (name === 'mel') return options;
  return name === 'logMel' ? LOG_MEL_BANDS : undefined;
}

function unitOf({ normalise, features }: FinishedRun['config']): string {
  if (normalise === 'clip') return 'deviations';
  if (normalise === 'bands') return 'bels';
  return features.name === 'logMel' ? 'scaled' : 'dB';
}
