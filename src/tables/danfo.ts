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

/** What is used of a danfo Series as it is. danfo's own type lets every misspelt name pass, and leaves out text in comparisons. */
interface Danfo {
  readonly columns: string[];
  readonly index: (string | number)[];
  /** Of each column: `int32`, `float32`, `string` or `boolean`. */
  readonly dtypes: string[];
  /** Rows and columns. */
  readonly shape: [rows: number, columns: number];
  /** Prints it as text. */
  print(): void;
  /** It as text. */
  toString(): string;
}

interface DanfoOptions {
  readonly columns: string[];
  readonly dtypes: string[];
  readonly index?: (string | number)[];
}

/** danfo's table of named columns; see https://danfo.jsdata.org. */
export const DanfoFrame = danfo.DataFrame as unknown as new (
  values: readonly (readonly (string | number | boolean)[])[],
  options: DanfoOptions,
) => Danfo;

/** danfo's single column. */
export const DanfoSeries = danfo.Series as unknown as new (
  values: readonly (string | number | boolean)[],
  options: DanfoOptions,
) => Danfo & { readonly dtype: string };
