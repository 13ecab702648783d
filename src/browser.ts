/** What a TypeScript product needs in a browser: a trained model's predictions. The browser decodes recordings. */

export { InputError, UsageError } from './common/errors.js';
export type { WindowPrediction } from './model/answer.js';
export { UNCERTAIN } from './model/answer.js';
export type { AudioBufferLike, Samples, Sound } from './model/audio.js';
export type { Prediction, PredictionOptions, TrainedModel, WindowOptions } from './model/emotion-model.js';
export { type BrowserOptions, loadModel } from './model/load-in-browser.js';
export type { FolderFile, ModelSource } from './model/model-files.js';
export { type RunningAnswer, type RunningOptions, RunningPrediction } from './model/running.js';
