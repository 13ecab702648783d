import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { writeFile } from '../common/files.js';
import { toHtml } from '../pages/html.js';
import { toPng } from '../pages/picture.js';
import { plotlySource } from '../pages/plotly-source.js';
import type { Figure } from '../plots/figures.js';
import type { ReportFigure } from './figure.js';
import { RUN_FILES } from './folder.js';

/** A figure as it is written. */
export interface DrawnFigure {
  readonly name: string;
  readonly title: string;
  readonly caption: string;
  readonly figure: Figure;
}

/** Draws those figures that have something to show. */
export async function drawFigures<Shown>(
  figures: readonly ReportFigure<Shown>[],
  shown: Shown,
): Promise<DrawnFigure[]> {
  const drawn: DrawnFigure[] = [];
  for (const { name, title, caption, draw } of figures) {
    await othersTurn();
    const figure = await draw(shown);
    if (figure) drawn.push({ name, title, caption: caption(shown), figure });
  }
  return drawn;
}

/** Writes each figure as a page and a picture of its own. */
export async function writeFigures(directory: string, figures: readonly DrawnFigure[]): Promise<void> {
  // The pages share Plotly, which is larger than all of them.
  const plotlyFile = 'plotly.min.js';
  writeFile(join(directory, RUN_FILES.figures, plotlyFile), plotlySource());
  for (const { name, title, figure } of figures) {
    await othersTurn();
    writeFile(join(directory, RUN_FILES.figures, `${name}.html`), toHtml(figure, { title, plotlyFile }));
    writeFile(join(directory, RUN_FILES.figures, `${name}.png`), await toPng(figure));
  }
}

/** Lets Ctrl-C through, which drawing would keep out for seconds. */
async function othersTurn(): Promise<void> {
  await setImmediate();
}
