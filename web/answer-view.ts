import { percent } from '../src/common/text.js';
import { answerOf, type WindowPrediction } from '../src/model/answer.js';
import type { RunningAnswer } from '../src/model/running.js';
import { emotionColour } from './colours.js';
import { byId, element } from './element.js';
import { timeOf } from './timeline.js';

/** The answer in words, with its probabilities. */
export class AnswerView {
  private readonly about = byId('about');
  private readonly emotion = byId('emotion');
  private readonly list = byId('probabilities');
  private rows: { readonly label: string; readonly share: HTMLElement; readonly bar: HTMLElement }[] = [];

  /** Another model is there, which knows these emotions. */
  setLabels(labels: readonly string[]): void {
    this.rows = labels.map((label) => {
      const bar = element('span');
      bar.style.background = emotionColour(label, labels);
      return { label, bar, share: element('span', { class: 'share' }) };
    });
    this.list.replaceChildren(
      ...this.rows.map(({ label, share, bar }) =>
        element(
          'li',
          {},
          element('span', {}, label),
          share,
          element('div', { class: 'bar', 'aria-hidden': 'true' }, bar),
        ),
      ),
    );
    this.show(undefined, 'Nothing heard yet', 0);
  }

  show(answer: RunningAnswer | undefined, about: string, uncertainBelow: number): void {
    this.about.textContent = about;
    const prediction = answer && 'emotion' in answer ? answer : undefined;
    for (const { label, share, bar } of this.rows) {
      const probability = prediction?.probabilities[label] ?? 0;
      share.textContent = prediction ? percent(probability, { digits: 0 }) : '';
      bar.style.width = `${100 * probability}%`;
    }
    const [word, more] = prediction ? wordsOf(prediction, uncertainBelow) : [answer ? 'silence' : '–', ''];
    this.emotion.replaceChildren(word, ...(more ? [element('small', {}, more)] : []));
  }
}

/** The answer in a word, and how sure it is. */
export function wordsOf(
  { emotion, probability }: WindowPrediction,
  uncertainBelow: number,
): [word: string, more: string] {
  const sure = percent(probability, { digits: 0 });
  return probability < uncertainBelow ? ['uncertain', `most likely ${emotion}, ${sure}`] : [emotion, sure];
}

/** A window and its answer in a sentence. */
export function sentenceOf(answer: RunningAnswer, uncertainBelow: number): string {
  const span = `${timeOf(answer.startSeconds)} to ${timeOf(answer.endSeconds)}`;
  if ('reason' in answer) return `${span}: silence`;
  const [word, more] = wordsOf(answer, uncertainBelow);
  return `${span}: ${word}, ${more}`;
}

/** The mean of the answers to windows, which stands for a sound that is too long to be heard as a whole. */
export function meanOf(answers: readonly RunningAnswer[]): WindowPrediction | undefined {
  const predictions = answers.filter((answer) => 'emotion' in answer);
  if (predictions.length === 0) return undefined;
  const labels = Object.keys(predictions[0].probabilities);
  const mean = labels.map(
    (label) => predictions.reduce((sum, { probabilities }) => sum + probabilities[label], 0) / predictions.length,
  );
  const { startSeconds } = predictions[0];
  const { endSeconds } = predictions[predictions.length - 1];
  return { startSeconds, endSeconds, ...answerOf(mean, labels, 0) };
}
