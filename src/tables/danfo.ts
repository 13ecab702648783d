import Module from 'node:module';
import * as tf from '@tensorflow/tfjs-core';

/**
 * Lets danfo calculate with the TensorFlow.js that this project uses.
 *
 * danfojs-node requires `@tensorflow/tfjs-node`, which throws where there is no native library, and would choose the
 * backend behind the project's back. The one file of danfo's that does so is replaced here by tfjs's core, before it is
 * loaded, so that tables work on every backend, and before any is chosen.
 */
function replaceTensorflow(): void {
  const path = require.resolve('danfojs-node/dist/danfojs-base/shared/tensorflowlib.js');
  if (require.cache[path]) return;
  const replacement = new Module(path);
  replacement.filename = path;
  replacement.loaded = true;
  replacement.exports = { __esModule: true, default: tf };
  require.cache[path] = replacement;
}

replaceTensorflow();

// Loaded by a call, because the compiler would move an import above the line before.
const danfo = require('danfojs-node') as typeof import('danfojs-node');

/** danfo's table of named columns; see https://danfo.jsdata.org. */
export const DataFrame = danfo.DataFrame;
export type DataFrame = import('danfojs-node').DataFrame;

/** danfo's single column. */
export const Series = danfo.Series;
export type Series = import('danfojs-node').Series;

/** danfo's functions to join two tables, and to put tables below or beside one another. */
export const { merge, concat } = danfo;
