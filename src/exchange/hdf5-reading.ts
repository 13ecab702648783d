import { InputError } from '../common/errors.js';
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
  const guarded = <R>(call: () => R): R => {
    try {
      return call();
    } catch (error) {
      throw new InputError(`${name} is damaged: HDF5 says ${lastLineOf(error)}`);
    }
  };
  const path = `file-${files++}.h5`;
  library.FS.writeFile(path, bytes);
  let file: InstanceType<typeof File> | undefined;
  try {
    const opened = guarded(() => new File(path, 'r'));
    file = opened;
    const at = (place: string) => guarded(() => (place === '/' ? opened : opened.get(place)));
    return read({
      tensor: (place) => {
        const object = at(place);
        if (object === null) return undefined;
        if (!(object instanceof Dataset)) throw new InputError(`${name} is damaged: ${place} is no tensor`);
        const { metadata, shape } = guarded(() => ({ metadata: object.metadata, shape: object.shape ?? [] }));
        const size = shape.reduce((product, length) => product * length, 1);
        if (metadata.type !== FLOAT || ![4, 8].includes(metadata.size))
          throw new InputError(`Cannot read ${name}: weights must be float32, those in ${place} are not`);
        if (!(size <= MOST_WEIGHTS))
          throw new InputError(
            `Cannot read ${name}: ${place} must have at most ${MOST_WEIGHTS} numbers, it has ${size}`,
          );
        const values = size === 0 ? [] : floats(guarded(() => object.value));
        if (values.length !== size)
          throw new InputError(`${name} is damaged: ${place} has not the numbers of its shape`);
        return { shape, values: Float32Array.from(values) };
      },
      attribute: (place, key) => {
        const object = at(place);
        if (object === null || !('attrs' in object)) return undefined;
        return guarded(() => object.attrs[key]?.value ?? undefined);
      },
    });
  } finally {
    try {
      file?.close();
    } catch {
      // A damaged file may not close; it is removed all the same.
    }
    library.FS.unlink(path);
  }
}

/** The library tells first where in it something went wrong, and last what. */
function lastLineOf(error: unknown): string {
  const lines = (error instanceof Error ? error.message : String(error)).split('\n').map((line) => line.trim());
  return lines.filter(Boolean).at(-1) ?? 'no more';
}

/** HDF5's class of floating-point numbers. */
const FLOAT = 1;

/** A value as the library gives it: typed arrays, and for a tensor without axes a number. */
function floats(value: unknown): ArrayLike<number> {
  return value instanceof Float32Array || value instanceof Float64Array ? value : [Number(value)];
}
