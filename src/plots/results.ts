import { chanceLevel, type Metrics } from '../evaluation/metrics.js';
import {
  axis,
  baseLayout,
  COLOURS,
  classColours,
  classNames,
  type Figure,
  INK,
  type JsonObject,
  plain,
  requireSome,
  rounded,
  rowHeight,
  wrapped,
} from './figure.js';

/** One epoch of training. */
export interface HistoryRow {
  /** From 1. */
  readonly epoch: number;
  /** Cross-entropy of the training set, in nats. */
  readonly loss: number;
  /** Of the training set, 0 to 1. */
  readonly accuracy: number;
  readonly valLoss: number;
  readonly valAccuracy: number;
  readonly seconds: number;
}

/** How a confusion matrix is drawn. */
export interface ConfusionOptions {
  /** Per cent of the true class (each row sums to 100) instead of clips. */
  readonly normalise: boolean;
  readonly title?: string;
}

/**
 * Accuracy and loss by epoch, side by side, of training and validation; shows overfitting and where training stopped.
 *
 * @param bestEpoch - the epoch whose weights were kept, marked by a line
 * @throws RangeError if there are no epochs, or `bestEpoch` is not one of them
 */
export function historyFigure(history: readonly HistoryRow[], bestEpoch: number, title = 'Training history'): Figure {
  requireSome(history.length, 'a training history', 'there must be at least one epoch');
  const epochs = history.map((row) => row.epoch);
  if (!epochs.includes(bestEpoch))
    throw new RangeError(
      `Cannot draw a training history: bestEpoch must be one of its ${epochs.length} epochs, current value is ${bestEpoch}`,
    );
  const line = (name: 'training' | 'validation', side: '' | '2', value: (row: HistoryRow) => number): JsonObject => ({
    type: 'scatter',
    mode: epochs.length > 40 ? 'lines' : 'lines+markers',
    name,
    legendgroup: name,
    showlegend: side === '',
    x: epochs,
    y: history.map((row) => rounded(value(row), 5)),
    xaxis: `x${side}`,
    yaxis: `y${side}`,
    line: { color: name === 'training' ? COLOURS.blue : COLOURS.vermillion, width: 2 },
    hovertemplate: `epoch %{x}<br>${side === '' ? 'accuracy: %{y:.1f} %' : 'loss: %{y:.3f} nats'}<extra>${name}</extra>`,
    marker: { size: 5, symbol: name === 'training' ? 'circle' : 'square' },
  });
  const range = [Math.min(...epochs) - 0.5, Math.max(...epochs) + 0.5];
  const epochAxis = { range, ...(epochs.length <= 10 ? { dtick: 1 } : {}) };
  return {
    data: [
      line('training', '', (row) => 100 * row.accuracy),
      line('validation', '', (row) => 100 * row.valAccuracy),
      line('training', '2', (row) => row.loss),
      line('validation', '2', (row) => row.valLoss),
      legendLine(`best epoch, ${bestEpoch}`, 'dot'),
    ],
    layout: {
      ...baseLayout(title, 400, true),
      // Narrower, the second panel's title would lie on the first one.
      meta: { minWidth: 600 },
      xaxis: axis('epoch', { ...epochAxis, domain: [0, 0.43] }),
      yaxis: axis('accuracy in %', { range: [0, 102] }),
      xaxis2: axis('epoch', { ...epochAxis, domain: [0.57, 1], anchor: 'y2' }),
      yaxis2: axis('loss in nats', { anchor: 'x2', rangemode: 'tozero' }),
      shapes: ['', '2'].map((side) => ({
        type: 'line',
        xref: `x${side}`,
        yref: `y${side} domain`,
        x0: bestEpoch,
        x1: bestEpoch,
        y0: 0,
        y1: 1,
        line: { color: INK, width: 1.5, dash: 'dot' },
      })),
    },
  };
}

/**
 * The loss of several trainings by epoch, side by side on the training and on the validation set, over equal axes: which
 * rate learns fastest, and which training learns by heart (falling on the left, rising on the right).
 *
 * @param histories - by name, in the order of the legend
 * @throws RangeError if there is no training, one has no epochs, or `highest` is not positive
 */
export function lossesFigure(
  histories: Readonly<Record<string, readonly HistoryRow[]>>,
  { title = 'Loss by epoch', highest }: LossesOptions = {},
): Figure {
  const names = Object.keys(histories);
  requireSome(names.length, 'losses', 'there must be at least one training');
  for (const name of names) requireSome(histories[name].length, 'losses', `${name} must have at least one epoch`);
  if (highest !== undefined && !(highest > 0))
    throw new RangeError(`Cannot draw losses: highest must be positive, current value is ${highest}`);
  const all = Object.values(histories).flat();
  const largest = Math.max(...all.flatMap(({ loss, valLoss }) => [loss, valLoss]));
  const lines = (of: 'loss' | 'valLoss', side: '' | '2'): JsonObject[] =>
    names.map((name, n) => ({
      type: 'scatter',
      mode: 'lines+markers',
      name: wrapped(name, 24),
      legendgroup: name,
      showlegend: side === '',
      x: histories[name].map(({ epoch }) => epoch),
      y: histories[name].map((row) => rounded(row[of], 5)),
      xaxis: `x${side}`,
      yaxis: `y${side}`,
      line: { color: TRAINING_COLOURS[n % TRAINING_COLOURS.length], width: 2 },
      hovertemplate: `epoch %{x}<br>${of === 'loss' ? 'training' : 'validation'} loss: %{y:.3f} nats<extra>${wrapped(name, 24)}</extra>`,
      marker: { size: 5, symbol: n % TRAINING_SYMBOLS },
    }));
  const last = Math.max(...all.map(({ epoch }) => epoch));
  const epochs = { range: [0.5, last + 0.5], ...(last <= 10 ? { dtick: 1 } : {}) };
  const losses = { range: [0, highest ?? 1.05 * largest] };
  return {
    data: [...lines('loss', ''), ...lines('valLoss', '2')],
    layout: {
      ...baseLayout(title, 400, true),
      meta: { minWidth: 600 },
      xaxis: axis('epoch', { ...epochs, domain: [0, 0.45] }),
      yaxis: axis('training loss in nats', losses),
      xaxis2: axis('epoch', { ...epochs, domain: [0.56, 1], anchor: 'y2' }),
      yaxis2: axis('validation loss in nats', { ...losses, anchor: 'x2' }),
    },
  };
}

/** How losses are drawn. */
export interface LossesOptions {
  readonly title?: string;
  /** Top of the axes in nats, for trainings that begin or end far above the others; default: the largest loss. */
  readonly highest?: number;
}

const TRAINING_COLOURS = [COLOURS.blue, COLOURS.vermillion, COLOURS.green, COLOURS.orange, COLOURS.purple];
/** Plotly numbers its marks: circle, square, diamond, cross, x. */
const TRAINING_SYMBOLS = 5;

/**
 * Which classes are taken for which: true classes from top to bottom, predicted ones from left to right.
 *
 * A true class without clips has no percentages: its row is empty when normalised.
 *
 * @param confusion - clips by `[true class][predicted class]`, shape `(labels, labels)`
 * @throws RangeError if there are no labels, or the matrix does not fit them
 */
export function confusionFigure(
  confusion: readonly (readonly number[])[],
  labels: readonly string[],
  options: ConfusionOptions,
): Figure {
  requireSome(labels.length, 'a confusion matrix', 'there must be at least one class');
  const widths = [confusion.length, ...confusion.map((row) => row.length)];
  const odd = widths.find((width) => width !== labels.length);
  if (odd !== undefined)
    throw new RangeError(
      `Cannot draw a confusion matrix: it must have ${labels.length} rows and columns, one per class, current number is ${odd}`,
    );
  const { normalise, title } = options;
  const totals = confusion.map((row) => row.reduce((sum, count) => sum + count, 0));
  const cells = confusion.map((row, r) =>
    row.map((count) => (!normalise ? count : totals[r] > 0 ? rounded((100 * count) / totals[r], 2) : null)),
  );
  const largest = Math.max(...confusion.flat(), 1);
  const names = classNames(labels);
  const slanted = labels.length > 8 || labels.some((label) => label.length > 10);
  return {
    data: [
      {
        type: 'heatmap',
        x: names,
        y: names,
        z: cells,
        text: cells.map((row) => row.map((value) => (value === null ? '' : normalise ? value.toFixed(0) : `${value}`))),
        texttemplate: '%{text}',
        textfont: { size: labels.length > 10 ? 11 : 13 },
        customdata: confusion,
        hovertemplate: `true: %{y}<br>predicted: %{x}<br>clips: %{customdata}${normalise ? '<br>share of the true class: %{z:.1f} %' : ''}<extra></extra>`,
        xgap: 1,
        ygap: 1,
        zmin: 0,
        zmax: normalise ? 100 : largest,
        colorscale: 'Cividis',
        colorbar: { title: { text: normalise ? '%' : 'clips' }, thickness: 14, outlinewidth: 0 },
      },
    ],
    layout: {
      ...baseLayout(
        title ?? `Confusion matrix (${normalise ? '% of the true class' : 'clips'})`,
        140 + Math.max(labels.length * rowHeight(names, 46), 230) + (slanted ? 60 : 0),
      ),
      ...(slanted ? { meta: { minWidth: 300 + 32 * labels.length } } : {}),
      xaxis: axis('predicted class', {
        type: 'category',
        showgrid: false,
        tickangle: slanted ? -45 : 'auto',
        tickvals: labels.map((_, c) => c),
        ticktext: labels.map(shortLabel),
      }),
      yaxis: axis('true class', { type: 'category', autorange: 'reversed', showgrid: false }),
    },
  };
}

/**
 * The share of each class that is found, beside what guessing would find; the mean of the bars is the UAR.
 *
 * @throws RangeError if there are no classes
 */
export function recallFigure(metrics: Metrics, title?: string): Figure {
  const labels = Object.keys(metrics.perClass);
  requireSome(labels.length, 'recall per class', 'there must be at least one class');
  const classes = Object.values(metrics.perClass);
  const chance = 100 * chanceLevel(metrics);
  const colours = classColours(labels);
  const names = labels.map((label, c) => wrapped(`${label} (${classes[c].support})`, 24));
  const line = (value: number, colour: string, dash: string): JsonObject => ({
    type: 'line',
    xref: 'x',
    yref: 'paper',
    x0: value,
    x1: value,
    y0: 0,
    y1: 1,
    line: { color: colour, width: 1.5, dash },
  });
  const uar = 100 * metrics.uar;
  return {
    data: [
      {
        type: 'bar',
        orientation: 'h',
        y: names,
        x: classes.map(({ recall, support }) => (support > 0 ? rounded(100 * recall, 2) : null)),
        marker: { color: labels.map((label) => colours[label]) },
        customdata: classes.map(({ support }) => support),
        hovertemplate: 'recall of %{y}: %{x:.1f} %<br>clips: %{customdata}<extra></extra>',
        showlegend: false,
      },
      {
        type: 'scatter',
        mode: 'text',
        y: names,
        x: names.map(() => 102),
        text: classes.map(({ recall, support }) => (support > 0 ? `${(100 * recall).toFixed(0)} %` : 'none')),
        textposition: 'middle right',
        cliponaxis: false,
        hoverinfo: 'skip',
        showlegend: false,
      },
      legendLine(`UAR, ${uar.toFixed(1)} %`, 'solid'),
      legendLine(`chance, ${chance.toFixed(1)} %`, 'dot'),
    ],
    layout: {
      ...baseLayout(title ?? 'Recall per class', 130 + Math.max(labels.length * rowHeight(names, 36), 120), true),
      bargap: 0.3,
      xaxis: axis('recall in %', { range: [0, 120], tickvals: [0, 20, 40, 60, 80, 100] }),
      yaxis: axis('class (clips)', { type: 'category', autorange: 'reversed', showgrid: false }),
      shapes: [line(uar, INK, 'solid'), line(chance, INK, 'dot')],
    },
  };
}

/**
 * The share of each class that several networks find, side by side.
 *
 * @param byName - each network's figures on the same clips, in the order of the legend
 * @throws RangeError if there is no network
 */
export function recallsFigure(byName: Readonly<Record<string, Metrics>>, title = 'Recall by emotion'): Figure {
  const names = Object.keys(byName);
  requireSome(names.length, 'recalls', 'there must be at least one network');
  const labels = Object.keys(byName[names[0]].perClass);
  return {
    data: names.map((name, n) => ({
      type: 'bar',
      name: wrapped(name, 24),
      x: classNames(labels),
      y: labels.map((label) => rounded(100 * byName[name].perClass[label].recall, 2)),
      marker: { color: TRAINING_COLOURS[n % TRAINING_COLOURS.length] },
      hovertemplate: '%{fullData.name}<br>%{x}: %{y:.1f} %<extra></extra>',
    })),
    layout: {
      ...baseLayout(title, 360, true),
      barmode: 'group',
      xaxis: axis('emotion', { type: 'category', showgrid: false }),
      yaxis: axis('recall in %', { range: [0, 102] }),
    },
  };
}

/** A name short enough for a slanted label below a column; the row has it in full. */
function shortLabel(label: string): string {
  const characters = [...label];
  return plain(characters.length > 24 ? `${characters.slice(0, 23).join('')}…` : label);
}

/** An entry of the legend for a line that is a shape, which has none of its own. */
function legendLine(name: string, dash: string): JsonObject {
  return { type: 'scatter', mode: 'lines', name, x: [null], y: [null], line: { color: INK, width: 1.5, dash } };
}
