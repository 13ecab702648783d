import { calibrationError, reliability } from './calibration.js';
import { argMax, evaluate, weakestOf } from './metrics.js';

/** How good answers are under a condition. */
export interface ConditionMetrics {
  /** Unweighted average recall. */
  readonly uar: number;
  readonly accuracy: number;
  /** The class with the lowest recall. */
  readonly worstClass: string;
  readonly worstRecall: number;
  /** The expected calibration error. */
  readonly calibrationError: number;
}

/** What a condition does to answers. */
export interface Robustness extends ConditionMetrics {
  /** By how much the UAR is lower than without the condition, from -1 to 1. */
  readonly drop: number;
  /** Share of the clips that are answered otherwise, right or wrong. */
  readonly flipped: number;
}

/**
 * The figures of one condition.
 *
 * @param targets - class index per clip
 * @param probabilities - row-major, shape `(clips, labels.length)`
 * @throws RangeError if there are no clips, or shapes do not fit
 */
export function conditionMetrics(
  targets: readonly number[],
  probabilities: Float32Array,
  labels: readonly string[],
): ConditionMetrics {
  const metrics = evaluate(targets, probabilities, labels);
  const [worstClass, { recall: worstRecall }] = weakestOf(metrics);
  return {
    uar: metrics.uar,
    accuracy: metrics.accuracy,
    worstClass,
    worstRecall,
    calibrationError: calibrationError(reliability(targets, probabilities, labels.length)),
  };
}

/** Answers to clips, and what would be right. */
export interface Answers {
  /** Class index per clip. */
  readonly targets: readonly number[];
  /** Class names in the order of the probabilities. */
  readonly labels: readonly string[];
  /** Of the clips as they are, row-major, shape `(clips, labels)`. */
  readonly clean: Float32Array;
}

/**
 * What a condition does to answers: how good they are, and how they differ from those to the clips as they are.
 *
 * @param probabilities - of the same clips under the condition, of the same shape
 * @throws RangeError if there are no clips, or shapes do not fit
 */
export function robustness({ targets, labels, clean }: Answers, probabilities: Float32Array): Robustness {
  const metrics = conditionMetrics(targets, probabilities, labels);
  const before = argMax(clean, labels.length);
  const changed = argMax(probabilities, labels.length).filter((predicted, i) => predicted !== before[i]);
  return {
    ...metrics,
    drop: conditionMetrics(targets, clean, labels).uar - metrics.uar,
    flipped: changed.length / targets.length,
  };
}
