import { mean, median, quantile, standardDeviation } from '../common/statistics.js';

/** A value in a table. NaN stands for a missing one, as in pandas. */
export type Cell = string | number | boolean;

/** Kinds of columns, by danfo's names for them. */
export type Dtype = 'int32' | 'float32' | 'string' | 'boolean';

/** Figures of a column's numbers, under the names that pandas and danfo share; each is NaN of none. */
export const STATISTICS = {
  mean: unlessNone(mean),
  median: unlessNone(median),
  /** With n − 1 as divisor, and so NaN of a single number, as in pandas. */
  std: (values: readonly number[]) => (values.length < 2 ? Number.NaN : standardDeviation(values)),
  var: (values: readonly number[]) => (values.length < 2 ? Number.NaN : standardDeviation(values) ** 2),
  min: unlessNone((values) => quantile(values, 0)),
  max: unlessNone((values) => quantile(values, 1)),
  sum: (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0),
} as const;

export type Statistic = keyof typeof STATISTICS;

function unlessNone(statistic: (values: readonly number[]) => number): (values: readonly number[]) => number {
  return (values) => (values.length === 0 ? Number.NaN : statistic(values));
}

export function isMissing(value: unknown): boolean {
  return value === null || value === undefined || Number.isNaN(value);
}

/**
 * What a column holds, by the kinds of its values alone: danfo takes text such as `03` for a number, and then averages speakers.
 */
export function dtypeOf(values: readonly Cell[]): Dtype {
  const present = values.filter((value) => !isMissing(value));
  if (present.every((value) => typeof value === 'number'))
    return present.length === values.length && present.every(Number.isInteger) ? 'int32' : 'float32';
  return present.every((value) => typeof value === 'boolean') ? 'boolean' : 'string';
}

export function isNumeric(dtype: string): boolean {
  return dtype === 'int32' || dtype === 'float32';
}

/** What a column of this dtype holds, in words. */
export function holds(dtype: string): string {
  if (isNumeric(dtype)) return 'numbers';
  return dtype === 'boolean' ? 'yes or no' : 'text';
}

/** Orders values of one kind, text by its characters' codes as pandas does, and missing ones last whichever way. */
export function comparison(ascending: boolean): (a: Cell, b: Cell) => number {
  return (a, b) => {
    if (isMissing(a) || isMissing(b)) return Number(isMissing(a)) - Number(isMissing(b));
    return (a < b ? -1 : Number(a > b)) * (ascending ? 1 : -1);
  };
}

/** A key for a `Map` that differs wherever the values do, in kind as well: `3` is not `'3'`. */
export function keyOf(values: readonly Cell[]): string {
  return JSON.stringify(values);
}
