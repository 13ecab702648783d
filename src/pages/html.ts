import { type Figure, unwrapped, withoutTitle } from '../plots/figure.js';
import { plotlySource } from './plotly-source.js';

/** What a page is made of. */
export interface PageParts {
  readonly title: string;
  /** HTML; figures in it come from {@link figureHtml}. */
  readonly body: string;
  /** CSS. */
  readonly style?: string;
  /** Plotly's program as a file beside the page, for pages that share it; default: in the page. */
  readonly plotlyFile?: string;
}

/** The settings of a single figure's page. */
export interface HtmlOptions {
  /** What the browser's tab shows; default: the figure's own title, else `Figure`. */
  readonly title?: string;
  /** Plotly's program as a file beside the page, written with {@link plotlySource}; default: in the page, 4.8 MB. */
  readonly plotlyFile?: string;
}

/**
 * One interactive figure as a page of its own that works offline.
 *
 * @returns a whole HTML document
 */
export function toHtml(figure: Figure, options: HtmlOptions = {}): string {
  const own = (figure.layout.title as { readonly text?: string } | undefined)?.text;
  const title = options.title ?? (own === undefined ? 'Figure' : unwrapped(own));
  const body = `<h1>${escapeHtml(title)}</h1>${figureHtml(withoutTitle(figure))}`;
  return page({ title, body, plotlyFile: options.plotlyFile });
}

/**
 * A figure inside a page made by {@link page}: as wide as its surroundings, as high as the figure says. A figure that
 * needs a least width (`layout.meta.minWidth`, in px) is scrolled sideways on a narrow screen.
 *
 * The data are JSON in a script element that nothing runs, with `<` escaped, so that no name can end it.
 */
export function figureHtml(figure: Figure): string {
  const height = (Number(figure.layout.height) || 450) + MODE_BAR_ROOM;
  const margin = figure.layout.margin as { readonly t?: number } | undefined;
  const layout = { ...figure.layout, height, margin: { ...margin, t: (margin?.t ?? 60) + MODE_BAR_ROOM } };
  const json = JSON.stringify({ data: figure.data, layout }).replaceAll('<', '\\u003c');
  const minWidth = Number((figure.layout.meta as { readonly minWidth?: number } | undefined)?.minWidth ?? 0);
  return `<div class="scroll"><div class="figure" style="height:${height}px;min-width:${minWidth}px"><script type="application/json">${json}</script></div></div>`;
}

/**
 * A whole HTML document that draws its figures when it opens. It may load nothing from anywhere but the Plotly file
 * beside it, if that is asked for (its content security policy), so it works offline, and nobody learns that it was opened.
 */
export function page({ title, body, style = '', plotlyFile }: PageParts): string {
  const sources = plotlyFile === undefined ? "'unsafe-inline'" : "'unsafe-inline' 'self' file:";
  const plotly =
    plotlyFile === undefined
      ? `<script>${scriptText(plotlySource())}</script>`
      : `<script src="${escapeHtml(plotlyFile)}"></script>`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src ${sources}; style-src 'unsafe-inline'; img-src data: blob:; font-src data:">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>
body { margin: 0 auto; max-width: 960px; padding: 16px; box-sizing: border-box; background: #fff; color: #262626; font: 16px/1.5 "Open Sans", Arial, sans-serif; }
.scroll { overflow-x: auto; }
h1 { font-size: 1.6em; line-height: 1.25; margin: .4em 0; overflow-wrap: anywhere; }
.figure { width: 100%; break-inside: avoid; }
${style}
</style>
</head>
<body>
${body}
${plotly}
<script>${DRAW_FIGURES}</script>
</body>
</html>
`;
}

/** Height in px of Plotly's buttons, which would cover the top of a figure. */
const MODE_BAR_ROOM = 26;

/** Escapes a text for HTML, also inside an attribute. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** Program text that cannot end its script element: `<` where HTML would see a tag or a comment is in a string there. */
function scriptText(source: string): string {
  return source.replace(/<(?=!--|\/?script)/gi, '\\x3c');
}

/**
 * Figures follow the width of the window, and of the paper while printing (18 cm at 96 px per inch). The
 * buttons are the useful ones, none of which sends anything anywhere.
 */
const DRAW_FIGURES = `
const figures = [...document.querySelectorAll('.figure')];
for (const div of figures) {
  const { data, layout } = JSON.parse(div.firstElementChild.textContent);
  div.textContent = '';
  Plotly.newPlot(div, data, { ...layout, autosize: true }, { responsive: true, displaylogo: false, modeBarButtons: [['toImage', 'zoom2d', 'pan2d', 'resetScale2d']] });
}
addEventListener('beforeprint', () => figures.forEach((div) => Plotly.relayout(div, { width: 680 })));
addEventListener('afterprint', () => figures.forEach((div) => Plotly.relayout(div, { width: null, autosize: true })));
`;
