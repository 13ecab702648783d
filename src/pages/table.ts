import { escapeHtml } from './html.js';

/** A danfo DataFrame, as far as a table needs it. */
export interface TableLike {
  readonly columns: readonly string[];
  readonly values: readonly unknown[];
  readonly index: readonly (string | number)[];
}

export interface TableOptions {
  /** The first so many rows are shown; default 10. */
  readonly rows?: number;
  /** Digits after the point, for numbers that are not whole; default 3. */
  readonly digits?: number;
}

export const TABLE_DEFAULTS: Required<TableOptions> = { rows: 10, digits: 3 };

/**
 * A DataFrame, or rows, as an HTML table: numbers rounded and on the right, only the first rows, and how many there are in all.
 *
 * An index that only counts from 0 is not shown; one that names rows (`describe`) is.
 *
 * @returns HTML without style sheets or scripts, every text escaped
 * @throws RangeError if `rows` is not a positive integer, or `digits` not an integer from 0 to 20
 */
export function tableHtml(data: TableLike | readonly object[], options: TableOptions = {}): string {
  const { rows, digits } = { ...TABLE_DEFAULTS, ...options };
  requireInteger('rows', rows, [1, Number.MAX_SAFE_INTEGER]);
  requireInteger('digits', digits, [0, 20]);
  const { head, body } = cellsOf(data);
  const numeric = head.map((_, c) => body.length > 0 && body.every((row) => row[c] === null || isNumber(row[c])));
  const cell = (tag: string, content: string, right: boolean) =>
    `<${tag} style="text-align:${right ? 'right' : 'left'}">${content}</${tag}>`;
  const line = (cells: readonly string[]) => `<tr>${cells.join('')}</tr>`;
  const shown = body.slice(0, rows);
  const note = body.length > shown.length ? `<p>${shown.length} of ${body.length} rows</p>` : '';
  return [
    '<table>',
    `<thead>${line(head.map((name, c) => cell('th', escapeHtml(name), numeric[c])))}</thead>`,
    '<tbody>',
    ...shown.map((row) => line(row.map((value, c) => cell('td', textOf(value, digits), numeric[c])))),
    '</tbody>',
    `</table>${note}`,
  ].join('\n');
}

function cellsOf(data: TableLike | readonly object[]): { head: string[]; body: unknown[][] } {
  if ('columns' in data) {
    const named = data.index.some((name) => typeof name !== 'number');
    const body = (data.values as readonly unknown[]).map((row) => (Array.isArray(row) ? row : [row]));
    return {
      head: [...(named ? [''] : []), ...data.columns],
      body: body.map((row, i) => [...(named ? [data.index[i]] : []), ...row]),
    };
  }
  const head = [...new Set(data.flatMap((row) => Object.keys(row)))];
  return { head, body: data.map((row) => head.map((name) => (row as Record<string, unknown>)[name] ?? null)) };
}

function textOf(value: unknown, digits: number): string {
  if (value === null || value === undefined || Number.isNaN(value)) return '';
  if (isNumber(value)) return Number.isInteger(value) ? `${value}` : rounded(value, digits);
  return escapeHtml(String(value));
}

/** With this many digits after the point, or as many significant ones where it would read as zero. */
function rounded(value: number, digits: number): string {
  const text = value.toFixed(digits);
  return Number(text) === 0 ? value.toPrecision(Math.max(1, digits)) : text;
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}

function requireInteger(name: string, value: number, [least, most]: [number, number]): void {
  if (!Number.isInteger(value) || value < least || value > most)
    throw new RangeError(`Cannot show a table: ${name} must be an integer from ${least}, current value is ${value}`);
}
