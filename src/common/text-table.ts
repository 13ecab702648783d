import Table from 'cli-table3';
import { printable } from './printable.js';

/**
 * A table as text for a terminal or a file: no colours, and a line only below the heading. Where the terminal is narrower,
 * each row is a block of lines instead, which begins with its first cell.
 *
 * @param width - columns; default: the terminal's, or as many as are wanted where there is none
 */
export function textTable(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  width = process.stdout.columns ?? Number.POSITIVE_INFINITY,
): string {
  const table = wideTable(head, rows);
  return table.split('\n').some((line) => line.length > width) ? blocks(head, rows) : table;
}

function blocks(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const named = (cell: string | number, i: number) =>
    head[i + 1] ? `${head[i + 1]}: ${inOneLine(cell)}` : inOneLine(cell);
  return rows
    .flatMap(([first, ...others]) => [inOneLine(first), ...others.map((cell, i) => `  ${named(cell, i).trim()}`)])
    .join('\n');
}

function wideTable(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const table = new Table({ head: [...head], style: { head: [], border: [] } });
  const numeric = rows[0]?.map((cell) => typeof cell === 'number');
  table.options.colAligns = numeric?.map((isNumber) => (isNumber ? 'right' : 'left')) ?? [];
  for (const row of rows) table.push(row.map(inOneLine));
  // cli-table3 draws a line between all rows or none: only the one below the heading is kept.
  const isRule = (line: string) => line.startsWith('├');
  const lines = table.toString().split('\n');
  const firstRule = head.length > 0 ? lines.findIndex(isRule) : -1;
  return lines.filter((line, i) => i === firstRule || !isRule(line)).join('\n');
}

/** File names may hold line breaks and colours, which would shift the cells beside and below. */
function inOneLine(cell: string | number): string {
  return printable(String(cell).replace(/[\r\n\t]+/g, ' '));
}
