import { mean } from '../src/common/statistics.js';
import type { Spectrogram } from '../src/features/spectrogram.js';
import type { Inside } from '../src/model/emotion-model.js';
import type { Evidence } from '../src/model/occlusion.js';
import type { Activation } from '../src/networks/activations.js';
import { isDark, prepared, styleColour, whenToDraw } from './canvas.js';
import { paint, palette } from './colours.js';
import { byId, element } from './element.js';
import { timeOf } from './timeline.js';

/** Units that are drawn one by one, as bars. */
const MOST_BARS = 16;

/** Share of the numbers of a picture that have a colour of their own: a few that stand out would make all others pale. */
const TOLD_APART = 0.99;

/** What becomes of a stretch in the network, and what spoke for the answer. */
export class InsideView {
  private readonly content = byId('inside-content');
  private readonly note = byId('inside-note');
  private readonly evidenceCanvas = byId<HTMLCanvasElement>('evidence');
  private readonly evidenceText = byId('evidence-text');
  private readonly networks = byId('networks');
  private evidence: readonly Evidence[] = [];
  private seconds = 1;
  private features: Spectrogram | undefined;
  private drawings: (() => void)[] = [];

  constructor() {
    whenToDraw(this.evidenceCanvas, () => this.draw());
  }

  /** There is nothing to look at. */
  clear(note: string): void {
    this.content.hidden = true;
    this.note.textContent = note;
    this.drawings = [];
  }

  /** @param seconds - length of the stretch */
  begin(note: string, seconds: number): void {
    this.note.textContent = note;
    this.seconds = seconds;
    this.evidence = [];
    this.evidenceText.textContent = 'Silencing stretch after stretch …';
  }

  showNetworks(networks: readonly Inside[], labels: readonly string[]): void {
    this.drawings = [];
    const [{ features }] = networks;
    // A few numbers for all of it are no picture of its course.
    this.features = features.frames > 1 ? features : undefined;
    this.networks.replaceChildren(
      ...networks.flatMap(({ network, states, activations }) => [
        element('h3', {}, `Through the network: ${network}`),
        element(
          'div',
          { class: 'pictures' },
          ...(states
            ? [
                this.figure(
                  'encoder',
                  `${states.bands} numbers × ${states.frames} steps, about their means`,
                  aboutMeans(states),
                ),
              ]
            : []),
          ...activations.map((activation) => this.activation(activation, labels)),
        ),
      ]),
    );
    this.content.hidden = false;
    this.draw();
  }

  showEvidence(evidence: readonly Evidence[], emotion: string, done: boolean): void {
    this.evidence = evidence;
    this.drawEvidence();
    if (!done) return;
    const strongest = evidence.reduce((a, b) => (b.logOdds > a.logOdds ? b : a));
    const span = `${timeOf(strongest.startSeconds)} to ${timeOf(strongest.endSeconds)}`;
    this.evidenceText.textContent =
      strongest.logOdds > 0
        ? `Most of all the stretch from ${span} of the window spoke for ${emotion}. A bar shows by how much the log-odds of ${emotion} fall where its stretch is silenced; one below the line spoke against it.`
        : `No single stretch spoke for ${emotion}: silencing any of them makes it more probable.`;
  }

  private draw(): void {
    if (this.content.hidden) return;
    this.drawEvidence();
    for (const draw of this.drawings) draw();
  }

  /** Above, what is computed of the sound; below, bars at the middle of their stretches, as wide as these are apart. */
  private drawEvidence(): void {
    const { context, width, height } = prepared(this.evidenceCanvas);
    const top = height * 0.52;
    if (this.features) context.drawImage(pictureOf(matrixOf(this.features), 'loudness'), 0, 0, width, top - 6);
    const most = Math.max(0.5, ...this.evidence.map(({ logOdds }) => Math.abs(logOdds)));
    const middle = (top + height) / 2;
    const hop = this.evidence.length > 1 ? this.evidence[1].startSeconds - this.evidence[0].startSeconds : 0;
    const barWidth = Math.max(2, (hop / this.seconds) * width - 2);
    for (const { startSeconds, endSeconds, logOdds } of this.evidence) {
      const centre = ((startSeconds + endSeconds) / 2 / this.seconds) * width;
      const length = Math.max(1, (Math.abs(logOdds) / most) * (middle - top));
      context.fillStyle = styleColour(logOdds > 0 ? 'accent' : 'sound');
      context.fillRect(centre - barWidth / 2, logOdds > 0 ? middle - length : middle, barWidth, length);
    }
    context.fillStyle = styleColour('soft');
    context.fillRect(0, middle - 0.5, width, 1);
  }

  private activation({ layer, kind, shape, values }: Activation, labels: readonly string[]): HTMLElement {
    const isInput = kind === 'InputLayer';
    const name = isInput ? 'input' : layer;
    const size = isInput ? shape.join(' × ') : `${kind}, ${shape.join(' × ')}`;
    const [positions, channels] = shape;
    if (shape.length === 2) {
      const at = (position: number, channel: number) => values[position * channels + channel];
      // A picture of sound lies as it did before; of other layers, time or frequency goes from left to right.
      return this.figure(
        name,
        size,
        isInput
          ? { rows: positions, columns: channels, at }
          : { rows: channels, columns: positions, at: (row, column) => at(column, row) },
      );
    }
    if (values.length <= MOST_BARS) {
      const largest = labels[values.indexOf(Math.max(...values))];
      const text = values.length === labels.length ? `${size}; the largest is ${largest}` : size;
      return this.drawn(name, text, (canvas) => drawBars(canvas, values));
    }
    // A long vector as a picture of several rows, from the top left.
    const columns = Math.ceil(Math.sqrt(4 * values.length));
    const rows = Math.ceil(values.length / columns);
    return this.figure(name, size, { rows, columns, at: (row, column) => values[(rows - 1 - row) * columns + column] });
  }

  private figure(name: string, size: string, matrix: Matrix): HTMLElement {
    return this.drawn(name, size, (canvas) => {
      const picture = pictureOf(matrix);
      [canvas.width, canvas.height] = [picture.width, picture.height];
      canvas.getContext('2d')!.drawImage(picture, 0, 0);
    });
  }

  private drawn(name: string, size: string, draw: (canvas: HTMLCanvasElement) => void): HTMLElement {
    const canvas = element('canvas', { role: 'img', 'aria-label': `${name}: ${size}` });
    this.drawings.push(() => draw(canvas));
    return element('figure', {}, canvas, element('figcaption', {}, element('b', {}, name), ' ', size));
  }
}

interface Matrix {
  readonly rows: number;
  readonly columns: number;
  /** Undefined where there is nothing. */
  readonly at: (row: number, column: number) => number | undefined;
}

function matrixOf({ values, bands, frames }: Spectrogram): Matrix {
  return { rows: bands, columns: frames, at: (row, column) => values[row * frames + column] };
}

/** Each row less its mean: what changes over time shows, however far the rows are apart. */
function aboutMeans({ values, bands, frames }: Spectrogram): Matrix {
  const means = Array.from({ length: bands }, (_, band) => mean(values.subarray(band * frames, (band + 1) * frames)));
  return { rows: bands, columns: frames, at: (row, column) => values[row * frames + column] - means[row] };
}

/** A pixel for each number, the first row at the bottom; those on both sides of zero have two colours. */
function pictureOf({ rows, columns, at }: Matrix, kind?: 'loudness' | 'signed'): HTMLCanvasElement {
  const numbers = Float32Array.from(
    { length: rows * columns },
    (_, i) => at(Math.floor(i / columns), i % columns) ?? 0,
  );
  const [low, high] = numbers.reduce(([a, b], value) => [Math.min(a, value), Math.max(b, value)], [0, 0]);
  const isSigned = (kind ?? (low < 0 ? 'signed' : 'loudness')) === 'signed';
  const sorted = numbers.map(Math.abs).sort();
  const most = (kind ? high : sorted[Math.floor(TOLD_APART * (sorted.length - 1))]) || high || 1;
  const colours = palette(isSigned ? 'signed' : 'loudness', isDark());
  const least = kind ? low : 0;
  const image = new ImageData(columns, rows);
  for (const [i, value] of numbers.entries()) {
    const [row, column] = [Math.floor(i / columns), i % columns];
    if (at(row, column) === undefined) continue;
    const share = isSigned ? 0.5 + value / most / 2 : (value - least) / (most - least);
    paint(image.data, (rows - 1 - row) * columns + column, colours, share);
  }
  const picture = element('canvas', { width: String(columns), height: String(rows) });
  picture.getContext('2d')!.putImageData(image, 0, 0);
  return picture;
}

function drawBars(canvas: HTMLCanvasElement, values: Float32Array): void {
  const { context, width, height } = prepared(canvas);
  const most = values.reduce((a, b) => Math.max(a, Math.abs(b)), 0) || 1;
  const isSigned = values.some((value) => value < 0);
  const base = isSigned ? height / 2 : height;
  const step = width / values.length;
  for (const [i, value] of values.entries()) {
    const length = (value / most) * (isSigned ? height / 2 - 4 : height - 8);
    context.fillStyle = styleColour(value < 0 ? 'sound' : 'accent');
    context.fillRect(i * step + step * 0.15, base - Math.max(0, length), step * 0.7, Math.max(1, Math.abs(length)));
  }
}
