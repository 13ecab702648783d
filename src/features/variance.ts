import { mean } from '../common/statistics.js';
import type { Spectrogram } from './spectrogram.js';

/**
 * How much of the difference between clips the group that each belongs to explains, e.g. its speaker: the variance of the
 * groups' mean spectra as a share of the variance of the clips' mean spectra (eta squared, over all bands).
 *
 * A mean spectrum has one value per band, the mean over all frames; every clip counts the same.
 *
 * @param groups - the group of each clip, e.g. its speaker
 * @returns from 0 (the groups are alike on average) to 1 (the clips of a group are alike); 0 if nothing varies
 * @throws RangeError if there is no spectrogram, they differ in their number of bands, or there are not as many groups
 */
export function varianceShare(spectrograms: readonly Spectrogram[], groups: readonly string[]): number {
  if (spectrograms.length === 0) throw new RangeError('Cannot compute variance: there are no spectrograms');
  if (spectrograms.length !== groups.length)
    throw new RangeError(`Spectrograms and groups differ in length: ${spectrograms.length} != ${groups.length}`);
  const spectra = spectrograms.map(meanSpectrum);
  const odd = spectra.find((spectrum) => spectrum.length !== spectra[0].length);
  if (odd)
    throw new RangeError(`Spectrograms differ in their number of mel bands: ${spectra[0].length} != ${odd.length}`);
  const overall = meanOfSpectra(spectra);
  const byGroup = new Map<string, Float64Array[]>(groups.map((group) => [group, []]));
  for (const [i, spectrum] of spectra.entries()) byGroup.get(groups[i])!.push(spectrum);
  const total = spectra.reduce((sum, spectrum) => sum + squaredDistance(spectrum, overall), 0);
  const between = [...byGroup.values()].reduce(
    (sum, members) => sum + members.length * squaredDistance(meanOfSpectra(members), overall),
    0,
  );
  const share = total > 0 ? between / total : 0;
  // What rounding leaves where there is nothing.
  return share < 1e-12 ? 0 : share;
}

/** {@link varianceShare} for each of several ways to group the clips: the shares overlap and do not add up to 1. */
export function varianceShares<Key extends string>(
  spectrograms: readonly Spectrogram[],
  clips: readonly Readonly<Record<Key, string>>[],
  keys: readonly Key[],
): Record<Key, number> {
  const shares = keys.map((key) => [
    key,
    varianceShare(
      spectrograms,
      clips.map((clip) => clip[key]),
    ),
  ]);
  return Object.fromEntries(shares);
}

/** The mean of each band, shape `(bands,)`. */
function meanSpectrum({ values, bands, frames }: Spectrogram): Float64Array {
  return Float64Array.from({ length: bands }, (_, band) => mean(values.subarray(band * frames, (band + 1) * frames)));
}

function meanOfSpectra(spectra: readonly Float64Array[]): Float64Array {
  return spectra[0].map((_, band) => mean(spectra.map((spectrum) => spectrum[band])));
}

function squaredDistance(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, band) => sum + (value - b[band]) ** 2, 0);
}
