import type { RunningAnswer } from '../src/model/running.js';
import { isDark, prepared, styleColour, whenToDraw } from './canvas.js';
import { emotionColour, type Palette, paint, palette } from './colours.js';
import { byId } from './element.js';
import { GrowingColumns } from './growing-columns.js';
import { PICTURE } from './pictures.js';

/** Columns of the pictures: at first of 10 ms, then of 20, 40, … */
const CAPACITY = 1024;
const COLUMN_SECONDS = PICTURE.hopLength / PICTURE.sampleRateHz;

/** Heights in px. */
const WAVEFORM = 60;
const SPECTROGRAM = 150;
const EMOTIONS = 96;
const GAP = 8;
const AXIS = 22;

/** Decibels below the loudest value that are told apart. */
const RANGE_DB = 70;

const TICKS = [0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 3600];
/** A label of the axis needs so many px. */
const TICK_ROOM = 56;

/** How an answer is told at a moment. */
export interface TimelineOptions {
  readonly labels: () => readonly string[];
  readonly uncertainBelow: () => number;
  /** In words, for those who cannot see it. */
  readonly inWords: (answer: RunningAnswer) => string;
  /** Called where somebody selects a window; undefined for none. */
  readonly onSelect: (answer: RunningAnswer | undefined) => void;
}

/** Waveform, spectrogram and emotions of a sound, one above the other; they grow as it does. */
export class Timeline {
  private readonly canvas = byId<HTMLCanvasElement>('timeline');
  private readonly slider = byId('moments');
  private waveform!: GrowingColumns;
  private decibels!: GrowingColumns;
  private answers: RunningAnswer[] = [];
  private isGrowing = false;
  private loudest = Number.NEGATIVE_INFINITY;
  private selected = -1;
  private isWaiting = false;
  /** The spectrogram's pixels; those from a column on are out of date. */
  private readonly picture = document.createElement('canvas');
  private outdatedFrom = 0;
  private colours?: { readonly isDark: boolean; readonly palette: Palette };

  constructor(private readonly options: TimelineOptions) {
    this.picture.width = CAPACITY;
    this.picture.height = PICTURE.bands;
    this.canvas.style.height = `${WAVEFORM + SPECTROGRAM + EMOTIONS + 2 * GAP + AXIS}px`;
    this.clear();
    whenToDraw(this.canvas, () => this.draw());
    this.slider.addEventListener('keydown', (event) => this.onKey(event));
    this.canvas.addEventListener('pointerdown', ({ offsetX }) => this.select(this.nearest(offsetX)));
  }

  /** Another sound begins. */
  clear(): void {
    this.waveform = new GrowingColumns(CAPACITY, 2, (a, b, place) => (place === 0 ? Math.min(a, b) : Math.max(a, b)));
    this.decibels = new GrowingColumns(CAPACITY, PICTURE.bands, (a, b) => Math.max(a, b));
    this.answers = [];
    this.loudest = Number.NEGATIVE_INFINITY;
    this.outdatedFrom = 0;
    this.isGrowing = true;
    this.select(-1);
  }

  addColumns(waveform: Float32Array, decibels: Float32Array): void {
    this.waveform.add(waveform);
    const loudest = decibels.reduce((a, b) => Math.max(a, b), this.loudest);
    // All colours are by the loudest value: they are changed only where that shows.
    if (loudest > this.loudest + 1) {
      this.loudest = loudest;
      this.outdatedFrom = 0;
    }
    this.outdatedFrom = Math.min(this.outdatedFrom, this.decibels.add(decibels));
    this.later();
  }

  addAnswer(answer: RunningAnswer): void {
    this.answers.push(answer);
    this.describe();
    this.later();
  }

  /** The sound has ended: it takes all of the width. */
  finish(): void {
    this.isGrowing = false;
    this.later();
  }

  /** Draws again before the next frame; not at all while nobody can see it. */
  later(): void {
    if (this.isWaiting) return;
    this.isWaiting = true;
    requestAnimationFrame(() => {
      this.isWaiting = false;
      this.draw();
    });
  }

  /** @param index - of a window; -1 for none */
  select(index: number): void {
    this.selected = Math.min(index, this.answers.length - 1);
    this.describe();
    this.options.onSelect(this.answers[this.selected]);
    this.later();
  }

  private describe(): void {
    const last = this.answers.length - 1;
    this.slider.setAttribute('aria-disabled', String(last < 0));
    this.slider.setAttribute('aria-valuemax', String(Math.max(0, last)));
    this.slider.setAttribute('aria-valuenow', String(Math.max(0, this.selected)));
    const answer = this.answers[this.selected];
    this.slider.setAttribute(
      'aria-valuetext',
      answer ? this.options.inWords(answer) : last < 0 ? 'nothing heard yet' : 'no moment selected',
    );
  }

  private onKey(event: KeyboardEvent): void {
    const last = this.answers.length - 1;
    const steps: Readonly<Record<string, number>> = {
      ...{ ArrowLeft: this.selected - 1, ArrowDown: this.selected - 1, ArrowRight: this.selected + 1 },
      ...{ ArrowUp: this.selected + 1, PageUp: this.selected + 10, PageDown: this.selected - 10, Home: 0, End: last },
    };
    if (event.key === 'Escape') this.select(-1);
    else if (!(event.key in steps) || last < 0) return;
    else this.select(Math.max(0, Math.min(last, steps[event.key])));
    event.preventDefault();
  }

  /** Seconds that the width stands for. */
  private get seconds(): number {
    const columns = this.isGrowing ? CAPACITY * this.waveform.perColumn : this.waveform.given;
    return Math.max(1, columns * COLUMN_SECONDS);
  }

  private nearest(x: number): number {
    const seconds = (x / this.canvas.clientWidth) * this.seconds;
    const apart = this.answers.map((answer) => Math.abs(centre(answer) - seconds));
    return apart.indexOf(Math.min(...apart));
  }

  private draw(): void {
    const { context, width } = prepared(this.canvas);
    const scale = width / this.seconds;
    this.drawWaveform(context, scale);
    context.save();
    context.translate(0, WAVEFORM + GAP);
    this.drawSpectrogram(context, { width, scale });
    context.translate(0, SPECTROGRAM + GAP);
    this.drawEmotions(context, { width, scale });
    context.translate(0, EMOTIONS);
    this.drawAxis(context, { width, scale });
    context.restore();
    const answer = this.answers[this.selected];
    if (!answer) return;
    const [from, to] = [answer.startSeconds * scale, answer.endSeconds * scale];
    context.fillStyle = styleColour('shade');
    const height = WAVEFORM + SPECTROGRAM + EMOTIONS + 2 * GAP;
    context.fillRect(0, 0, from, height);
    context.fillRect(to, 0, width - to, height);
    context.strokeStyle = styleColour('accent');
    context.lineWidth = 2;
    context.strokeRect(Math.max(1, from), 1, Math.min(width - 1, to) - Math.max(1, from), height - 2);
  }

  private drawWaveform(context: CanvasRenderingContext2D, scale: number): void {
    const { values, count, perColumn } = this.waveform;
    const middle = WAVEFORM / 2;
    const step = perColumn * COLUMN_SECONDS * scale;
    let peak = 0.05;
    for (let i = 0; i < 2 * count; i++) peak = Math.max(peak, Math.abs(values[i]));
    context.fillStyle = styleColour('line');
    context.fillRect(0, middle - 0.5, context.canvas.width, 1);
    context.fillStyle = styleColour('sound');
    context.beginPath();
    for (let column = 0; column < count; column++) {
      const [low, high] = [values[2 * column], values[2 * column + 1]].map((value) => (value / peak) * (middle - 1));
      context.rect(column * step, middle - high, step + 0.2, Math.max(1, high - low));
    }
    context.fill();
  }

  private drawSpectrogram(
    context: CanvasRenderingContext2D,
    { width, scale }: { readonly width: number; readonly scale: number },
  ): void {
    const { count, perColumn } = this.decibels;
    this.updatePicture();
    context.fillStyle = styleColour('quiet');
    context.fillRect(0, 0, width, SPECTROGRAM);
    if (count === 0) return;
    const drawn = count * perColumn * COLUMN_SECONDS * scale;
    context.drawImage(this.picture, 0, 0, count, PICTURE.bands, 0, 0, drawn, SPECTROGRAM);
  }

  private updatePicture(): void {
    const { values, count, size } = this.decibels;
    if (this.colours?.isDark !== isDark()) {
      this.colours = { isDark: isDark(), palette: palette('loudness', isDark()) };
      this.outdatedFrom = 0;
    }
    const columns = count - this.outdatedFrom;
    if (columns <= 0) return;
    const image = new ImageData(columns, size);
    for (let column = 0; column < columns; column++)
      for (let band = 0; band < size; band++) {
        const below = this.loudest - values[(this.outdatedFrom + column) * size + band];
        paint(image.data, (size - 1 - band) * columns + column, this.colours.palette, 1 - below / RANGE_DB);
      }
    this.picture.getContext('2d')!.putImageData(image, this.outdatedFrom, 0);
    this.outdatedFrom = count;
  }

  /** From where to where an answer is drawn: around the middle of its window, up to its neighbours, or to the ends. */
  private spanOf(i: number): { readonly from: number; readonly to: number } {
    const [before, answer, after] = [this.answers[i - 1], this.answers[i], this.answers[i + 1]];
    const from = before ? (centre(before) + centre(answer)) / 2 : answer.startSeconds;
    if (after) return { from, to: (centre(answer) + centre(after)) / 2 };
    return { from, to: this.isGrowing ? Math.min(answer.endSeconds, 2 * centre(answer) - from) : answer.endSeconds };
  }

  private drawEmotions(
    context: CanvasRenderingContext2D,
    { width, scale }: { readonly width: number; readonly scale: number },
  ): void {
    context.fillStyle = styleColour('quiet');
    context.fillRect(0, 0, width, EMOTIONS);
    const labels = this.options.labels();
    const colours = labels.map((label) => emotionColour(label, labels));
    for (const [i, answer] of this.answers.entries()) {
      if ('reason' in answer) continue;
      const { from, to } = this.spanOf(i);
      context.globalAlpha = answer.probability < this.options.uncertainBelow() ? 0.3 : 1;
      let top = 0;
      for (const [k, label] of labels.entries()) {
        const share = answer.probabilities[label] * EMOTIONS;
        context.fillStyle = colours[k];
        context.fillRect(from * scale, top, (to - from) * scale + 0.3, share + 0.2);
        top += share;
      }
    }
    context.globalAlpha = 1;
    this.drawNames(context, scale);
  }

  /** The likeliest emotion by name, where it stays so for long enough to be read. */
  private drawNames(context: CanvasRenderingContext2D, scale: number): void {
    context.font = `600 12px ${getComputedStyle(this.canvas).fontFamily}`;
    context.textBaseline = 'bottom';
    context.fillStyle = '#ffffff';
    context.shadowColor = 'rgb(0 0 0 / 60%)';
    context.shadowBlur = 3;
    const { answers } = this;
    for (let first = 0, next = 1; first < answers.length; first = next++) {
      const emotion = emotionIn(answers[first]);
      while (next < answers.length && emotionIn(answers[next]) === emotion) next++;
      const { from } = this.spanOf(first);
      const room = (this.spanOf(next - 1).to - from) * scale - 8;
      if (emotion !== undefined && context.measureText(emotion).width <= room)
        context.fillText(emotion, from * scale + 5, EMOTIONS - 5);
    }
    context.shadowBlur = 0;
  }

  private drawAxis(
    context: CanvasRenderingContext2D,
    { width, scale }: { readonly width: number; readonly scale: number },
  ): void {
    const step = TICKS.find((seconds) => seconds * scale >= TICK_ROOM) ?? TICKS[TICKS.length - 1];
    context.fillStyle = styleColour('soft');
    context.font = `12px ${getComputedStyle(this.canvas).fontFamily}`;
    context.textBaseline = 'top';
    for (let seconds = 0; seconds * scale < width - TICK_ROOM / 2; seconds += step) {
      const x = Math.round(seconds * scale);
      context.fillRect(x, 2, 1, 4);
      context.fillText(timeOf(seconds), x + (seconds === 0 ? 0 : 3), 7);
    }
  }
}

/** `4.5 s`, or from a minute on `1:05`. */
export function timeOf(seconds: number): string {
  if (seconds < 60) return `${Number(seconds.toFixed(1))} s`;
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;
}

function emotionIn(answer: RunningAnswer): string | undefined {
  return 'emotion' in answer ? answer.emotion : undefined;
}

function centre({ startSeconds, endSeconds }: RunningAnswer): number {
  return (startSeconds + endSeconds) / 2;
}
