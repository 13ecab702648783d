import type { Cell } from './cells.js';

/** What a table is made of. */
export interface Content {
  readonly columns: string[];
  readonly rows: readonly (readonly Cell[])[];
}

/**
 * The columns and rows of rows as objects, columns by name, or rows as arrays. danfo takes objects' values in the order in which
 * each happens to have them.
 *
 * @param given - the columns of rows that are arrays; default: 0, 1, 2, …
 * @throws TypeError if a row has other columns than the first
 * @throws RangeError if there are more or fewer values in one row or column than in others
 */
export function contentOf(
  data: readonly object[] | Readonly<Record<string, readonly Cell[]>>,
  given?: readonly string[],
): Content {
  if (!Array.isArray(data)) {
    const columns = Object.keys(data);
    const values = Object.values(data as Readonly<Record<string, readonly Cell[]>>);
    const counts = new Set(values.map(({ length }) => length));
    if (counts.size > 1)
      throw new RangeError(
        `Cannot make a DataFrame: all columns must have as many values, current numbers are ${[...counts].join(', ')}`,
      );
    return { columns, rows: (values[0] ?? []).map((_, i) => values.map((column) => column[i])) };
  }
  if (Array.isArray(data[0]) || data.length === 0) {
    const columns = [...(given ?? (data[0] ?? []).map((_: Cell, c: number) => `${c}`))];
    const wrong = (data as Cell[][]).find((row) => row.length !== columns.length);
    if (wrong)
      throw new RangeError(
        `Cannot make a DataFrame: every row must have ${columns.length} values, current number is ${wrong.length}`,
      );
    return { columns, rows: data };
  }
  const columns = Object.keys(data[0]);
  for (const [i, row] of data.entries())
    if (Object.keys(row).length !== columns.length || columns.some((column) => row[column] === undefined))
      throw new TypeError(
        `Cannot make a DataFrame: every row must have the columns ${columns.join(', ')}, row ${i} has ${Object.keys(row).join(', ')}`,
      );
  return { columns, rows: data.map((row) => columns.map((column) => row[column])) };
}
