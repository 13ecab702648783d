import { InputError, reasonOf } from '../common/errors.js';
import type { StoredTensor } from '../encoder/safetensors.js';
import { MOST_WEIGHTS } from '../model/settings.js';

/** An HDF5 file at hand. */
export interface Hdf5Reading {
  /**
   * The tensor of a path, in single or double precision.
   *
   * @returns undefined if there is none
   * @throws InputError if it is no tensor, has other numbers, or more than any network
   */
  readonly tensor: (path: string) => StoredTensor | undefined;
  /** The attribute of an object; undefined if there is no such object, or it has none of that name. */
  readonly attribute: (path: string, name: string) => unknown;
}

let files = 0;

/**
 * Reads an HDF5 file with the HDF5 library in WebAssembly, which has a file system of its own and reaches no other file.
 *
 * @param name - of the file, for messages
 * @param read - what is wanted of it; what it returns must not need the file any more
 * @throws InputError if it is damaged, or what `read` throws
 */
export async function readHdf5<T>(bytes: Uint8Array, name: string, read: (file: Hdf5Reading) => T): Promise<T> {
  const { File, Dataset, ready } = await import('h5wasm');
  const library = await ready;
  // Otherwise it prints what is wrong, and goes on.
  library.activate_throwing_error_handler();
  const path = `file-${files++}.h5`;
  library.FS.writeFile(path, bytes);
  let file: InstanceType<typeof File> | undefined;
  try {
    file = new File(path, 'r');
    const found = file;
    const at = (place: string) => (place === '/' ? found : found.get(place));
    return read({
      tensor: (place) => {
        const object = at(place);
        if (object === null) return undefined;
        if (!(object instanceof Dataset)) throw new InputError(`${name} is damaged: ${place} is no tensor`);
        const { metadata, shape } = object;
        const size = (shape ?? []).reduce((product, length) => product * length, 1);
        if (metadata.type !== FLOAT || ![4, 8].includes(metadata.size))
          throw new InputError(`Cannot read ${name}: weights must be float32, those in ${place} are not`);
        if (!(size <= MOST_WEIGHTS))
          throw new InputError(
            `Cannot read ${name}: ${place} must have at most ${MOST_WEIGHTS} numbers, it has ${size}`,
          );
        return {
          shape: shape ?? [],
          values: size === 0 ? new Float32Array() : Float32Array.from(floats(object.value)),
        };
      },
      attribute: (place, key) => {
        const object = at(place);
        if (object === null || !('attrs' in object)) return undefined;
        return object.attrs[key]?.value ?? undefined;
      },
    });
  } catch (error) {
    if (error instanceof InputError || error instanceof RangeError) throw error;
    throw new InputError(`${name} is damaged: its HDF5 library says ${reasonOf(error)}`);
  } finally {
    try {
      file?.close();
    } catch {
      // A damaged file may not close; it is removed all the same.
    }
    library.FS.unlink(path);
  }
}

/** HDF5's class of floating-point numbers. */
const FLOAT = 1;

/** A value as the library gives it: typed arrays, and for a tensor without axes a number. */
function floats(value: unknown): Iterable<number> & ArrayLike<number> {
  return value instanceof Float32Array || value instanceof Float64Array ? value : [Number(value)];
}
