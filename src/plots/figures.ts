/**
 * Figures. In: results, features and sounds, as plain values. Out: Plotly's traces and layout, as plain data that any page
 * can draw. Nothing here needs Node; `src/pages` makes HTML and pictures of them.
 */

export { classBalanceFigure } from './balance.js';
export { clipMapFigure, drawnClips, type MappedClips, MOST_MAPPED } from './clip-map.js';
export { coverageFigure, reliabilitiesFigure, reliabilityFigure } from './confidence.js';
export { type DescriptorsOptions, type DescriptorWeights, descriptorsFigure } from './descriptors.js';
export type { Figure, Json, JsonObject } from './figure.js';
export { type Estimate, intervalsFigure } from './intervals.js';
export { filterFigure, networkFigure } from './network.js';
export { type PrincipalComponents, principalComponents, type Vectors } from './principal-components.js';
export {
  type ConfusionOptions,
  confusionFigure,
  type HistoryRow,
  historyFigure,
  type LossesOptions,
  lossesFigure,
  recallFigure,
} from './results.js';
export { robustnessFigure } from './robustness.js';
export {
  type ProbabilityWindow,
  type TrueStretch,
  timelineFigure,
  waveformFigure,
} from './sound.js';
export { type SpectrogramData, spectrogramFigure, spectrogramsFigure } from './spectrogram.js';
