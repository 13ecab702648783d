import { argMax } from './metrics.js';

/** How sure a network was, and how often it was right, over clips of which it was about equally sure. */
export interface ReliabilityBin {
  /** Mean probability of the predicted class. */
  readonly confidence: number;
  /** Share of the clips whose class was found. */
  readonly accuracy: number;
  readonly clips: number;
}

const BINS = 10;

/**
 * Clips by how sure a network was of them, in ten steps of equal width; steps without clips are left out.
 *
 * @param targets - class index per clip
 * @param probabilities - row-major, shape `(clips, classes)`
 */
export function reliability(
  targets: readonly number[],
  probabilities: Float32Array,
  classes: number,
): ReliabilityBin[] {
  const predicted = argMax(probabilities, classes);
  const sums = Array.from({ length: BINS }, () => ({ confidence: 0, right: 0, clips: 0 }));
  for (const [i, best] of predicted.entries()) {
    const confidence = probabilities[i * classes + best];
    const bin = sums[Math.min(BINS - 1, Math.floor(confidence * BINS))];
    bin.confidence += confidence;
    bin.right += Number(best === targets[i]);
    bin.clips++;
  }
  return sums
    .filter(({ clips }) => clips > 0)
    .map(({ confidence, right, clips }) => ({ confidence: confidence / clips, accuracy: right / clips, clips }));
}

/**
 * The expected calibration error: by how much confidence and accuracy differ, averaged over the clips, from 0 to 1.
 *
 * @throws RangeError if there are no clips
 * @see M. P. Naeini, G. F. Cooper, M. Hauskrecht, Obtaining Well Calibrated Probabilities Using Bayesian Binning, 2015
 */
export function calibrationError(bins: readonly ReliabilityBin[]): number {
  const clips = bins.reduce((sum, bin) => sum + bin.clips, 0);
  if (clips === 0) throw new RangeError('Cannot compute a calibration error: there are no clips');
  return bins.reduce((sum, bin) => sum + bin.clips * Math.abs(bin.confidence - bin.accuracy), 0) / clips;
}
