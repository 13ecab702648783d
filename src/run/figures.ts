import { decodeClip } from '../audio/decode-file.js';
import { count, percent, withCommas } from '../common/text.js';
import { type Split, SUBSETS, type Subset } from '../dataset/splits.js';
import { calibrationError, type ReliabilityBin, reliability } from '../evaluation/calibration.js';
import { coverageCurve } from '../evaluation/coverage.js';
import { answersTo } from '../evaluation/predictions.js';
import { cutFrames } from '../features/cut.js';
import { extractorFor } from '../features/features.js';
import { bandCentresHz } from '../features/mel.js';
import {
  classBalanceFigure,
  clipMapFigure,
  confusionFigure,
  coverageFigure,
  historyFigure,
  MOST_MAPPED,
  recallFigure,
  reliabilityFigure,
  spectrogramFigure,
  waveformFigure,
} from '../plots/figures.js';
import { descriptors } from './descriptors-figure.js';
import type { RunFigure, TestFigure } from './figure.js';
import { heardPart } from './heard-part.js';
import type { Outcome, Tested } from './outcome.js';

const history: RunFigure = {
  name: 'history',
  title: 'Training history',
  caption: ({ fitted: { bestEpoch } }) =>
    `Accuracy and loss by epoch; the weights of epoch ${bestEpoch}, which has the lowest validation loss, are the ones evaluated.`,
  draw: ({ fitted }) => (fitted.history.length > 0 ? historyFigure(fitted.history, fitted.bestEpoch) : undefined),
};

const confusion: TestFigure = {
  name: 'confusion',
  title: 'Confusion matrix (test set)',
  caption: () => 'Clips by true emotion (row) and predicted emotion (column).',
  draw: ({ metrics, prepared }) => confusionFigure(metrics.test.confusion, prepared.labels, { normalise: false }),
};

const normalisedConfusion: TestFigure = {
  name: 'confusion-normalised',
  title: 'Confusion matrix by row (test set)',
  caption: () => "Shares of each true emotion's clips; the diagonal holds the recalls.",
  draw: ({ metrics, prepared }) => confusionFigure(metrics.test.confusion, prepared.labels, { normalise: true }),
};

const recall: TestFigure = {
  name: 'recall',
  title: 'Recall by emotion (test set)',
  caption: () => 'Share of the clips of each emotion that are found, and what guessing would find.',
  draw: ({ metrics }) => recallFigure(metrics.test),
};

const reliabilityDiagram: TestFigure = {
  name: 'reliability',
  title: 'Reliability (test set)',
  caption: (outcome) =>
    `How often answers are right, by how sure the network was. Probabilities are off by ${percent(calibrationError(testReliability(outcome)))} on average (expected calibration error).`,
  draw: (outcome) => reliabilityFigure(testReliability(outcome)),
};

const coverage: TestFigure = {
  name: 'coverage',
  title: 'Accuracy by coverage (test set)',
  caption: () =>
    'How often the answers kept are right, by the share of clips that are still answered, where less probable answers are given as uncertain (`ser predict --uncertain-below`).',
  draw: (outcome) => {
    const { targets, probabilities } = testAnswers(outcome);
    return coverageFigure(coverageCurve(targets, probabilities, outcome.prepared.labels.length));
  },
};

const classBalance: TestFigure = {
  name: 'class-balance',
  title: 'Clips by emotion and set',
  caption: () => 'How many clips of each emotion each set has.',
  draw: ({ prepared: { split, clips } }) =>
    classBalanceFigure(Object.fromEntries(setsShown(split).map((set) => [set, split[set].map((i) => clips[i])]))),
};

const clipMap: RunFigure = {
  name: 'clip-map',
  title: 'Map of the clips',
  caption: ({ prepared: { clips } }) =>
    `${clips.length > MOST_MAPPED ? `${withCommas(MOST_MAPPED)} of ${count(clips.length, 'clip')}, drawn at random, each` : 'Every clip'} at its place along the two directions in which the vectors differ most (and the share of the variance along each), the same points by emotion, speaker and set: what lies apart is what the vectors tell apart before anything is learnt from labels. Hovering names a clip.`,
  draw: ({ mapped }) => mapped && clipMapFigure(mapped.clips, mapped.vectors),
};

const waveform: RunFigure = {
  name: 'waveform',
  title: 'Waveform of one clip',
  caption: (outcome) => `${exampleOf(outcome)}.`,
  draw: async (outcome) => {
    const { samples, sampleRateHz } = await decodeClip(exampleClip(outcome));
    return waveformFigure(samples, sampleRateHz);
  },
};

const spectrogram: RunFigure = {
  name: 'spectrogram',
  title: 'Mel spectrogram of one clip',
  caption: (outcome) => `${exampleOf(outcome)}, the frames that the network takes, before normalisation.`,
  draw: async (outcome) => {
    const { features } = outcome.prepared.config;
    if (features.name !== 'mel') return undefined;
    const { matrix } = extractorFor(features)(await decodeClip(exampleClip(outcome)));
    const { first } = heardPart(outcome.prepared.config);
    const taken = cutFrames(matrix, first, outcome.prepared.shape.frames);
    return spectrogramFigure({ ...features.options, ...taken, bandCentresHz: bandCentresHz(features.options) });
  },
};

/** The figures about a test, in the order of its report. */
export const TEST_FIGURES: readonly TestFigure[] = [
  confusion,
  normalisedConfusion,
  recall,
  reliabilityDiagram,
  coverage,
  classBalance,
];

/** The figures of a run's report, in its order: another one is a file of its own and a name here. */
export const RUN_FIGURES: readonly RunFigure[] = [
  history,
  confusion,
  normalisedConfusion,
  recall,
  reliabilityDiagram,
  coverage,
  descriptors,
  classBalance,
  clipMap,
  waveform,
  spectrogram,
];

/** The sets that have clips of their own: with `original`, validation is the test set. */
export function setsShown(split: Split): Subset[] {
  return SUBSETS.filter((set) => split[set].length > 0 && (set !== 'validation' || split.validationBy !== 'test set'));
}

/** What the network says about the test set. */
function testAnswers({ prepared, probabilities }: Tested): ReturnType<typeof answersTo> {
  return answersTo('test', { ...prepared, probabilities });
}

/** How sure the network is of its answers about the test set, and how often it is right. */
export function testReliability(outcome: Tested): ReliabilityBin[] {
  const { targets, probabilities } = testAnswers(outcome);
  return reliability(targets, probabilities, outcome.prepared.labels.length);
}

function exampleClip({ prepared: { clips, split } }: Outcome) {
  return clips[split.test[0]];
}

function exampleOf(outcome: Outcome): string {
  const { speaker, emotion } = exampleClip(outcome);
  return `The first clip of the test set: ${speaker === '' ? '' : `speaker ${speaker}, `}${emotion}`;
}
