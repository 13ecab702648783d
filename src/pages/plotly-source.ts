import { readFileSync } from 'node:fs';

let source: string | undefined;

/**
 * The program text of Plotly, 4.8 MB, read once. A dozen Chinese characters in it are escaped: without them, it and every page
 * that it is in take one byte a character in memory, not two.
 */
export function plotlySource(): string {
  if (source === undefined) {
    const text = readFileSync(require.resolve('plotly.js-dist-min'), 'utf8');
    const escaped = text.replace(
      /[^\0-\x7f]/g,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
    // Made anew from bytes: what is left of a text with wide characters stays wide.
    source = Buffer.from(escaped, 'latin1').toString('latin1');
  }
  return source;
}
