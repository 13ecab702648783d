/** Anything that JSON can hold: figures are plain data, so that they can be stored, sent to a notebook and inlined in HTML. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;

/** An object of JSON values. */
export interface JsonObject {
  readonly [key: string]: Json;
}

/** A Plotly figure: traces and layout, as in https://plotly.com/javascript/reference. */
export interface Figure {
  readonly data: readonly JsonObject[];
  readonly layout: JsonObject;
}

/** The colours of Okabe and Ito (2008), which people with any kind of colour vision can tell apart. */
export const COLOURS = {
  black: '#000000',
  orange: '#E69F00',
  skyBlue: '#56B4E9',
  green: '#009E73',
  yellow: '#F0E442',
  blue: '#0072B2',
  vermillion: '#D55E00',
  purple: '#CC79A7',
  grey: '#7F7F7F',
} as const;

/** The line and text colour of everything that is not data. */
export const INK = '#262626';

/** The font of all figures; pictures take it from the file in `src/pages/fonts`. */
export const FONT = 'Open Sans';

/** By the emotions' names in the vocabulary that all corpora share. */
const EMOTION_COLOURS: Readonly<Record<string, string>> = {
  anger: COLOURS.vermillion,
  boredom: COLOURS.black,
  calm: COLOURS.yellow,
  disgust: COLOURS.green,
  fear: COLOURS.purple,
  happiness: COLOURS.orange,
  neutral: COLOURS.grey,
  sadness: COLOURS.blue,
  surprise: COLOURS.skyBlue,
};

/**
 * One colour per class: the same for an emotion in every figure, whatever other classes are there.
 *
 * Words that are not a known emotion get the colours left over, in alphabetical order; they repeat after the ninth.
 *
 * @returns by class name
 */
export function classColours(labels: readonly string[]): Record<string, string> {
  const known = (label: string) => EMOTION_COLOURS[label];
  const taken = new Set(labels.map(known));
  const all = [...Object.values(COLOURS).filter((colour) => colour !== COLOURS.black), COLOURS.black];
  const free = all.filter((colour) => !taken.has(colour));
  const palette = free.length > 0 ? free : all;
  const unknown = [...new Set(labels)].filter((label) => known(label) === undefined).sort();
  return Object.fromEntries(
    labels.map((label) => [label, known(label) ?? palette[unknown.indexOf(label) % palette.length]]),
  );
}

/** Escapes a text for Plotly, which reads some HTML in every text, so that names are shown as they are. */
export function plain(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/**
 * Breaks a text into lines for Plotly, at spaces, `_`, `-` and `/` where there are any, and escapes it.
 *
 * @param width - characters that a line may have
 */
export function wrapped(text: string, width: number): string {
  const lines: string[] = [];
  let line = '';
  for (const piece of text.split(/(?<=[\s_/-])/).flatMap((word) => chunks(word, width))) {
    if (line !== '' && [...(line + piece).trimEnd()].length > width) {
      lines.push(line);
      line = '';
    }
    line += piece;
  }
  return [...lines, line].map((each) => plain(each.trim())).join('<br>');
}

/** The text that {@link wrapped} was given, except for spaces at the ends of its lines. */
export function unwrapped(text: string): string {
  return text.replaceAll('<br>', ' ').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

function chunks(word: string, width: number): string[] {
  const characters = [...word];
  const parts: string[] = [];
  for (let i = 0; i < characters.length; i += width) parts.push(characters.slice(i, i + width).join(''));
  return parts;
}

/** Characters of a class name in one line; longer names are broken. */
const CLASS_NAME_WIDTH = 24;

/** Class names as an axis shows them. */
export function classNames(labels: readonly string[]): string[] {
  return labels.map((label) => wrapped(label, CLASS_NAME_WIDTH));
}

/** Height in px of a row that holds any of these names, at least `least`. */
export function rowHeight(names: readonly string[], least: number): number {
  return Math.max(least, ...names.map((name) => 12 + 18 * name.split('<br>').length));
}

const TITLE_ROOM = 34;
const TITLE_LINE = 22;
const LEGEND_ROOM = 28;

/** What all figures share: font, colours, white ground, room for the title and a legend above the plot. */
export function baseLayout(title: string | undefined, height: number, legend = false): JsonObject {
  const text = title ? wrapped(title, 64) : '';
  const room = titleRoom(text);
  return {
    ...(title ? { title: { text, font: { size: 17 }, x: 0.5, y: 1, yanchor: 'top', pad: { t: titleTop(text) } } } : {}),
    ...(legend
      ? {
          legend: {
            orientation: 'h',
            x: 0.5,
            xanchor: 'center',
            y: 1,
            yanchor: 'bottom',
            traceorder: 'normal',
            bgcolor: 'rgba(0,0,0,0)',
          },
        }
      : {}),
    showlegend: legend,
    height: height + room,
    margin: { t: 12 + room + (legend ? LEGEND_ROOM : 0), r: 24, b: 56, l: 64 },
    font: { family: `${FONT}, Arial, sans-serif`, size: 13, color: INK },
    paper_bgcolor: '#FFFFFF',
    plot_bgcolor: '#FFFFFF',
    hoverlabel: { align: 'left' },
  };
}

/** The same figure without its title and the room for it: for pages that set the title themselves. */
export function withoutTitle(figure: Figure): Figure {
  const { title, ...layout } = figure.layout;
  if (title === undefined) return figure;
  const room = titleRoom(String((title as JsonObject).text));
  const margin = layout.margin as { readonly t: number };
  return {
    data: figure.data,
    layout: { ...layout, height: Number(layout.height) - room, margin: { ...margin, t: margin.t - room } },
  };
}

/** Plotly lowers a title of one line, but not one of several, by 0.7 of its size. */
function titleTop(text: string): number {
  return text.includes('<br>') ? 24 : 12;
}

function titleRoom(text: string): number {
  return text === '' ? 0 : TITLE_ROOM + (text.split('<br>').length - 1) * TITLE_LINE;
}

/** An axis with its title: never clipped, thin grid. Further settings in `more`. */
export function axis(title: string, more: JsonObject = {}): JsonObject {
  return {
    title: { text: title, standoff: 10 },
    automargin: true,
    gridcolor: '#E5E5E5',
    zeroline: false,
    linecolor: INK,
    ticks: 'outside',
    tickcolor: INK,
    ...more,
  };
}

/** Rounds for a smaller figure. */
export function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

/** Digits of values in a figure: more than can be seen, fewer than there are. */
const SIGNIFICANT_DIGITS = 5;

/** Shortens a value of any size for a smaller figure. */
export function shortened(value: number): number {
  return Number(value.toPrecision(SIGNIFICANT_DIGITS));
}

/** Smallest and largest of all values. A plain loop: spectrograms have more values than a function takes arguments. */
export function rangeOf(all: readonly ArrayLike<number>[]): [low: number, high: number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const values of all)
    for (let i = 0; i < values.length; i++) {
      low = Math.min(low, values[i]);
      high = Math.max(high, values[i]);
    }
  return [low, high];
}

/** Evenly spaced items, the first and the last among them; all of them where they are no more than `most`. */
export function thinned<T>(items: ArrayLike<T>, most: number): T[] {
  if (items.length <= most) return Array.from(items);
  return Array.from({ length: most }, (_, i) => items[Math.round((i * (items.length - 1)) / (most - 1))]);
}

/** Refuses to draw a figure of nothing. */
export function requireSome(count: number, action: string, rule: string): void {
  if (count === 0) throw new RangeError(`Cannot draw ${action}: ${rule}, current number is 0`);
}
