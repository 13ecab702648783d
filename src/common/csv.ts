import { existsSync, readFileSync } from 'node:fs';
import Papa from 'papaparse';
import { InputError } from './errors.js';
import { writeFile } from './files.js';

/** Writes rows as CSV, see {@link csvText}. */
export function writeCsv(path: string, rows: readonly object[], columns?: readonly string[]): void {
  writeFile(path, csvText(rows, columns));
}

/**
 * How texts begin that a spreadsheet would compute, such as `=HYPERLINK(…)`: they get an apostrophe in front, which a
 * spreadsheet takes for the sign of a text and {@link readCsv} takes away. So do those that begin with apostrophes before it.
 */
const FORMULA = /^'*[=+\-@\t\r]/;

/** Rows as CSV with a header line; the columns are the first row's unless given. Texts that look like formulas are none. */
export function csvText(rows: readonly object[], columns?: readonly string[]): string {
  const options = { columns: columns as string[], newline: '\n', escapeFormulae: FORMULA };
  return `${Papa.unparse(rows as object[], options)}\n`;
}

/**
 * Reads a CSV file that {@link writeCsv} wrote: each row as its values, all text, by column.
 *
 * @throws InputError if it is missing, two columns have one name, or a row has more or fewer values than there are columns
 */
export function readCsv(path: string): Record<string, string>[] {
  if (!existsSync(path)) throw new InputError(`${path} is missing`);
  const transform = (text: string) => (FORMULA.test(text) ? text.replace(/^'/, '') : text);
  const { data, errors } = Papa.parse<string[]>(readFileSync(path, 'utf8'), { skipEmptyLines: true, transform });
  const damaged = (row: number, why: string) => new InputError(`${path} is damaged: row ${row}: ${why}`);
  const [error] = errors.filter(({ type }) => type !== 'Delimiter');
  if (error) throw damaged(error.row ?? 0, error.message);
  const [columns = [], ...rows] = data;
  const twice = columns.find((column, i) => columns.indexOf(column) < i);
  if (twice !== undefined) throw new InputError(`${path} is damaged: there are two columns ${twice}`);
  return rows.map((row, i) => {
    if (row.length !== columns.length)
      throw damaged(
        i,
        `Too ${row.length < columns.length ? 'few' : 'many'} fields: ${columns.length} expected, there are ${row.length}`,
      );
    return Object.fromEntries(columns.map((column, c) => [column, row[c]]));
  });
}
