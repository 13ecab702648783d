import { readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { wavFile } from '../audio/wav-file.js';
import { InputError } from '../common/errors.js';
import { writeFile } from '../common/files.js';
import { type Figure, unwrapped } from '../plots/figure.js';
import { toHtml } from './html.js';
import { toPng } from './picture.js';
import { LARGEST_PLAYER_BYTES, playerHtml } from './player.js';
import { type TableLike, type TableOptions, tableHtml } from './table.js';

/** How a figure is shown: to zoom into and point at, or as a PNG, which every page can show. */
export type Rendering = 'interactive' | 'picture';

export interface ShowOptions {
  /** Default: interactive, but a picture where notebooks are executed to be stored (`npm run notebooks`). */
  readonly as?: Rendering;
  /** Outside a notebook: the file to write; default: one named after the figure's title, in the temporary folder. */
  readonly file?: string;
}

/** Mono samples in [-1, 1] and their rate. */
export interface Sound {
  readonly samples: Float32Array;
  readonly sampleRateHz: number;
}

/** Set by `npm run notebooks` for the kernels that it starts, and by nothing else. */
export const PICTURES_VARIABLE = 'SPEECH_EMOTION_PICTURES';

const PLOTLY_TYPE = 'application/vnd.plotly.v1+json';

/** Pixels per px of pictures in notebooks: sharp, and the same as a heat map's own, so that its cells keep sharp edges. */
const PICTURE_SCALE = 2;

/** Colours of pictures in notebooks: steps of about 2 dB in a spectrogram, and notebooks stay small. */
const PICTURE_COLOURS = 48;

/** The part of tslab's output below a cell that is used here. */
type Display = Pick<import('tslab').Display, 'html' | 'png' | 'raw'>;

/**
 * Shows a figure below the cell: interactive in JupyterLab and VS Code, a PNG where notebooks are executed to be stored.
 *
 * Outside a notebook it writes a page, or with `as: 'picture'` a PNG, and prints where it is.
 */
export async function show(figure: Figure, options: ShowOptions = {}): Promise<void> {
  const kernel = kernelOf();
  if (kernel) return display(figure, kernel.display, options.as ?? defaultRendering());
  const picture = options.as === 'picture';
  const content = picture ? await toPng(figure) : toHtml(figure);
  announce(options.file ?? fileFor(titleOf(figure), picture ? 'png' : 'html'), content);
}

/**
 * A figure that changes while a cell runs: every call of the returned function replaces what is shown.
 *
 * @example
 * const update = showLive();
 * for await (const epoch of training.epochs()) await update(historyFigure(training.history, epoch.epoch));
 * @throws InputError outside a notebook
 */
export function showLive(options: Pick<ShowOptions, 'as'> = {}): (figure: Figure) => Promise<void> {
  const kernel = kernelOf();
  if (!kernel) throw new InputError('Cannot show a changing figure: this is not a notebook; use show() at the end');
  const place = kernel.newDisplay();
  const as = options.as ?? defaultRendering();
  let drawn = false;
  return async (figure) => {
    // JupyterLab's Plotly draws an output once and ignores changes; after an output of another kind it draws again.
    if (drawn && as === 'interactive')
      place.html(`<div style="height:${Number(figure.layout.height) || 450}px"></div>`);
    drawn = true;
    await display(figure, place, as);
  };
}

/**
 * A line of text that changes while a cell runs: every call of the returned function replaces what is shown. Outside a
 * notebook it prints line after line.
 *
 * @example const run = await savedRun(config, { directory, reporter: lineReporter(showLine()) });
 */
export function showLine(): (line: string) => void {
  const place = kernelOf()?.newDisplay();
  return (line) => (place ? place.text(line) : console.log(line));
}

/**
 * Shows an audio player: of a recording by its path, or of samples.
 *
 * The sound becomes part of the notebook. Keep that in mind before you share one: the licence of TESS forbids passing its
 * clips on; EMO-DB, which comes with the project, is in the public domain (CC0).
 *
 * @param caption - default: the file's name, or the duration
 * @throws InputError if there is no such file, or it is too large to be held in a page (20 MB)
 */
export function play(audio: string | Sound, caption = captionOf(audio)): void {
  const file = typeof audio === 'string' ? read(audio) : wavFile(audio.samples, audio.sampleRateHz);
  showHtml(playerHtml(file, caption), caption);
}

/**
 * Shows a danfo DataFrame, or rows, as a table: at most `rows` of them, numbers rounded to `digits`.
 */
export function showTable(data: TableLike | readonly object[], options: TableOptions = {}): void {
  showHtml(tableHtml(data, options), 'table');
}

function showHtml(html: string, name: string): void {
  const kernel = kernelOf();
  if (kernel) kernel.display.html(html);
  else announce(fileFor(name, 'html'), `<!DOCTYPE html>\n<meta charset="utf-8">\n${html}\n`);
}

async function display(figure: Figure, place: Display, as: Rendering): Promise<void> {
  // The type allows only text and bytes, but JSON goes through as it is.
  if (as === 'interactive') place.raw(PLOTLY_TYPE, figure as unknown as string);
  else place.png(await toPng(figure, { scale: PICTURE_SCALE, colours: PICTURE_COLOURS }));
}

function defaultRendering(): Rendering {
  return process.env[PICTURES_VARIABLE] ? 'picture' : 'interactive';
}

/** tslab, if this code runs in its kernel: it puts a global there for its cells. */
function kernelOf(): typeof import('tslab') | undefined {
  if (!('__tslab__' in globalThis)) return undefined;
  return require('tslab');
}

function announce(path: string, content: string | Uint8Array): void {
  writeFile(path, content);
  console.log(`Written to ${path}`);
}

function fileFor(name: string, ending: string): string {
  const slug = name.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '-');
  return join(tmpdir(), 'speech-emotion', `${slug.replace(/^-+|-+$/g, '').slice(0, 80) || 'figure'}.${ending}`);
}

function titleOf({ layout }: Figure): string {
  return unwrapped((layout.title as { readonly text?: string } | undefined)?.text ?? '');
}

function captionOf(audio: string | Sound): string {
  if (typeof audio === 'string') return basename(audio);
  return `${(audio.samples.length / audio.sampleRateHz).toFixed(2)} s`;
}

function read(path: string): Uint8Array {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found?.isFile()) throw new InputError(`Cannot play ${path}: there is no such file`);
  if (found.size > LARGEST_PLAYER_BYTES)
    throw new InputError(
      `Cannot play ${path}: it must have at most ${LARGEST_PLAYER_BYTES} bytes, current number is ${found.size}; decode it and play a part`,
    );
  return readFileSync(path);
}
