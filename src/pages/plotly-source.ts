import { readFileSync } from 'node:fs';

let source: string | undefined;

/** The program text of Plotly, 4.8 MB, read once. */
export function plotlySource(): string {
  source ??= readFileSync(require.resolve('plotly.js-dist-min'), 'utf8');
  return source;
}
