/**
 * Trained networks as the files of other software, which needs nothing of this project to read them.
 *
 * In: a model that is loaded. Out: the names and bytes of files.
 */
import type { ExportFormat } from './export-format.js';
import { keras } from './keras.js';
import { onnx } from './onnx.js';
import { safetensors } from './safetensors.js';
import { tfjs } from './tfjs.js';

/** All formats by the name that `--format` takes: another one is a file of its own and a name here. */
export const EXPORT_FORMATS = { keras, onnx, tfjs, safetensors } satisfies Readonly<Record<string, ExportFormat>>;

export type ExportFormatName = keyof typeof EXPORT_FORMATS;
