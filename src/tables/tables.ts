/**
 * Tables for notebooks. In: clips, histories, predictions and metrics, as the other folders make them. Out: DataFrames,
 * danfo's with types and corrections, with the column names of the CSV files that a run writes.
 */

export type { Predictions } from '../evaluation/predictions.js';
export type { Cell, Dtype, Statistic } from './cells.js';
export { type DescribedClip, describeClips } from './describe.js';
export {
  type Aggregate,
  type Columns,
  type Condition,
  concat,
  DataFrame,
  type FrameOptions,
  type Groupby,
  type JoinOptions,
  merge,
  type Row,
  type Selection,
  type TypedFrame,
  tableOf,
} from './frame.js';
export type { JoinKind } from './join.js';
export {
  acousticTable,
  type ClipFacts,
  type ClipRow,
  classesTable,
  clipsTable,
  equalTo,
  historyTable,
  metricsTable,
  predictionsTable,
  splitsTable,
  valuesBy,
} from './rows.js';
export { type Operand, Series, type Widened } from './series.js';
