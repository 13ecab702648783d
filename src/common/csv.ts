import { existsSync } from 'node:fs';
import Papa from 'papaparse';
import { InputError } from './errors.js';
import { bytesOf, writeFile } from './files.js';

/** Rows that are turned into text together. */
const ROWS_TOGETHER = 1000;

/** Writes rows as CSV, see {@link csvText}; they need not be in memory together. */
export function writeCsv(path: string, rows: Iterable<object>, columns?: readonly string[]): void {
  writeFile(path, csvPieces(rows, columns));
}

/**
 * How texts begin that a spreadsheet would compute, such as `=HYPERLINK(…)`: they get an apostrophe in front, which a
 * spreadsheet takes for the sign of a text and {@link readCsv} takes away. So do those that begin with apostrophes before it.
 */
const FORMULA = /^'*[=+\-@\t\r]/;

/** Rows as CSV with a header line; the columns are the first row's unless given. Texts that look like formulas are none. */
export function csvText(rows: Iterable<object>, columns?: readonly string[]): string {
  return [...csvPieces(rows, columns)].join('');
}

/** The same, some rows at a time. */
export function* csvPieces(rows: Iterable<object>, columns?: readonly string[]): Generator<string> {
  let some: object[] = [];
  let named = columns;
  let header = true;
  const text = () => {
    const options = { columns: named as string[], header, newline: '\n', escapeFormulae: FORMULA };
    return `${Papa.unparse(some, options)}\n`;
  };
  for (const row of rows) {
    named ??= Object.keys(row);
    some.push(row);
    if (some.length < ROWS_TOGETHER) continue;
    yield text();
    some = [];
    header = false;
  }
  if (header || some.length > 0) yield text();
}

/**
 * Reads a CSV file that {@link writeCsv} wrote: each row as its values, all text, by column.
 *
 * @throws InputError if it is missing, two columns have one name, or a row has more or fewer values than there are columns
 */
export function readCsv(path: string): Record<string, string>[] {
  return [...csvRows(path)];
}

/** The same, row by row: neither the file nor its rows are in memory as a whole. */
export function* csvRows(path: string): Generator<Record<string, string>> {
  if (!existsSync(path)) throw new InputError(`${path} is missing`);
  const transform = (text: string) => (FORMULA.test(text) ? text.replace(/^'/, '') : text);
  const damaged = (row: number, why: string) => new InputError(`${path} is damaged: row ${row}: ${why}`);
  let columns: readonly string[] | undefined;
  let before = 0;
  for (const lines of linesIn(path)) {
    const { data, errors } = Papa.parse<string[]>(lines, { delimiter: ',', skipEmptyLines: true, transform });
    const [error] = errors;
    if (error) throw damaged(before + (error.row ?? 0), error.message);
    for (const values of data) {
      if (!columns) {
        columns = namesIn(values, path);
        continue;
      }
      if (values.length !== columns.length)
        throw damaged(
          before,
          `Too ${values.length < columns.length ? 'few' : 'many'} fields: ${columns.length} expected, there are ${values.length}`,
        );
      yield Object.fromEntries(columns.map((column, c) => [column, values[c]]));
      before++;
    }
  }
}

function namesIn(columns: readonly string[], path: string): readonly string[] {
  const twice = columns.find((column, i) => columns.indexOf(column) < i);
  if (twice !== undefined) throw new InputError(`${path} is damaged: there are two columns ${twice}`);
  return columns;
}

/** The text of a CSV file in pieces that end where a row ends. */
function* linesIn(path: string): Generator<string> {
  const decoder = new TextDecoder();
  let text = '';
  for (const bytes of bytesOf(path)) {
    text += decoder.decode(bytes, { stream: true });
    const end = endOfRows(text);
    if (end > 0) yield text.slice(0, end);
    text = text.slice(end);
  }
  text += decoder.decode();
  if (text !== '') yield text;
}

/** Behind the last line break that is outside of quotation marks, or 0, in a text that begins outside of them. */
function endOfRows(text: string): number {
  let end = 0;
  let from = 0;
  for (;;) {
    const opening = text.indexOf('"', from);
    const lineBreak = text.lastIndexOf('\n', opening < 0 ? text.length : opening);
    if (lineBreak >= from) end = lineBreak + 1;
    if (opening < 0) return end;
    const closing = text.indexOf('"', opening + 1);
    if (closing < 0) return end;
    from = closing + 1;
  }
}
