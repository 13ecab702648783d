import { existsSync, readFileSync } from 'node:fs';
import Papa from 'papaparse';
import { InputError } from './errors.js';
import { writeFile } from './files.js';

/** Writes rows as CSV, see {@link csvText}. */
export function writeCsv(path: string, rows: readonly object[], columns?: readonly string[]): void {
  writeFile(path, csvText(rows, columns));
}

/** Rows as CSV with a header line; the columns are the first row's unless given. */
export function csvText(rows: readonly object[], columns?: readonly string[]): string {
  return `${Papa.unparse(rows as object[], { columns: columns as string[], newline: '\n' })}\n`;
}

/**
 * Reads a CSV file that {@link writeCsv} wrote: each row as its values, all text, by column.
 *
 * @throws InputError if it is missing, or a row has more or fewer values than there are columns
 */
export function readCsv(path: string): Record<string, string>[] {
  if (!existsSync(path)) throw new InputError(`${path} is missing`);
  const options = { header: true, skipEmptyLines: true } as const;
  const { data, errors } = Papa.parse<Record<string, string>>(readFileSync(path, 'utf8'), options);
  const [error] = errors.filter(({ type }) => type !== 'Delimiter');
  if (error) throw new InputError(`${path} is damaged: row ${error.row ?? 0}: ${error.message}`);
  return data;
}
