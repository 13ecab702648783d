import type { Spectrogram } from './spectrogram.js';

/**
 * Frames at the end of the network's window in which a clip has nothing: those that are missing, which are padded, and
 * those before them that are silent, i.e. at the clip's lowest value in every band, as where a file was padded with zeros.
 *
 * @param decibels - a clip's mel spectrogram, cut off so many decibels below its loudest value
 * @param frames - width of the window
 * @throws RangeError if `frames` is not a positive integer
 */
export function paddedFrames({ values, bands, frames: width }: Spectrogram, frames: number): number {
  if (!(Number.isInteger(frames) && frames > 0))
    throw new RangeError(`Cannot count padding: frames must be a positive integer, current value is ${frames}`);
  const kept = Math.min(width, frames);
  let floor = Number.POSITIVE_INFINITY;
  for (let i = 0; i < values.length; i++) floor = Math.min(floor, values[i]);
  const isSilent = (frame: number) => {
    for (let band = 0; band < bands; band++) if (values[band * width + frame] > floor) return false;
    return true;
  };
  let end = kept;
  while (end > 0 && isSilent(end - 1)) end--;
  return frames - end;
}
