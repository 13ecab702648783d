/**
 * Tables for notebooks. In: clips, histories, predictions and metrics, as the other folders make them. Out: danfo
 * DataFrames, with the column names of the CSV files that a run writes.
 */

export type { Predictions } from '../evaluation/predictions.js';
export { concat, DataFrame, merge, Series } from './danfo.js';
export { type DescribedClip, describeClips } from './describe.js';
export {
  acousticTable,
  type Cell,
  type ClipFacts,
  classesTable,
  clipsTable,
  equalTo,
  historyTable,
  metricsTable,
  predictionsTable,
  splitsTable,
  tableOf,
  valuesBy,
} from './rows.js';
