import { argMax } from './metrics.js';

/** What is left of the answers where those below a probability are taken for uncertain. */
export interface CoveragePoint {
  /** The least probability of an answer that is kept. */
  readonly threshold: number;
  /** Share of the clips whose answers are kept. */
  readonly coverage: number;
  /** Share of the kept answers that are right. */
  readonly accuracy: number;
}

/**
 * How right answers are, the more of them are kept: one point for every probability that an answer has, from the highest to the
 * lowest, at which all are kept.
 *
 * @param targets - class index per clip
 * @param probabilities - row-major, shape `(clips, classes)`
 * @throws RangeError if there are no clips
 */
export function coverageCurve(
  targets: readonly number[],
  probabilities: Float32Array,
  classes: number,
): CoveragePoint[] {
  if (targets.length === 0) throw new RangeError('Cannot compute a coverage curve: there are no clips');
  const answers = argMax(probabilities, classes);
  const probability = Float32Array.from(answers, (best, i) => probabilities[i * classes + best]);
  const surestFirst = Uint32Array.from(answers, (_, i) => i).sort((a, b) => probability[b] - probability[a]);
  const points: CoveragePoint[] = [];
  let right = 0;
  for (const [i, clip] of surestFirst.entries()) {
    right += Number(answers[clip] === targets[clip]);
    // Answers that are equally probable are kept together.
    if (probability[surestFirst[i + 1]] === probability[clip]) continue;
    const kept = i + 1;
    points.push({ threshold: probability[clip], coverage: kept / answers.length, accuracy: right / kept });
  }
  return points;
}
