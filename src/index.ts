/** What a TypeScript product needs: a trained model's predictions, and the whole job as a function. */
export { decodeBytes, type Recording } from './audio/decode.js';
export { InputError, UsageError } from './common/errors.js';
export type { Metrics } from './evaluation/metrics.js';
export type { ConditionMetrics, Robustness } from './evaluation/robustness.js';
export { type GraphInput, type OnnxPreparation, onnxPreparation } from './exchange/onnx-preparation.js';
export {
  type ExperimentOptions,
  type ExperimentResult,
  makeTables,
  runExperiment,
} from './experiment/experiment.js';
export type { AudioBufferLike, Samples, Sound } from './model/audio.js';
export {
  type Answer,
  type Audio,
  type FilePrediction,
  type LazyAudio,
  type Prediction,
  type PredictionOptions,
  type TrainedModel,
  UNCERTAIN,
  type WindowOptions,
  type WindowPrediction,
} from './model/emotion-model.js';
export { loadModel, readModelCard } from './model/load.js';
export type { FolderFile, ModelSource } from './model/model-files.js';
export { type RunningAnswer, type RunningOptions, RunningPrediction } from './model/running.js';
export { RUN_DEFAULTS, type RunConfig } from './run/config.js';
export type { Cost, Sitting, Spent } from './run/cost.js';
export { type EvaluationOptions, type EvaluationResult, evaluateModel } from './run/evaluate-model.js';
export { type Reporter, SILENT } from './run/reporter.js';
export { type ResumeOptions, type RunOptions, type RunResult, resume, run } from './run/run.js';
export { type StressOptions, type StressResult, stress } from './run/stress.js';
