/**
 * A trained model for other software. In: its folder and a format. Out: a file or a folder, and the model card beside it.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { useBackend } from '../backend/backend.js';
import type { BackendName } from '../backend/info.js';
import { InputError } from '../common/errors.js';
import { writeFile } from '../common/files.js';
import { readEncoderFile } from '../encoder/load.js';
import { cardBeside } from '../exchange/card.js';
import { EXPORT_FORMATS, type ExportFormatName } from '../exchange/exports.js';
import { loadBundles, modelFolder } from '../model/bundle-files.js';
import { CARD_FILE } from '../model/model-files.js';

/** How a model is exported. */
export interface ExportOptions {
  readonly format: ExportFormatName;
  /** The file, or of formats with several files the folder, which must not be there yet; default: the usual name, here. */
  readonly out?: string;
  /** What computes while it is loaded; default: the native library where there is one, else WebAssembly. */
  readonly backend?: 'auto' | BackendName;
}

/** What was written. */
export interface ExportResult {
  readonly path: string;
  /** The model card beside it, or of a folder in it. */
  readonly card: string;
  readonly bytes: number;
}

/**
 * Writes a trained model as the files of other software.
 *
 * @param model - the folder of a run, its `model` folder, or the `model.json` in that
 * @throws InputError if the model is missing, damaged or cannot be expressed, or if there is something at `out` already
 */
export async function exportModel(model: string, { format, out, backend }: ExportOptions): Promise<ExportResult> {
  await useBackend(backend);
  const loaded = await loadBundles(model);
  try {
    const files = await EXPORT_FORMATS[format].write({ ...loaded, encoderFile: readEncoderFile });
    const path = out ?? (files.length === 1 ? files[0].name : format);
    if (existsSync(path)) throw new InputError(`Cannot write ${path}: there is such a file or folder already`);
    for (const { name, bytes } of files) writeFile(files.length === 1 ? path : join(path, name), bytes);
    const card = files.length === 1 ? `${path}.md` : join(path, CARD_FILE);
    const own = join(modelFolder(model), CARD_FILE);
    writeFile(card, cardBeside(loaded, existsSync(own) ? readFileSync(own, 'utf8') : undefined));
    return { path, card, bytes: files.reduce((sum, file) => sum + file.bytes.length, 0) };
  } finally {
    for (const { network } of loaded.members) network.dispose();
  }
}
