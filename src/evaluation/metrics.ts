/**
 * How good predictions are, in numbers.
 *
 * In: the true class of each clip, and the network's probabilities. Out: accuracy, UAR and the like, and a confusion matrix.
 */

/** How well one class is recognised. */
export interface ClassMetrics {
  /** Share of the predictions of this class that are right; 0 where it is never predicted. */
  readonly precision: number;
  /** Share of the clips of this class that are found; 0 where there are none. */
  readonly recall: number;
  /** Harmonic mean of precision and recall. */
  readonly f1: number;
  /** Clips of this class. */
  readonly support: number;
}

/** The figures of one set (training, validation or test). */
export interface Metrics {
  readonly accuracy: number;
  /** Mean categorical cross-entropy in nats. */
  readonly loss: number;
  /** Unweighted average recall: the mean recall of the classes that occur. */
  readonly uar: number;
  /** Mean F1 of the classes that occur or are predicted. */
  readonly macroF1: number;
  /** By class name. */
  readonly perClass: Readonly<Record<string, ClassMetrics>>;
  /** Clips by `[true class][predicted class]`. */
  readonly confusion: readonly (readonly number[])[];
}

/** Keras's clipping of probabilities before the logarithm. */
const EPSILON = 1e-7;

/**
 * The class of the highest probability in each row.
 *
 * @param probabilities - row-major, shape `(clips, classes)`
 */
export function argMax(probabilities: Float32Array, classes: number): number[] {
  const predicted: number[] = [];
  for (let row = 0; row < probabilities.length; row += classes) {
    let best = 0;
    for (let c = 1; c < classes; c++) if (probabilities[row + c] > probabilities[row + best]) best = c;
    predicted.push(best);
  }
  return predicted;
}

/**
 * Counts clips by true and predicted class.
 *
 * @param targets - class index per clip
 * @param predicted - class index per clip
 * @throws RangeError if the two differ in length
 */
export function confusionMatrix(targets: readonly number[], predicted: readonly number[], classes: number): number[][] {
  if (targets.length !== predicted.length)
    throw new RangeError(`Targets and predictions differ in length: ${targets.length} != ${predicted.length}`);
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let i = 0; i < targets.length; i++) counts[targets[i]][predicted[i]]++;
  return counts;
}

/**
 * The mean recall of the classes that occur: the UAR.
 *
 * @param confusion - clips by `[true class][predicted class]`
 */
export function meanRecall(confusion: readonly (readonly number[])[]): number {
  const occurring = classMetrics(confusion).filter(({ support }) => support > 0);
  return sum(occurring.map(({ recall }) => recall)) / occurring.length;
}

/** Precision, recall, F1 and support of every class, in the order of the confusion matrix. */
export function classMetrics(confusion: readonly (readonly number[])[]): ClassMetrics[] {
  return confusion.map((row, c) => {
    const support = sum(row);
    const claimed = sum(confusion.map((other) => other[c]));
    const precision = claimed > 0 ? row[c] / claimed : 0;
    const recall = support > 0 ? row[c] / support : 0;
    const f1 = precision + recall > 0 ? (2 * precision * recall) / (precision + recall) : 0;
    return { precision, recall, f1, support };
  });
}

/**
 * All figures of one set, as scikit-learn computes them.
 *
 * @param targets - class index per clip
 * @param probabilities - row-major, shape `(clips, labels.length)`
 * @param labels - class names in the order of the network's outputs
 * @throws RangeError if the set is empty, or shapes do not fit
 */
export function evaluate(targets: readonly number[], probabilities: Float32Array, labels: readonly string[]): Metrics {
  const classes = labels.length;
  if (targets.length === 0) throw new RangeError('Cannot evaluate an empty set: there are no clips');
  if (probabilities.length !== targets.length * classes)
    throw new RangeError(
      `Cannot evaluate: expected ${targets.length} x ${classes} probabilities, current number is ${probabilities.length}`,
    );
  const confusion = confusionMatrix(targets, argMax(probabilities, classes), classes);
  const each = classMetrics(confusion);
  const involved = each.filter((m, c) => m.support > 0 || confusion.some((row) => row[c] > 0));
  return {
    accuracy: sum(confusion.map((row, c) => row[c])) / targets.length,
    loss: crossEntropy(targets, probabilities, classes),
    uar: meanRecall(confusion),
    macroF1: sum(involved.map((m) => m.f1)) / involved.length,
    perClass: Object.fromEntries(labels.map((label, c) => [label, each[c]])),
    confusion,
  };
}

/** UAR of guessing: one over the number of classes that occur. */
export function chanceLevel(metrics: Metrics): number {
  return 1 / Object.values(metrics.perClass).filter((m) => m.support > 0).length;
}

/** Mean negative log-probability of the true class, in nats. */
function crossEntropy(targets: readonly number[], probabilities: Float32Array, classes: number): number {
  let total = 0;
  for (let i = 0; i < targets.length; i++) {
    const p = probabilities[i * classes + targets[i]];
    total -= Math.log(Math.min(Math.max(p, EPSILON), 1 - EPSILON));
  }
  return total / targets.length;
}

function sum(values: readonly number[]): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

/** The classes that a set holds clips of, with their figures. */
export function occurring(metrics: Metrics): [string, ClassMetrics][] {
  return Object.entries(metrics.perClass).filter(([, each]) => each.support > 0);
}

/** The class with the lowest recall, of those that occur. */
export function weakestOf(metrics: Metrics): [string, ClassMetrics] {
  return occurring(metrics).reduce((worst, each) => (each[1].recall < worst[1].recall ? each : worst));
}

/** Clips of a set. */
export function clipsOf(metrics: Metrics): number {
  return Object.values(metrics.perClass).reduce((sum, each) => sum + each.support, 0);
}
