/** Tables for notebooks: danfo DataFrames from typed rows, with the column names of the CSV files that a run writes. */
export { concat, DataFrame, merge, Series } from './frames/danfo.js';
export { type DescribedClip, describeClips } from './frames/describe.js';
export {
  acousticFrame,
  type Cell,
  type ClipFacts,
  classesFrame,
  clipsFrame,
  equalTo,
  frameOf,
  historyFrame,
  metricsFrame,
  predictionsFrame,
  splitsFrame,
  valuesBy,
} from './frames/frames.js';
export type { Predictions } from './predictions.js';
