import { inspect } from 'node:util';
import { quantile } from '../common/statistics.js';
import { type Cell, comparison, dtypeOf, holds, isMissing, isNumeric, STATISTICS } from './cells.js';
import { DanfoSeries } from './danfo.js';

/** The kind of a value: a column of `'a'` and `'b'` can be compared with any text. */
export type Widened<Value extends Cell> = Value extends string
  ? string
  : Value extends number
    ? number
    : Value extends boolean
      ? boolean
      : never;

/** What a column is compared or calculated with: one value for all rows, or one for each. */
export type Operand<Value extends Cell> = Value | readonly Value[] | Series<Value>;

/**
 * A column of a table: danfo's Series, with types, and with what danfo gets wrong put right.
 *
 * Nothing changes a Series: every method returns a new one. Missing values (NaN) are left out of figures, and no comparison
 * holds for them, as in pandas.
 */
export class Series<Value extends Cell = Cell> extends DanfoSeries {
  declare readonly values: Value[];

  constructor(
    values: readonly Value[],
    { name = '0', index }: { name?: string; index?: readonly (string | number)[] } = {},
  ) {
    super([...values], { columns: [name], dtypes: [dtypeOf(values)], ...(index && { index: [...index] }) });
  }

  get name(): string {
    return this.columns[0];
  }

  get length(): number {
    return this.values.length;
  }

  /** The first rows; default 5. */
  head(rows = 5): Series<Value> {
    return this.at(this.positions().slice(0, rows));
  }

  /** The last rows; default 5. */
  tail(rows = 5): Series<Value> {
    return this.at(this.positions().slice(-rows));
  }

  /** Where the values equal the other's. */
  eq(other: Operand<Widened<Value>>): Series<boolean> {
    return this.compared(other, (a, b) => a === b);
  }

  /** Where the values differ from the other's. Missing ones differ from everything. */
  ne(other: Operand<Widened<Value>>): Series<boolean> {
    return this.eq(other).not();
  }

  /** Where the values are less than the other's. */
  lt(other: Operand<Widened<Value>>): Series<boolean> {
    return this.compared(other, (a, b) => a < b);
  }

  /** Where the values are at most the other's. */
  le(other: Operand<Widened<Value>>): Series<boolean> {
    return this.compared(other, (a, b) => a <= b);
  }

  /** Where the values are greater than the other's. */
  gt(other: Operand<Widened<Value>>): Series<boolean> {
    return this.compared(other, (a, b) => a > b);
  }

  /** Where the values are at least the other's. */
  ge(other: Operand<Widened<Value>>): Series<boolean> {
    return this.compared(other, (a, b) => a >= b);
  }

  /** Where the values are among these. */
  isIn(values: readonly Widened<Value>[]): Series<boolean> {
    for (const value of values) this.requireSameKind(value);
    const wanted = new Set<Cell>(values);
    return this.derived(this.values.map((value) => !isMissing(value) && wanted.has(value)));
  }

  /** Where values are missing. */
  isNa(): Series<boolean> {
    return this.derived(this.values.map(isMissing));
  }

  /** Where both are true. */
  and(other: Operand<boolean>): Series<boolean> {
    return this.combined(other, (a, b) => a && b);
  }

  /** Where one is true, or both. */
  or(other: Operand<boolean>): Series<boolean> {
    return this.combined(other, (a, b) => a || b);
  }

  /** Where it is false. */
  not(): Series<boolean> {
    return this.derived(this.booleans().map((value) => !value));
  }

  /** Adds to numbers. */
  add(other: Operand<number>): Series<number> {
    return this.calculated('add', other, (a, b) => a + b);
  }

  /** Subtracts from numbers. */
  sub(other: Operand<number>): Series<number> {
    return this.calculated('subtract', other, (a, b) => a - b);
  }

  /** Multiplies numbers. */
  mul(other: Operand<number>): Series<number> {
    return this.calculated('multiply', other, (a, b) => a * b);
  }

  /** Divides numbers. */
  div(other: Operand<number>): Series<number> {
    return this.calculated('divide', other, (a, b) => a / b);
  }

  /** Numbers with so many digits after the point; default 0. */
  round(digits = 0): Series<number> {
    return this.derived(this.numbers('round').map((value) => Number(value.toFixed(digits))));
  }

  /** A function's value for each. */
  apply<Result extends Cell>(callable: (value: Value) => Result): Series<Result> {
    return this.derived(this.values.map((value) => callable(value)));
  }

  /** How many values are not missing. */
  count(): number {
    return this.values.filter((value) => !isMissing(value)).length;
  }

  /** The mean. @throws TypeError if the column does not hold numbers, as the next ones do */
  mean(): number {
    return STATISTICS.mean(this.present('average'));
  }

  median(): number {
    return STATISTICS.median(this.present('take the median'));
  }

  /** The standard deviation of a sample. */
  std(): number {
    return STATISTICS.std(this.present('take the standard deviation'));
  }

  /** The variance of a sample. */
  var(): number {
    return STATISTICS.var(this.present('take the variance'));
  }

  min(): number {
    return STATISTICS.min(this.present('take the minimum'));
  }

  max(): number {
    return STATISTICS.max(this.present('take the maximum'));
  }

  /** The sum; of a column of yes or no, how often it is yes. */
  sum(): number {
    return this.dtype === 'boolean'
      ? this.booleans().filter((value) => value).length
      : STATISTICS.sum(this.present('sum'));
  }

  /** The value below which a share of them lies, from 0 to 1. */
  quantile(share: number): number {
    return quantile(this.present('take a quantile'), share);
  }

  /** The different values, in the order in which they come first. */
  unique(): Series<Value> {
    return new Series([...new Set(this.values)], { name: this.name });
  }

  /** How many different values there are; missing ones do not count. */
  nUnique(): number {
    return new Set(this.values.filter((value) => !isMissing(value))).size;
  }

  /**
   * How often each value occurs, the most frequent first; missing ones do not count.
   *
   * @returns named `count`, with the values as its index
   */
  valueCounts(): Series<number> {
    const counts = new Map<Value, number>();
    for (const value of this.values) if (!isMissing(value)) counts.set(value, (counts.get(value) ?? 0) + 1);
    const sorted = [...counts].sort(([, a], [, b]) => b - a);
    return new Series(
      sorted.map(([, count]) => count),
      { name: 'count', index: sorted.map(([value]) => `${value}`) },
    );
  }

  /** The values in order, missing ones last. */
  sortValues({ ascending = true }: { ascending?: boolean } = {}): Series<Value> {
    const compare = comparison(ascending);
    return this.at(this.positions().sort((a, b) => compare(this.values[a], this.values[b])));
  }

  /** Without the missing values. */
  dropNa(): Series<Value> {
    return this.at(this.positions().filter((i) => !isMissing(this.values[i])));
  }

  /** With this value in place of missing ones. */
  fillNa(value: Value): Series<Value> {
    return this.derived(this.values.map((old) => (isMissing(old) ? value : old)));
  }

  /** Refuses: figures are drawn by the functions of `src/plots`. */
  plot(): never {
    return refusePlot('a column');
  }

  /** What `console.log` prints. */
  [inspect.custom](): string {
    return this.toString();
  }

  /** A column like this one, with other values. */
  private derived<Result extends Cell>(values: readonly Result[]): Series<Result> {
    return new Series(values, { name: this.name, index: this.index });
  }

  private positions(): number[] {
    return this.values.map((_, i) => i);
  }

  private at(positions: readonly number[]): Series<Value> {
    return new Series(
      positions.map((i) => this.values[i]),
      { name: this.name, index: positions.map((i) => this.index[i]) },
    );
  }

  private compared(other: Operand<Widened<Value>>, holds: (a: Cell, b: Cell) => boolean): Series<boolean> {
    const others = this.paired('compare', other);
    for (const value of Array.isArray(others) ? others : [others]) this.requireSameKind(value);
    return this.derived(
      this.values.map((value, i) => {
        const second = Array.isArray(others) ? others[i] : others;
        return !isMissing(value) && !isMissing(second) && holds(value, second);
      }),
    );
  }

  private combined(other: Operand<boolean>, combine: (a: boolean, b: boolean) => boolean): Series<boolean> {
    const others = this.paired('combine conditions', other);
    const second = Array.isArray(others) ? new Series(others as boolean[]).booleans() : others;
    return this.derived(
      this.booleans().map((value, i) => combine(value, Array.isArray(second) ? second[i] : (second as boolean))),
    );
  }

  private calculated(action: string, other: Operand<number>, calculate: (a: number, b: number) => number) {
    const others = this.paired(action, other);
    const second = Array.isArray(others) ? new Series(others as number[], { name: 'other' }).numbers(action) : others;
    return this.derived(
      this.numbers(action).map((value, i) => calculate(value, Array.isArray(second) ? second[i] : (second as number))),
    );
  }

  /** The other's values, checked to be as many as this one's, or its one value. */
  private paired(action: string, other: Operand<Cell>): Cell | Cell[] {
    if (!(other instanceof Series || Array.isArray(other))) return other as Cell;
    const values = other instanceof Series ? other.values : [...(other as Cell[])];
    if (values.length !== this.length)
      throw new RangeError(
        `Cannot ${action}: the other must have one value for each of the ${this.length} rows, current number is ${values.length}`,
      );
    return values;
  }

  private requireSameKind(value: Cell): void {
    if (isMissing(value) || this.count() === 0) return;
    if (holds(this.dtype) === holds(dtypeOf([value]))) return;
    const example = this.values.find((each) => !isMissing(each));
    throw new TypeError(
      `Cannot compare: ${this.name} holds ${holds(this.dtype)} such as ${inspect(example)}, current value is ${inspect(value)}`,
    );
  }

  private booleans(): boolean[] {
    if (this.length > 0 && this.dtype !== 'boolean')
      throw new TypeError(
        `Cannot combine conditions: each value must be true or false, ${this.name} holds ${holds(this.dtype)}`,
      );
    return this.values as boolean[];
  }

  private numbers(action: string): number[] {
    if (!isNumeric(this.dtype))
      throw new TypeError(`Cannot ${action}: the column must hold numbers, ${this.name} holds ${holds(this.dtype)}`);
    return this.values as number[];
  }

  private present(action: string): number[] {
    return this.numbers(action).filter((value) => !isMissing(value));
  }
}

/** @throws TypeError always, with what draws figures instead */
export function refusePlot(what: string): never {
  throw new TypeError(
    `Cannot plot ${what}: figures are made by the functions of ./src/plots, e.g. await show(boxFigure(valuesBy(table, 'emotion', 'rms'), { title: 'Level', axisTitle: 'rms' })); notebook 1 shows it`,
  );
}
