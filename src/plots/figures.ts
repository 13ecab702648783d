export { classBalanceFigure } from './balance.js';
export type { Figure, Json, JsonObject } from './figure.js';
export { filterFigure, networkFigure } from './network.js';
export {
  type ConfusionOptions,
  confusionFigure,
  type HistoryRow,
  historyFigure,
  type LossesOptions,
  lossesFigure,
  recallFigure,
} from './results.js';
export {
  type ProbabilityWindow,
  type TrueStretch,
  timelineFigure,
  waveformFigure,
} from './sound.js';
export { type SpectrogramData, spectrogramFigure, spectrogramsFigure } from './spectrogram.js';
