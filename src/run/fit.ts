import type { Random } from '../common/random.js';
import { languagesOf } from '../corpora/corpora.js';
import { speakersOf } from '../corpora/speakers.js';
import { ENCODERS } from '../encoder/encoder.js';
import type { TakenSettings } from '../exchange/card.js';
import { AUGMENTATIONS } from '../features/augmentations.js';
import type { Spectrogram } from '../features/spectrogram.js';
import type { GivenSettings } from '../model/settings.js';
import { NETWORKS } from '../networks/networks.js';
import { trainingSteps } from '../training/choose-steps.js';
import { estimatorFor, type FitOptions, type Fitted } from '../training/estimator.js';
import type { Environment } from './environment.js';
import type { Prepared } from './prepare.js';

/**
 * The second stage of a run: fits the network to the training set, watched by the validation set.
 *
 * @throws InputError if training diverges
 */
export function fitNetwork(
  { config, dataset, copies, split, shape }: Prepared,
  options: FitOptions = {},
): Promise<Fitted> {
  const definition = NETWORKS[config.network];
  const estimator = estimatorFor(definition, {
    ...config,
    shape,
    steps: trainingSteps,
    alter:
      config.augment.length > 0
        ? (clip, into, random) => dataset.writeAltered(clip, into, augmented(config.augment, random))
        : undefined,
  });
  const { train, validation, validationBy } = split;
  return estimator.fit({ dataset, copies, train, validation, refit: validationBy !== 'test set' }, options);
}

/** Augmentations, one after the other. */
function augmented(names: readonly string[], random: Random): (features: Spectrogram) => Spectrogram {
  return (features) => names.reduce((altered, name) => AUGMENTATIONS[name](altered, random), features);
}

/** What a model's folder says beside its weights. */
export function modelSettings(prepared: Omit<Prepared, 'dataset'>, facts: ModelFacts): GivenSettings {
  const { config, clips, trainStatistics } = prepared;
  const { learnt = learntFrom(prepared) } = facts;
  return {
    ...takenSettings(prepared),
    trainStatistics,
    answers: NETWORKS[config.network].answers,
    trainedOn: trainedOn({ config, clips, learnt }, facts.corpus),
    versions: { project: facts.environment.project, tfjs: facts.environment.backend.tfjs },
  };
}

/** The part of it that says what the network takes and gives. */
export function takenSettings({ config, labels, shape }: Pick<Prepared, 'config' | 'labels' | 'shape'>): TakenSettings {
  const { input, encoder } = NETWORKS[config.network];
  return {
    labels: [...labels],
    features: config.features,
    ...(encoder && { encoder: { name: encoder, sha256: ENCODERS[encoder].sha256 } }),
    ...(config.speeds.length > 0 && { speeds: config.speeds }),
    input,
    frames: shape.frames,
    normalisation: config.normalise,
  };
}

/** The clips that a run's model has learnt from in the end: what is fitted by a formula is fitted to the validation set, too. */
function learntFrom({ config, split }: Pick<Prepared, 'config' | 'split'>): readonly number[] {
  const { by } = NETWORKS[config.network].fitting;
  return by === 'closed form' && split.validationBy !== 'test set'
    ? [...split.train, ...split.validation]
    : split.train;
}

/** What a model was trained on, for people to read. */
export function trainedOn(
  { config, clips, learnt }: Pick<Prepared, 'config' | 'clips'> & { readonly learnt: readonly number[] },
  corpus: string,
): GivenSettings['trainedOn'] {
  const { protocol, seed, network, conditions } = config;
  const heard = learnt.map((i) => clips[i]);
  const speakers = speakersOf(heard).length;
  const languages = languagesOf(heard);
  return {
    ...{ corpus, protocol, seed, network, clips: heard.length },
    ...(speakers > 0 && { speakers }),
    ...(languages.length > 0 && { languages }),
    ...(conditions.length > 0 && { conditions }),
  };
}

/** Where and on what a model was trained. */
export interface ModelFacts {
  /** The corpus's name. */
  readonly corpus: string;
  readonly environment: Pick<Environment, 'project' | 'backend'>;
  /** Indices of the clips that it has learnt from; default: as in a run. */
  readonly learnt?: readonly number[];
}
