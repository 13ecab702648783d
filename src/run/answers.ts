import { setImmediate } from 'node:timers/promises';
import type { Recording } from '../audio/decode.js';
import { decodeClip } from '../audio/decode-file.js';
import { sourceName } from '../audio/segment.js';
import { grouped } from '../common/grouped.js';
import { deriveSeed, seededRandom } from '../common/random.js';
import type { Condition } from '../conditions/conditions.js';
import type { Clip } from '../corpora/clip.js';
import { requireSpeakers } from '../corpora/speakers.js';
import { checkRecording } from '../features/clip-features.js';
import { GIVEN } from '../model/audio.js';
import type { TrainedModel } from '../model/emotion-model.js';
import { type Reporter, SILENT } from './reporter.js';

/** The clips that a model can be tested with, and those whose emotion it does not know. */
export function knownTo(
  { settings: { labels } }: Pick<TrainedModel, 'settings'>,
  clips: readonly Clip[],
): { readonly clips: readonly Clip[]; readonly unknown: readonly Clip[] } {
  const isKnown = ({ emotion }: Clip) => labels.includes(emotion);
  return { clips: clips.filter(isKnown), unknown: clips.filter((clip) => !isKnown(clip)) };
}

/** What to say of figures where a model may have heard the clips in training. */
export function heardBefore({ settings: { trainedOn } }: Pick<TrainedModel, 'settings'>, corpus: string): string[] {
  if (corpus !== trainedOn.corpus) return [];
  return [`The model was trained with clips of this corpus (${corpus}): where it has heard these, figures flatter.`];
}

/** What {@link answersOf} asks, and how. */
export interface Asking {
  /** Under which conditions, beside none; default: none. */
  readonly conditions?: Readonly<Record<string, Condition>>;
  /** Share of a recording that may be missing, where its file is cut short; default: 0. */
  readonly allowTruncated?: number;
  /** Governs noise and rooms. */
  readonly seed?: number;
  readonly reporter?: Reporter;
  readonly signal?: AbortSignal;
}

/** A model's answers to clips. */
export interface ClipAnswers {
  /** Of the clips as they are, then under each condition; each row-major, shape `(clips, labels)`. */
  readonly answers: readonly Float32Array[];
  /** By index, why clips have no answer to one of the variants. */
  readonly problems: ReadonlyMap<number, string>;
}

/**
 * Asks a model about clips as they are, and under each condition, as `predict` answers. A model normalised by speaker takes the
 * clips of a speaker together, all under one condition.
 *
 * @throws InputError if the model is normalised by speaker, and speakers are not known; the signal's reason if it is aborted
 */
export async function answersOf(
  model: TrainedModel,
  clips: readonly Clip[],
  { conditions = {}, allowTruncated, seed = 0, reporter = SILENT, signal }: Asking = {},
): Promise<ClipAnswers> {
  const { labels, normalisation } = model.settings;
  if (normalisation === 'speaker') requireSpeakers(clips, 'normalise by speaker');
  const variants = [undefined, ...Object.keys(conditions)];
  const answers = variants.map(() => new Float32Array(clips.length * labels.length));
  const problems = new Map<number, string>();
  const decoded = keepingLatest(async (clip) => {
    const recording = await decodeClip(clip, { allowTruncated });
    checkRecording(recording, sourceName(clip));
    return recording;
  });
  const heard = async (i: number, name: string | undefined) => {
    const { samples, sampleRateHz } = await decoded(clips[i]);
    if (name === undefined) return { samples, sampleRateHz };
    // Neither the other clips nor the other conditions make a difference to what is drawn.
    const random = seededRandom(deriveSeed(seed, `${name} ${i}`));
    return { samples: conditions[name].perturb({ samples, sampleRateHz }, random), sampleRateHz };
  };
  const bar = reporter.progress('recordings', clips.length * variants.length);
  let done = 0;
  try {
    for (const group of groupsOf(clips, variants, normalisation === 'speaker')) {
      let next = 0;
      for await (const answer of model.predictEach(
        group.map(
          ({ clip, name }) =>
            () =>
              heard(clip, name),
        ),
      )) {
        const { clip, variant, name } = group[next++];
        if ('reason' in answer) {
          const reason =
            name === undefined
              ? answer.reason
              : `${sourceName(clips[clip])}: with ${name}: ${answer.reason.replace(`${GIVEN}: `, '')}`;
          if (!problems.has(clip)) problems.set(clip, reason);
        } else
          answers[variant].set(
            labels.map((label) => answer.probabilities[label]),
            clip * labels.length,
          );
        bar.update(++done);
        // A signal can only arrive between two tasks.
        await setImmediate();
        signal?.throwIfAborted();
      }
    }
  } finally {
    bar.stop();
  }
  return { answers, problems };
}

/** One clip under one condition, or as it is. */
interface Variant {
  readonly clip: number;
  /** Index among the variants of a clip. */
  readonly variant: number;
  /** Of the condition; undefined for the clip as it is. */
  readonly name: string | undefined;
}

/** What is predicted together: clip by clip, or where statistics of a speaker are needed, speaker by speaker and condition. */
function groupsOf(clips: readonly Clip[], names: readonly (string | undefined)[], together: boolean): Variant[][] {
  const variants = names.map((name, variant) => ({ name, variant }));
  if (!together) return [clips.flatMap((_, clip) => variants.map((each) => ({ clip, ...each })))];
  const bySpeaker = grouped(clips.keys(), (clip) => clips[clip].speaker);
  return [...bySpeaker.values()].flatMap((own) => variants.map((each) => own.map((clip) => ({ clip, ...each }))));
}

/** Keeps the latest recording: all variants of a clip are made of it, one after the other. */
function keepingLatest(read: (clip: Clip) => Promise<Recording>): (clip: Clip) => Promise<Recording> {
  let latest: { readonly clip: Clip; readonly recording: Promise<Recording> } | undefined;
  return (clip) => {
    if (latest?.clip !== clip) latest = { clip, recording: read(clip) };
    return latest.recording;
  };
}
