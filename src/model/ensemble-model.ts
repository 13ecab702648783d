import type { BackendInfo } from '../backend/info.js';
import { InputError } from '../common/errors.js';
import { blended } from '../networks/blend.js';
import { answerOf, type WindowPrediction } from './answer.js';
import type {
  Answer,
  Audio,
  EmotionModel,
  FilePrediction,
  Inside,
  LazyAudio,
  Prediction,
  PredictionOptions,
  TrainedModel,
} from './emotion-model.js';
import type { EnsembleSettings, ModelSettings } from './settings.js';

/** Several models that answer as one: their probabilities, for a recording and for each of its windows, are averaged. */
export class EnsembleModel implements TrainedModel {
  /**
   * @param members - they take windows of any length
   * @throws InputError if they do not know the same emotions
   */
  constructor(
    private readonly members: readonly EmotionModel[],
    private readonly ensemble: EnsembleSettings,
  ) {
    const [labels, ...others] = members.map((member) => member.settings.labels.join());
    if (others.some((other) => other !== labels))
      throw new InputError(
        `Cannot load the models ${ensemble.members.join()} as one: they must know the same emotions, current ones are ${[labels, ...others].join(' and ')}`,
      );
  }

  get backend(): BackendInfo {
    return this.members[0].backend;
  }

  /** Those of the first member, but for what all of them were trained on. */
  get settings(): ModelSettings {
    return { ...this.members[0].settings, trainedOn: this.ensemble.trainedOn };
  }

  /** See {@link TrainedModel.predict}. */
  async predict(audio: Audio, options: PredictionOptions = {}): Promise<Prediction> {
    const answers: Prediction[] = [];
    for (const member of this.members) answers.push(await member.predict(audio, options));
    return this.prediction(answers, options);
  }

  /** See {@link TrainedModel.predictFiles}. */
  async *predictFiles(paths: readonly string[], options: PredictionOptions = {}): AsyncGenerator<FilePrediction> {
    let next = 0;
    for await (const answer of this.predictEach(paths, options)) yield { path: paths[next++], ...answer };
  }

  /** See {@link TrainedModel.predictEach}. Every member reads each recording. */
  async *predictEach(recordings: readonly LazyAudio[], options: PredictionOptions = {}): AsyncGenerator<Answer> {
    const [first, ...others] = this.members.map((member) => member.predictEach(recordings, options));
    for await (const answer of first) {
      const answers = [answer];
      for (const other of others) answers.push((await other.next()).value);
      const unusable = answers.find((each) => 'reason' in each);
      yield unusable ?? this.prediction(answers as Prediction[], options);
    }
  }

  /** See {@link TrainedModel.completeOptions}; the members take windows of any length. */
  completeOptions(options: PredictionOptions): Required<PredictionOptions> {
    return this.members[0].completeOptions(options);
  }

  /** See {@link TrainedModel.inside}. */
  async inside(audio: Audio): Promise<readonly Inside[]> {
    return (await Promise.all(this.members.map((member) => member.inside(audio)))).flat();
  }

  /** See {@link TrainedModel.dispose}. */
  dispose(): void {
    for (const member of this.members) member.dispose();
  }

  private prediction(answers: readonly Prediction[], options: PredictionOptions): Prediction {
    return {
      ...this.together(answers, options),
      windows: answers[0].windows.map((_, w) =>
        this.together(
          answers.map(({ windows }) => windows[w]),
          options,
        ),
      ),
    };
  }

  private together(answers: readonly WindowPrediction[], { uncertainBelow = 0 }: PredictionOptions): WindowPrediction {
    const { labels } = this.members[0].settings;
    const rows = answers.map(({ probabilities }) => labels.map((label) => probabilities[label]));
    const { startSeconds, endSeconds } = answers[0];
    return {
      startSeconds,
      endSeconds,
      ...answerOf(blended(rows, this.ensemble, labels.length), labels, uncertainBelow),
    };
  }
}
