import { InputError } from '../common/errors.js';
import type { EncoderName } from '../encoder/encoder.js';
import type { Bundle } from '../model/bundle.js';
import type { EnsembleSettings } from '../model/settings.js';

/** A trained model as it is handed on: one network, or several whose answers are averaged. */
export interface Exportable {
  readonly members: readonly Bundle[];
  /** How they are averaged; only where there are several. */
  readonly ensemble?: EnsembleSettings;
  /** Gives the content of an encoder's file to formats that hold the encoder too. */
  readonly encoderFile?: (name: EncoderName) => Uint8Array | Promise<Uint8Array>;
}

/** A file of an export. */
export interface ExportedFile {
  /** Its usual name. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Files that other software reads. */
export interface ExportFormat {
  /** In one line, for help. */
  readonly description: string;
  /**
   * Writes a model: one file, which may be given any name, or several that belong into one folder under their names. The
   * same model gives the same bytes.
   *
   * @throws InputError if the format cannot express it
   */
  readonly write: (model: Exportable) => Promise<readonly ExportedFile[]>;
}

/**
 * The network of a model, for formats that hold one.
 *
 * @throws InputError if there are several
 */
export function singleNetwork({ members, ensemble }: Exportable, format: string): Bundle {
  if (ensemble)
    throw new InputError(
      `Cannot export the model as ${format}: it must be one network, current one averages ${ensemble.members.join(' and ')}, which can be exported each from its own folder`,
    );
  return members[0];
}
