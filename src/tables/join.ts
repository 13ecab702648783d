import { type Cell, comparison, keyOf } from './cells.js';
import type { Content } from './content.js';

/** Which rows a join keeps: those of both tables, all of the left one, all of the right one, or all. */
export type JoinKind = 'inner' | 'left' | 'right' | 'outer';

/** Columns and rows as danfo keeps them. */
interface Table {
  readonly columns: readonly string[];
  readonly values: readonly (readonly Cell[])[];
}

/** The place of a row that the other table does not have. */
const NONE = -1;

/**
 * Joins two tables where they have equal values in some columns, with rows and columns in the order of pandas's `merge`. danfo's
 * own changes the rows' order, and takes the keys `a_b`, `c` and `a`, `b_c` for the same.
 *
 * @param keys - columns that both tables have
 * @see pandas.DataFrame.merge; golden values in tests/golden
 */
export function joined(
  left: Table,
  right: Table,
  { keys, how }: { readonly keys: readonly string[]; readonly how: JoinKind },
): Content {
  const others = right.columns.filter((name) => !keys.includes(name));
  const both = new Set(others.filter((name) => left.columns.includes(name)));
  const columns = [
    ...left.columns.map((name) => (both.has(name) ? `${name}_x` : name)),
    ...others.map((name) => (both.has(name) ? `${name}_y` : name)),
  ];
  const cell = (table: Table, row: number, name: string) =>
    row === NONE ? Number.NaN : table.values[row][table.columns.indexOf(name)];
  const rows = pairs(keysOf(left, keys), keysOf(right, keys), how).map(([l, r]) => [
    ...left.columns.map((name) => (l === NONE && keys.includes(name) ? cell(right, r, name) : cell(left, l, name))),
    ...others.map((name) => cell(right, r, name)),
  ]);
  if (how === 'outer') {
    const places = keys.map((name) => columns.indexOf(name));
    const compare = comparison(true);
    rows.sort((a, b) => places.map((c) => compare(a[c], b[c])).find((order) => order !== 0) ?? 0);
  }
  return { columns, rows };
}

function keysOf(table: Table, keys: readonly string[]): string[] {
  const places = keys.map((name) => table.columns.indexOf(name));
  return table.values.map((row) => keyOf(places.map((c) => row[c])));
}

/** Which row of the left table stands beside which of the right one. */
function pairs(left: readonly string[], right: readonly string[], how: JoinKind): [left: number, right: number][] {
  if (how === 'right') return pairs(right, left, 'left').map(([r, l]) => [l, r]);
  const places = new Map<string, number[]>(right.map((key) => [key, []]));
  for (const [r, key] of right.entries()) places.get(key)!.push(r);
  const alone = how === 'inner' ? [] : [NONE];
  const found = left.flatMap((key, l) => (places.get(key) ?? alone).map((r): [number, number] => [l, r]));
  if (how !== 'outer') return found;
  const known = new Set(left);
  return [...found, ...right.flatMap((key, r): [number, number][] => (known.has(key) ? [] : [[NONE, r]]))];
}
