import { join } from 'node:path';
import type { Canvas, ImageData } from '@napi-rs/canvas';
import type { DOMWindow } from 'jsdom';
import { printable } from '../common/printable.js';
import { seededRandom } from '../common/random.js';
import { type Figure, FONT, type JsonObject } from '../plots/figure.js';
import { plotlySource } from './plotly-source.js';
import { installTextBoxes } from './text-boxes.js';

/** Size of a picture. */
export interface PictureOptions {
  /** In px before scaling; default 800. */
  readonly width?: number;
  /** In px before scaling; default: the figure's own, else 450. */
  readonly height?: number;
  /** Pixels per px; default 2, for sharp text. */
  readonly scale?: number;
  /** The most colours it may have; default: no limit. With 64, a spectrogram takes a quarter of the bytes. */
  readonly colours?: number;
}

const FONT_FILE = join(__dirname, 'fonts', 'OpenSans-Regular.ttf');

/** Canvas pixels per px of a heat map, so that its cells keep sharp edges when the picture is scaled. */
const CANVAS_SCALE = 2;

/** Pictures are drawn one after another: equal figures give equal bytes, whatever was drawn before. */
let last: Promise<unknown> = Promise.resolve();
let window: Promise<DOMWindow> | undefined;

/**
 * Draws a figure as SVG, without a browser: Plotly in jsdom, text measured with the bundled font. The same figure
 * gives the same text on every machine. The first call takes about two seconds, later ones 0.1 to 0.3.
 *
 * @throws RangeError if a size is not positive
 */
export function toSvg(figure: Figure, options: PictureOptions = {}): Promise<string> {
  const size = sizeOf(figure, options);
  const drawn = last.then(async () => {
    window ??= openWindow();
    return drawSvg(await window, figure, size);
  });
  last = drawn.catch(() => undefined);
  return drawn;
}

/**
 * Draws a figure as PNG on white ground, with the bundled font. The same figure gives the same bytes.
 *
 * @returns the file's content, `width * scale` by `height * scale` pixels
 * @throws RangeError if a size is not positive, or `colours` is not an integer from 2 to 256
 */
export async function toPng(figure: Figure, options: PictureOptions = {}): Promise<Buffer> {
  const { scale = 2, colours } = options;
  requirePositive('scale', scale);
  if (colours !== undefined && !(Number.isInteger(colours) && colours >= 2 && colours <= 256))
    throw new RangeError(
      `Cannot draw a picture: colours must be an integer from 2 to 256, current value is ${colours}`,
    );
  const svg = await toSvg(figure, options);
  const { Resvg } = await import('@resvg/resvg-js');
  const resvg = new Resvg(svg, {
    background: '#FFFFFF',
    fitTo: { mode: 'zoom', value: scale },
    font: { fontFiles: [FONT_FILE], loadSystemFonts: false, defaultFontFamily: FONT, sansSerifFamily: FONT },
  });
  const picture = resvg.render();
  if (colours === undefined) return picture.asPng();
  const { default: upng } = await import('upng-js');
  const pixels = Uint8Array.from(picture.pixels).buffer;
  return Buffer.from(upng.encode([pixels], picture.width, picture.height, colours));
}

function sizeOf(figure: Figure, options: PictureOptions): { width: number; height: number } {
  const width = options.width ?? 800;
  const height = options.height ?? (Number(figure.layout.height) || 450);
  requirePositive('width', width);
  requirePositive('height', height);
  return { width, height };
}

function requirePositive(name: string, value: number): void {
  if (!(value > 0 && Number.isFinite(value)))
    throw new RangeError(`Cannot draw a picture: ${name} must be a positive number, current value is ${value}`);
}

/** The part of Plotly that pictures use. */
interface Plotly {
  toImage(figure: object, options: { format: 'svg'; width: number; height: number }): Promise<string>;
}

async function drawSvg(window: DOMWindow, figure: Figure, size: { width: number; height: number }): Promise<string> {
  // Plotly draws the ids in the SVG from Math.random; this is the window's own Math.
  window.Math.random = seededRandom(1);
  const copy = window.JSON.parse(
    JSON.stringify({ data: figure.data, layout: { ...figure.layout, ...size } }, (_, value) =>
      typeof value === 'string' ? printable(value) : value,
    ),
  ) as JsonObject;
  const url = await (window.Plotly as Plotly).toImage(copy, { format: 'svg', ...size });
  return decodeURIComponent(url.slice(url.indexOf(',') + 1));
}

/** A window with Plotly in it. No global of this process changes, and none of the window's timers keeps the process alive. */
async function openWindow(): Promise<DOMWindow> {
  const [{ JSDOM, VirtualConsole }, { createCanvas, GlobalFonts }] = await Promise.all([
    import('jsdom'),
    import('@napi-rs/canvas'),
  ]);
  GlobalFonts.registerFromPath(FONT_FILE, FONT);
  const { window } = new JSDOM('<!DOCTYPE html><body></body>', {
    runScripts: 'outside-only',
    // Plotly's notes about what jsdom lacks do not concern the user.
    virtualConsole: new VirtualConsole(),
  });
  const rulers = createCanvas(1, 1).getContext('2d');
  installTextBoxes(window, (text, size) => {
    rulers.font = `${size}px "${FONT}"`;
    return rulers.measureText(text).width;
  });
  type Drawn = HTMLCanvasElement & { drawing?: Canvas };
  Object.assign(window.HTMLCanvasElement.prototype, {
    getContext(this: Drawn, kind: string) {
      if (kind !== '2d') return null;
      const drawing = createCanvas(this.width * CANVAS_SCALE, this.height * CANVAS_SCALE);
      this.drawing = drawing;
      const context = drawing.getContext('2d');
      context.scale(CANVAS_SCALE, CANVAS_SCALE);
      // putImageData ignores the scale.
      const putImageData = (pixels: ImageData, x: number, y: number) => {
        const layer = createCanvas(pixels.width, pixels.height);
        layer.getContext('2d').putImageData(pixels, 0, 0);
        context.drawImage(layer, x, y);
      };
      Object.assign(context, { putImageData });
      return context;
    },
    toDataURL(this: Drawn) {
      return this.drawing!.toDataURL('image/png');
    },
  });
  window.URL.createObjectURL = () => '';
  // Without `pixelated` images, which SVG renderers blur, Plotly draws heat maps cell by cell.
  Object.assign(window, { TextDecoder, TextEncoder, CSS: { supports: () => false } });
  window.eval(plotlySource());
  return window;
}
