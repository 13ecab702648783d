import { inspect } from 'node:util';
import { csvText } from '../common/csv.js';
import { writeFile } from '../common/files.js';
import { nearest } from '../common/nearest.js';
import { deriveSeed, seededRandom, shuffled } from '../common/random.js';
import { quantile } from '../common/statistics.js';
import {
  type Cell,
  comparison,
  dtypeOf,
  holds,
  isMissing,
  isNumeric,
  keyOf,
  STATISTICS,
  type Statistic,
} from './cells.js';
import { contentOf } from './content.js';
import { DanfoFrame } from './danfo.js';
import { type JoinKind, joined } from './join.js';
import { refusePlot, Series } from './series.js';

/** A row by its columns' names, where no more is known of it. */
export type Row = Readonly<Record<string, Cell>>;

/** The columns of a table as its properties: `table.emotion` is `table.column('emotion')`. */
export type Columns<R extends object> = {
  readonly [Name in keyof R as string extends Name ? never : Name]: Series<Extract<R[Name], Cell>>;
};

/** A table whose columns are known to the compiler. */
export type TypedFrame<R extends object> = DataFrame<R> & Columns<R>;

/** Rows to keep: those with a yes. */
export type Condition<R extends object> = Series<boolean> | readonly boolean[] | ((row: R) => boolean);

/** Which rows and columns: rows by their names in the index or by a yes or no for each, columns by name. */
export interface Selection {
  readonly rows?: Series<boolean> | readonly (string | number | boolean)[];
  readonly columns?: readonly string[];
}

/** What {@link DataFrame} is made of besides values. */
export interface FrameOptions {
  readonly columns?: readonly string[];
  /** Names of the rows, all different; default: 0, 1, 2, … */
  readonly index?: readonly (string | number)[];
}

export interface JoinOptions {
  /** Columns that both tables have. */
  readonly on: string | readonly string[];
  /** Which rows to keep: those of both tables (default), all of the left one, all of the right one, or all. */
  readonly how?: JoinKind;
}

/**
 * A table of named columns: danfo's DataFrame, with types, and with what danfo gets wrong put right.
 *
 * Nothing changes a table: every method returns a new one. A column that is not there is refused, with the nearest one that is.
 *
 * @typeParam R - what a row is; with the tables of this project, each column is a property as well
 * @example
 * clips.query((row) => row.emotion === 'anger').groupby('speaker').size()
 */
export class DataFrame<R extends object = Row> extends DanfoFrame {
  declare readonly values: Cell[][];

  /**
   * @param data - rows as objects, columns by name, or rows as arrays with their `columns`
   * @throws TypeError if a row has other columns than the first
   */
  constructor(data: readonly object[] | Readonly<Record<string, readonly Cell[]>>, options: FrameOptions = {}) {
    const { columns, rows } = contentOf(data, options.columns);
    const values = rows.map((row) => row.map((value) => (isMissing(value) ? Number.NaN : value)));
    const dtypes = columns.map((_, c) => dtypeOf(values.map((row) => row[c])));
    super(values, { columns, dtypes, ...(options.index && { index: [...options.index] }) });
    // A column with the name of a method must not take its place.
    for (const name of columns)
      if (!(name in this)) Object.defineProperty(this, name, { get: () => this.column(name), enumerable: false });
  }

  /** The rows as objects. */
  rows(): R[] {
    return this.values.map((row) => Object.fromEntries(row.map((value, c) => [this.columns[c], value])) as R);
  }

  /**
   * One column.
   *
   * @throws RangeError if it is not there
   */
  column<Name extends keyof R & string>(name: Name): Series<Extract<R[Name], Cell>>;
  column(name: string): Series;
  column(name: string): Series {
    this.requireColumns('take a column', [name]);
    const c = this.columns.indexOf(name);
    return new Series(
      this.values.map((row) => row[c]),
      { name, index: this.index },
    );
  }

  /** The first rows; default 5. */
  head(rows = 5): this {
    return this.at(this.positions().slice(0, rows));
  }

  /** The last rows; default 5. */
  tail(rows = 5): this {
    return this.at(this.positions().slice(-rows));
  }

  /** Some rows, drawn by a seed without repetition; default 5, seed 42. */
  sample(rows = 5, { seed = 42 }: { seed?: number } = {}): this {
    return this.at(shuffled(this.positions(), seededRandom(deriveSeed(seed, 'sample'))).slice(0, rows));
  }

  /**
   * The rows for which a condition holds: a function of a row, or a yes or no for each.
   *
   * @throws TypeError if it is text, as in pandas, or does not say yes or no
   * @throws RangeError if there are more or fewer values than rows
   * @example clips.query((row) => row.emotion === 'anger' && row.speaker !== '03')
   * @example clips.query(clips.column('emotion').eq('anger'))
   */
  query(condition: Condition<R>): this;
  /** Refuses: a condition is a function of a row. */
  query(condition: string): never;
  query(condition: Condition<R> | string): this {
    if (typeof condition === 'string')
      throw new TypeError(
        `Cannot query: the condition must be a function of a row, current value is the text '${condition}'; write e.g. query((row) => row.emotion === 'anger')`,
      );
    const keep = typeof condition === 'function' ? this.rows().map(condition) : yesOrNo(condition);
    const wrong = keep.find((value) => typeof value !== 'boolean');
    if (wrong !== undefined)
      throw new TypeError(
        `Cannot query: the condition must be true or false for each row, current value is ${inspect(wrong)}`,
      );
    if (keep.length !== this.shape[0])
      throw new RangeError(
        `Cannot query: the condition must have a value for each of the ${this.shape[0]} rows, current number is ${keep.length}`,
      );
    return this.at(this.positions().filter((i) => keep[i]));
  }

  /**
   * Some rows and columns, in this order.
   *
   * @throws RangeError if one is not there
   */
  loc({ rows, columns = this.columns }: Selection): DataFrame {
    this.requireColumns('select', columns);
    const chosen = rows === undefined ? this : this.located(yesOrNo(rows));
    const places = columns.map((name) => this.columns.indexOf(name));
    return new DataFrame(
      chosen.values.map((row) => places.map((c) => row[c])),
      { columns, index: chosen.index },
    );
  }

  /** Some rows by their number, from 0; negative numbers count from the end. */
  iloc(rows: readonly number[]): this {
    const count = this.shape[0];
    for (const row of rows)
      if (!Number.isInteger(row) || row < -count || row >= count)
        throw new RangeError(
          `Cannot select: a row must be an integer from ${-count} to ${count - 1}, current value is ${row}`,
        );
    return this.at(rows.map((row) => (row < 0 ? count + row : row)));
  }

  /** The rows in the order of a column, or of several, the first counting most; equal rows keep their order, missing values are last. */
  sortValues(by: string | readonly string[], { ascending = true }: { ascending?: boolean } = {}): this {
    const names = [by].flat();
    this.requireColumns('sort', names);
    const columns = names.map((name) => this.column(name).values);
    const compare = comparison(ascending);
    return this.at(
      this.positions().sort((a, b) => {
        for (const column of columns) {
          const order = compare(column[a], column[b]);
          if (order !== 0) return order;
        }
        return 0;
      }),
    );
  }

  /**
   * Groups of rows that have the same values in some columns.
   *
   * @example clips.groupby('emotion').col('rms').mean() // columns emotion, rms_mean
   */
  groupby(by: string | readonly string[]): Groupby {
    const keys = [by].flat();
    this.requireColumns('group', keys);
    return new Groupby(this as unknown as DataFrame, keys);
  }

  /** How often each value of a column, or combination of several, occurs: these columns and `count`, the most frequent first. */
  valueCounts(by: string | readonly string[]): DataFrame {
    return this.groupby(by).size().rename({ size: 'count' }).sortValues('count', { ascending: false });
  }

  /**
   * Count, mean, standard deviation, extremes and quartiles of every column of numbers.
   *
   * @throws RangeError if there is none
   */
  describe(): DataFrame {
    const columns = this.numericColumns();
    if (columns.length === 0)
      throw new RangeError(
        `Cannot describe: there must be a column of numbers, current columns are ${this.named(this.columns)}; info() tells of all, valueCounts(name) of one`,
      );
    const numbers = columns.map((name) => this.column(name).dropNa().values as number[]);
    const { mean, std, min, max } = STATISTICS;
    const quartile = (share: number) => (values: readonly number[]) =>
      values.length === 0 ? Number.NaN : quantile(values, share);
    const rows: Record<string, (values: readonly number[]) => number> = {
      count: (values) => values.length,
      mean,
      std,
      min,
      '25%': quartile(0.25),
      '50%': quartile(0.5),
      '75%': quartile(0.75),
      max,
    };
    return new DataFrame(
      Object.values(rows).map((statistic) => numbers.map(statistic)),
      { columns, index: Object.keys(rows) },
    );
  }

  /** Every column in one row: its name, what it holds, how many values are there, how many missing, how many different. */
  info(): TypedFrame<{ column: string; dtype: string; present: number; missing: number; unique: number }> {
    return tableOf(
      this.columns.map((name, c) => {
        const column = this.column(name);
        const present = column.count();
        return {
          column: name,
          dtype: this.dtypes[c],
          present,
          missing: column.length - present,
          unique: column.nUnique(),
        };
      }),
    );
  }

  /** How many values of each column are there. */
  count(): Series<number> {
    return this.byColumn(this.columns, (column) => column.count());
  }

  /** How many different values each column has. */
  nUnique(): Series<number> {
    return this.byColumn(this.columns, (column) => column.nUnique());
  }

  /** The mean of every column of numbers. */
  mean(): Series<number> {
    return this.byColumn(this.numericColumns(), (column) => column.mean());
  }

  /** The median of every column of numbers. */
  median(): Series<number> {
    return this.byColumn(this.numericColumns(), (column) => column.median());
  }

  /** The standard deviation of every column of numbers. */
  std(): Series<number> {
    return this.byColumn(this.numericColumns(), (column) => column.std());
  }

  /** The least of every column of numbers. */
  min(): Series<number> {
    return this.byColumn(this.numericColumns(), (column) => column.min());
  }

  /** The greatest of every column of numbers. */
  max(): Series<number> {
    return this.byColumn(this.numericColumns(), (column) => column.max());
  }

  /** The sum of every column of numbers; of one of yes or no, how often it is yes. */
  sum(): Series<number> {
    return this.byColumn(
      this.columns.filter((_, c) => this.dtypes[c] !== 'string'),
      (column) => column.sum(),
    );
  }

  /** Where values are missing. */
  isNa(): DataFrame {
    return new DataFrame(
      this.values.map((row) => row.map(isMissing)),
      { columns: this.columns, index: this.index },
    );
  }

  /** Without the rows that have a missing value, in one of these columns; default: in any. */
  dropNa({ columns = this.columns }: { columns?: readonly string[] } = {}): this {
    this.requireColumns('drop rows', columns);
    const values = columns.map((name) => this.column(name).values);
    return this.at(this.positions().filter((i) => !values.some((column) => isMissing(column[i]))));
  }

  /** With a value in place of missing ones, in these columns; default: in all. */
  fillNa(value: Cell, { columns = this.columns }: { columns?: readonly string[] } = {}): this {
    this.requireColumns('fill', columns);
    const filled = this.columns.map((name) => columns.includes(name));
    return this.like(this.values.map((row) => row.map((old, c) => (filled[c] && isMissing(old) ? value : old))));
  }

  /** Without some columns. */
  drop({ columns }: { columns: string | readonly string[] }): DataFrame {
    const names = [columns].flat();
    this.requireColumns('drop', names);
    return this.loc({ columns: this.columns.filter((name) => !names.includes(name)) });
  }

  /** With other names for some columns, `{ old: new }`. */
  rename(names: Readonly<Record<string, string>>): DataFrame {
    this.requireColumns('rename', Object.keys(names));
    const columns = this.columns.map((name) => (Object.hasOwn(names, name) ? names[name] : name));
    return new DataFrame(this.values, { columns, index: this.index });
  }

  /**
   * With one more column, or another one in the place of one: its values, or a function of a row.
   *
   * @throws RangeError if there are more or fewer values than rows
   */
  addColumn<Name extends string, Value extends Cell>(
    name: Name,
    values: readonly Value[] | Series<Value> | ((row: R) => Value),
  ): TypedFrame<Omit<R, Name> & Record<Name, Value>> {
    const added: readonly Cell[] =
      typeof values === 'function' ? this.rows().map(values) : values instanceof Series ? values.values : values;
    if (added.length !== this.shape[0])
      throw new RangeError(
        `Cannot add ${name}: there must be a value for each of the ${this.shape[0]} rows, current number is ${added.length}`,
      );
    const place = this.columns.includes(name) ? this.columns.indexOf(name) : this.columns.length;
    const columns = [...this.columns];
    columns[place] = name;
    const rows = this.values.map((row, i) => {
      const copy = [...row];
      copy[place] = added[i];
      return copy;
    });
    return new DataFrame(rows, { columns, index: this.index }) as unknown as TypedFrame<
      Omit<R, Name> & Record<Name, Value>
    >;
  }

  /** A function's value for each row. */
  apply<Value extends Cell>(callable: (row: R) => Value): Series<Value> {
    return new Series(this.rows().map(callable), { index: this.index });
  }

  /**
   * With other names for the rows: these, or the values of a column, which stays.
   *
   * @throws RangeError if they are not as many as rows, or not all different
   */
  setIndex(names: { readonly index: readonly (string | number)[] } | { readonly column: string }): this {
    const index = 'index' in names ? names.index : this.column(names.column).values.map(String);
    if (index.length !== this.shape[0] || new Set(index).size !== index.length)
      throw new RangeError(
        `Cannot name the rows: there must be ${this.shape[0]} names, all different, current number is ${index.length}, ${new Set(index).size} of them different`,
      );
    return new DataFrame(this.values, { columns: this.columns, index }) as unknown as this;
  }

  /** With rows named 0, 1, 2, … */
  resetIndex(): this {
    return new DataFrame(this.values, { columns: this.columns }) as unknown as this;
  }

  /** Rows as columns, and columns as rows. */
  get T(): DataFrame {
    const columns = this.index.map(String);
    return new DataFrame(
      this.columns.map((_, c) => this.values.map((row) => row[c])),
      { columns, index: this.columns },
    );
  }

  /**
   * This table and another one beside it, where some columns have equal values. As in pandas: rows keep their order, and
   * columns that both have are named `…_x` and `…_y`.
   */
  merge<Other extends object>(right: DataFrame<Other>, { on, how = 'inner' }: JoinOptions): TypedFrame<R & Other> {
    const keys = [on].flat();
    this.requireColumns('merge', keys);
    right.requireColumns('merge', keys);
    const { columns, rows } = joined(this, right, { keys, how });
    return new DataFrame(rows, { columns }) as unknown as TypedFrame<R & Other>;
  }

  /** The table as CSV; with a path, written there as well. */
  toCSV(path?: string): string {
    const text = csvText(this.toJSON(), this.columns);
    if (path !== undefined) writeFile(path, text);
    return text;
  }

  /** The rows as objects, with null for what is missing; what JSON takes of a table. */
  toJSON(): Record<string, Cell | null>[] {
    return this.values.map((row) =>
      Object.fromEntries(row.map((value, c) => [this.columns[c], isMissing(value) ? null : value])),
    );
  }

  /** Refuses: figures are drawn by the functions of `src/plots`. */
  plot(): never {
    return refusePlot('a DataFrame');
  }

  /** What `console.log` prints. */
  [inspect.custom](): string {
    return this.toString();
  }

  /** danfo's own properties for columns could not be taken back where they hide methods; the constructor makes others. */
  $setInternalColumnDataProperty(): void {}

  /** @throws RangeError if one of the names is none of the columns */
  requireColumns(action: string, names: readonly string[]): void {
    const unknown = names.find((name) => !this.columns.includes(name));
    if (unknown !== undefined)
      throw new RangeError(
        `Cannot ${action}: there is no column ${unknown}${nearest(unknown, this.columns)}; the columns are ${this.columns.join(', ')}`,
      );
  }

  /** Names of the columns of numbers. */
  numericColumns(): string[] {
    return this.columns.filter((_, c) => isNumeric(this.dtypes[c]));
  }

  private named(columns: readonly string[]): string {
    return columns.map((name) => `${name} (${holds(this.dtypes[this.columns.indexOf(name)])})`).join(', ');
  }

  private positions(): number[] {
    return this.values.map((_, i) => i);
  }

  private at(positions: readonly number[]): this {
    const index = positions.map((i) => this.index[i]);
    return new DataFrame(
      positions.map((i) => this.values[i]),
      { columns: this.columns, index },
    ) as unknown as this;
  }

  private like(values: readonly (readonly Cell[])[]): this {
    return new DataFrame(values, { columns: this.columns, index: this.index }) as unknown as this;
  }

  private located(rows: readonly (string | number | boolean)[]): this {
    if (rows.length > 0 && rows.every((row) => typeof row === 'boolean')) return this.query(rows as boolean[]);
    return this.at(
      rows.map((row) => {
        const place = this.index.indexOf(row as string | number);
        if (place === -1) throw new RangeError(`Cannot select: there is no row ${row} in the index`);
        return place;
      }),
    );
  }

  private byColumn(names: readonly string[], figure: (column: Series) => number): Series<number> {
    return new Series(
      names.map((name) => figure(this.column(name))),
      { index: names },
    );
  }
}

/** A figure of a group: a statistic of numbers, or how many values are not missing. */
export type Aggregate = Statistic | 'count';

/** Rows of a table in groups; each figure gives a table with a row per group, in the keys' order. */
export class Groupby {
  private readonly groups = new Map<string, { readonly keys: Cell[]; readonly rows: number[] }>();

  constructor(
    private readonly table: DataFrame,
    private readonly by: readonly string[],
    private readonly chosen?: readonly string[],
  ) {
    const keys = by.map((name) => table.column(name).values);
    const compare = comparison(true);
    const rows = table.values.map((_, i) => ({ i, keys: keys.map((column) => column[i]) }));
    rows.sort((a, b) => by.map((_, k) => compare(a.keys[k], b.keys[k])).find((order) => order !== 0) ?? a.i - b.i);
    for (const { i, keys } of rows) {
      const group = this.groups.get(keyOf(keys));
      if (group) group.rows.push(i);
      else this.groups.set(keyOf(keys), { keys, rows: [i] });
    }
  }

  /** Of which columns figures are wanted; default: of all that have such a figure. */
  col(columns: string | readonly string[]): Groupby {
    const names = [columns].flat();
    this.table.requireColumns('group', names);
    return new Groupby(this.table, this.by, names);
  }

  /** How many groups there are. */
  get ngroups(): number {
    return this.groups.size;
  }

  /** Rows per group, as the column `size`. */
  size(): DataFrame {
    return this.result(['size'], ({ rows }) => [rows.length]);
  }

  /** Values per group that are not missing, by column, as `…_count`. */
  count(): DataFrame {
    const columns = this.chosen ?? this.table.columns.filter((name) => !this.by.includes(name));
    return this.figures(columns.map((name) => [name, 'count'] as const));
  }

  /** Means, as `…_mean`. @throws TypeError if a chosen column does not hold numbers, as the next ones do */
  mean(): DataFrame {
    return this.each('mean');
  }

  median(): DataFrame {
    return this.each('median');
  }

  std(): DataFrame {
    return this.each('std');
  }

  var(): DataFrame {
    return this.each('var');
  }

  min(): DataFrame {
    return this.each('min');
  }

  max(): DataFrame {
    return this.each('max');
  }

  sum(): DataFrame {
    return this.each('sum');
  }

  /**
   * Several figures at once.
   *
   * @example clips.groupby('emotion').agg({ rms: ['mean', 'std'], peak: 'max' }) // emotion, rms_mean, rms_std, peak_max
   */
  agg(wanted: Readonly<Record<string, Aggregate | readonly Aggregate[]>>): DataFrame {
    this.table.requireColumns('aggregate', Object.keys(wanted));
    return this.figures(
      Object.entries(wanted).flatMap(([name, statistics]) => [statistics].flat().map((each) => [name, each] as const)),
    );
  }

  /**
   * The rows of one group.
   *
   * @param keys - its values in the columns that the table is grouped by
   * @throws RangeError if there is no such group
   */
  getGroup(keys: Cell | readonly Cell[]): DataFrame {
    const group = this.groups.get(keyOf([keys].flat() as Cell[]));
    if (!group) {
      const known = [...this.groups.values()].map((each) => each.keys.map((key) => inspect(key)).join(', ')).join('; ');
      throw new RangeError(`Cannot take a group: there is none for ${inspect(keys)}; the groups are ${known}`);
    }
    return this.table.iloc(group.rows);
  }

  private each(statistic: Statistic): DataFrame {
    const columns = this.chosen ?? this.table.numericColumns().filter((name) => !this.by.includes(name));
    if (columns.length === 0)
      throw new RangeError(`Cannot aggregate: there must be a column of numbers besides ${this.by.join(', ')}`);
    return this.figures(columns.map((name) => [name, statistic] as const));
  }

  private figures(wanted: readonly (readonly [name: string, figure: Aggregate])[]): DataFrame {
    for (const [name, figure] of wanted) this.requireFigure(name, figure);
    return this.result(
      wanted.map(([name, figure]) => `${name}_${figure}`),
      ({ rows }) =>
        wanted.map(([name, figure]) => {
          const values = this.valuesOf(name, rows);
          return figure === 'count' ? values.length : STATISTICS[figure](values as number[]);
        }),
    );
  }

  private requireFigure(name: string, figure: Aggregate): void {
    if (figure === 'count') return;
    if (!Object.hasOwn(STATISTICS, figure))
      throw new RangeError(
        `Cannot aggregate: a figure must be one of count, ${Object.keys(STATISTICS).join(', ')}, current value is ${figure}`,
      );
    const { dtype } = this.table.column(name);
    if (!isNumeric(dtype))
      throw new TypeError(`Cannot aggregate: the column must hold numbers, ${name} holds ${holds(dtype)}`);
  }

  private valuesOf(name: string, rows: readonly number[]): Cell[] {
    const c = this.table.columns.indexOf(name);
    return rows.map((i) => this.table.values[i][c]).filter((value) => !isMissing(value));
  }

  private result(columns: readonly string[], figures: (group: { readonly rows: number[] }) => Cell[]): DataFrame {
    return new DataFrame(
      [...this.groups.values()].map((group) => [...group.keys, ...figures(group)]),
      { columns: [...this.by, ...columns] },
    );
  }
}

/**
 * Rows as a DataFrame; the columns are the first row's.
 *
 * @throws RangeError if there are no rows, and so no columns
 * @throws TypeError if a row has other columns than the first
 */
export function tableOf<R extends Row>(rows: readonly R[]): TypedFrame<R> {
  if (rows.length === 0) throw new RangeError('Cannot make a DataFrame: there must be at least one row');
  return new DataFrame<R>(rows) as TypedFrame<R>;
}

/**
 * Two tables side by side, see {@link DataFrame.merge}.
 *
 * @throws RangeError if a table lacks one of the columns
 */
export function merge<Left extends object, Right extends object>({
  left,
  right,
  ...options
}: JoinOptions & { readonly left: DataFrame<Left>; readonly right: DataFrame<Right> }): TypedFrame<Left & Right> {
  return left.merge(right, options);
}

/**
 * Tables with the same columns below one another, rows numbered anew.
 *
 * @throws RangeError if there is none, or one lacks a column of the first
 */
export function concat<R extends object>(tables: readonly DataFrame<R>[]): TypedFrame<R> {
  if (tables.length === 0) throw new RangeError('Cannot put tables together: there must be at least one');
  const { columns } = tables[0];
  const rows = tables.flatMap((table) => {
    tables[0].requireColumns('put tables together', table.columns);
    return table.loc({ columns }).values;
  });
  return new DataFrame(rows, { columns }) as unknown as TypedFrame<R>;
}

/** The values of a column, or values as they are. */
function yesOrNo<Value extends Cell>(values: Series<boolean> | readonly Value[]): readonly (Value | boolean)[] {
  return values instanceof Series ? values.values : values;
}
