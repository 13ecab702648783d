import { isDeepStrictEqual } from 'node:util';
import { InputError } from '../common/errors.js';
import { percent } from '../common/text.js';
import { answersTo } from '../evaluation/predictions.js';
import { type Blend, blended, fittedBlend } from '../networks/blend.js';
import { type FinishedRun, requireSameRecordings } from './finished.js';

/** Several networks by name, and how their probabilities become those of one. */
export interface NamedBlend extends Blend {
  readonly members: readonly string[];
}

/**
 * Averages the answers of finished runs. Shares and temperature come from the validation set, about which every run has kept
 * the answers of a network that has not learnt from it.
 *
 * @returns also the probabilities of all clips, row-major, shape `(clips, labels)`
 * @throws InputError if the runs did not use the same recordings in the same sets
 */
export function blendRuns(runs: readonly FinishedRun[]): {
  readonly blend: NamedBlend;
  readonly probabilities: Float32Array;
} {
  const [first, ...others] = runs;
  const members = runs.map(({ config }) => config.network);
  const other = others.find(({ clips, split }) => !isDeepStrictEqual([clips, split], [first.clips, first.split]));
  if (other)
    throw new InputError(
      `Cannot average ${members.join(' and ')}: they must use the same recordings in the same sets, and those of ${other.directory} differ from those of ${first.directory}, e.g. because other ones were unusable`,
    );
  requireSameRecordings(runs);
  const answers = runs.map((run) => answersTo('validation', run));
  const fitted = fittedBlend(
    answers.map(({ probabilities }) => probabilities),
    answers[0].targets,
  );
  const rows = runs.map(({ probabilities }) => probabilities);
  return { blend: { members, ...fitted }, probabilities: blended(rows, fitted, first.labels.length) };
}

/** A blend in a sentence. */
export function blendInWords({ members, shares, temperature }: NamedBlend): string {
  const parts = members.map((member, m) => `${member} (${percent(shares[m])})`);
  return `Averages the probabilities of ${parts.join(' and ')}, with a temperature of ${temperature.toFixed(2)}; shares and temperature are fitted to the validation set.`;
}
