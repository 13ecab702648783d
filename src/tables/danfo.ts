import Module from 'node:module';
import * as tf from '@tensorflow/tfjs-core';

/**
 * Lets danfo calculate with the TensorFlow.js that this project uses.
 *
 * danfojs-node requires `@tensorflow/tfjs-node`, which throws where there is no native library, and would choose the
 * backend behind the project's back. Its one file that does so is answered here, before it is read, with tfjs's core, so
 * that frames work on every backend, and before any is chosen.
 */
function answerTensorflow(): void {
  const path = require.resolve('danfojs-node/dist/danfojs-base/shared/tensorflowlib.js');
  if (require.cache[path]) return;
  const answer = new Module(path);
  answer.filename = path;
  answer.loaded = true;
  answer.exports = { __esModule: true, default: tf };
  require.cache[path] = answer;
}

answerTensorflow();

// Loaded by a call, not by an import, which the compiler would put before the line above.
const danfo = require('danfojs-node') as typeof import('danfojs-node');

/** danfo's table of named columns; see https://danfo.jsdata.org. */
export const DataFrame = danfo.DataFrame;
export type DataFrame = import('danfojs-node').DataFrame;

/** danfo's single column. */
export const Series = danfo.Series;
export type Series = import('danfojs-node').Series;

/** danfo's join of two frames, and its way to put frames below or beside one another. */
export const { merge, concat } = danfo;
