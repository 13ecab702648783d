export { classBalanceFigure } from './balance.js';
export type { Figure, Json, JsonObject } from './figure.js';
export {
  type ConfusionOptions,
  confusionFigure,
  type HistoryRow,
  historyFigure,
  recallFigure,
} from './results.js';
export {
  type ProbabilityWindow,
  timelineFigure,
  waveformFigure,
} from './sound.js';
export { type SpectrogramData, spectrogramFigure, spectrogramsFigure } from './spectrogram.js';
