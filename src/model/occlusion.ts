import { InputError } from '../common/errors.js';
import type { Samples } from './audio.js';
import type { TrainedModel } from './emotion-model.js';

/** How much a stretch of a recording speaks for an emotion. */
export interface Evidence {
  readonly startSeconds: number;
  readonly endSeconds: number;
  /** By how much the log-odds of the emotion fall where the stretch is silenced: negative where it speaks against the emotion. */
  readonly logOdds: number;
}

export interface OcclusionOptions {
  /** Default: the most probable emotion of the recording. */
  readonly emotion?: string;
  /** Length of what is silenced; default: 0.25 s. */
  readonly stretchSeconds?: number;
  /** Time between the starts of two stretches; default: half a stretch. */
  readonly hopSeconds?: number;
}

const STRETCH_SECONDS = 0.25;

/** What is silenced is faded out and in for so long, as a hard cut would be heard as a click. */
const FADE_SECONDS = 0.01;

/** Probabilities nearer to 0 or 1 count as this: float32 tells no more. */
const NEAREST = 1e-6;

/**
 * Tells which stretches of a short recording speak for an emotion: each is silenced in turn, and the model asked again.
 *
 * Log-odds are compared, not probabilities: those of a model that is very sure hardly move. What is found says what the model listens
 * to, not what an emotion sounds like.
 *
 * @returns one stretch after the other, each when it is computed
 * @throws InputError or UsageError as from {@link TrainedModel.predict}; RangeError if a stretch or a hop is not positive, or the
 *   model does not know the emotion
 * @see M. D. Zeiler, R. Fergus, Visualizing and Understanding Convolutional Networks, 2014, section 4.2
 */
export async function* occlusion(
  model: Pick<TrainedModel, 'predict'>,
  { samples, sampleRateHz }: Samples,
  { emotion, stretchSeconds = STRETCH_SECONDS, hopSeconds = stretchSeconds / 2 }: OcclusionOptions = {},
): AsyncGenerator<Evidence> {
  const [stretch, hop] = [stretchSeconds, hopSeconds].map((seconds) => Math.round(seconds * sampleRateHz));
  for (const [name, value, count] of [
    ['stretchSeconds', stretchSeconds, stretch],
    ['hopSeconds', hopSeconds, hop],
  ] as const)
    if (!(count > 0))
      throw new RangeError(`Cannot silence stretches: ${name} must be positive, current value is ${value}`);
  const whole = await model.predict({ samples, sampleRateHz });
  const labels = Object.keys(whole.probabilities);
  const asked = emotion ?? whole.likeliest ?? whole.emotion;
  if (!labels.includes(asked))
    throw new RangeError(
      `Cannot tell what speaks for an emotion: the model must know it, it knows ${labels.join(', ')}, current value is ${asked}`,
    );
  const before = logOdds(whole.probabilities[asked]);
  const fade = Math.round(FADE_SECONDS * sampleRateHz);
  for (let start = 0; start < samples.length; start += hop) {
    const end = Math.min(samples.length, start + stretch);
    const probability = await probabilityWithout(model, {
      ...{ samples: silenced(samples, { start, end, fade }), sampleRateHz },
      ...{ emotion: asked, otherwise: 1 / labels.length },
    });
    yield {
      startSeconds: start / sampleRateHz,
      endSeconds: end / sampleRateHz,
      logOdds: before - logOdds(probability),
    };
    if (end === samples.length) return;
  }
}

/** Of an emotion; where there is nothing left to hear, all of them are equally probable. */
async function probabilityWithout(
  model: Pick<TrainedModel, 'predict'>,
  { emotion, otherwise, ...sound }: Samples & { readonly emotion: string; readonly otherwise: number },
): Promise<number> {
  try {
    return (await model.predict(sound)).probabilities[emotion];
  } catch (error) {
    if (error instanceof InputError) return otherwise;
    throw error;
  }
}

/** A copy that is silent from one sample up to another, fading on both sides. */
function silenced(
  samples: Samples['samples'],
  { start, end, fade }: { readonly start: number; readonly end: number; readonly fade: number },
): Float32Array {
  const copy = Float32Array.from(samples);
  copy.fill(0, start, end);
  for (let i = 1; i <= fade; i++) {
    const gain = 0.5 - 0.5 * Math.cos((Math.PI * i) / (fade + 1));
    if (start - i >= 0) copy[start - i] *= gain;
    if (end - 1 + i < copy.length) copy[end - 1 + i] *= gain;
  }
  return copy;
}

function logOdds(probability: number): number {
  const bounded = Math.min(1 - NEAREST, Math.max(NEAREST, probability));
  return Math.log(bounded / (1 - bounded));
}
