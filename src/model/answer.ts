/** What a stretch of a recording sounds like. */
export interface WindowPrediction {
  readonly startSeconds: number;
  readonly endSeconds: number;
  /** The most probable emotion, or {@link UNCERTAIN}. */
  readonly emotion: string;
  /** What an uncertain answer would have been; other answers do not have it. */
  readonly likeliest?: string;
  /** Of the most probable emotion. */
  readonly probability: number;
  /** Of all emotions. */
  readonly probabilities: Readonly<Record<string, number>>;
}

/** The answer in place of an emotion that is not probable enough. */
export const UNCERTAIN = 'uncertain';

/** What a row of probabilities says. */
export function answerOf(
  row: ArrayLike<number>,
  labels: readonly string[],
  uncertainBelow: number,
): Omit<WindowPrediction, 'startSeconds' | 'endSeconds'> {
  const probabilities = Object.fromEntries(labels.map((label, i) => [label, row[i]]));
  const likeliest = labels.reduce((a, b) => (probabilities[b] > probabilities[a] ? b : a));
  const probability = probabilities[likeliest];
  const answer = probability < uncertainBelow ? { emotion: UNCERTAIN, likeliest } : { emotion: likeliest };
  return { ...answer, probability, probabilities };
}
