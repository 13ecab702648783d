/** How the learning rate goes over a training: see {@link learningRates}. */
export const SCHEDULES = ['constant', 'one-cycle'] as const;
export type Schedule = (typeof SCHEDULES)[number];

/** Share of the steps in which the rate rises, and by what the largest rate is divided at the start and at the end. */
const RISE = 0.3;
const START = 25;
const END = 1e4;

/**
 * The learning rate of each step, from 0: the same throughout, or one cycle, which rises along half a cosine from a 25th of
 * the largest rate and falls to next to nothing, so that a few epochs are enough.
 *
 * @param steps - all steps to come
 * @see L. N. Smith and N. Topin, Super-Convergence, 2018; torch.optim.lr_scheduler.OneCycleLR
 */
export function learningRates(schedule: Schedule, learningRate: number, steps: number): (step: number) => number {
  if (schedule === 'constant') return () => learningRate;
  const top = RISE * steps - 1;
  const [start, end] = [learningRate / START, learningRate / START / END];
  return (step) =>
    step <= top
      ? along(start, learningRate, step / top)
      : along(learningRate, end, Math.min(1, (step - top) / (steps - 1 - top)));
}

/** From one value to another along half a cosine. */
function along(from: number, to: number, share: number): number {
  return to + ((from - to) / 2) * (1 + Math.cos(Math.PI * share));
}
