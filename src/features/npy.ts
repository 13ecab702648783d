/**
 * A float32 array as NumPy's `.npy` file, version 1.0: `numpy.load` reads it.
 *
 * @param shape - its product is the number of values
 * @throws RangeError if shape and values do not fit
 */
export function npyBytes(values: Float32Array, shape: readonly number[]): Uint8Array {
  if (shape.reduce((a, b) => a * b, 1) !== values.length)
    throw new RangeError(`Cannot write .npy: shape (${shape.join(', ')}) does not hold ${values.length} values`);
  const description = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape.join(', ')}${shape.length === 1 ? ',' : ''}), }`;
  const prefix = 10;
  // NumPy wants the header, which ends in a line break, to end at a multiple of 64.
  const padded = description.padEnd(Math.ceil((prefix + description.length + 1) / 64) * 64 - prefix - 1);
  const bytes = Buffer.alloc(prefix + padded.length + 1 + values.byteLength);
  bytes.write('\x93NUMPY\x01\x00', 'latin1');
  bytes.writeUInt16LE(padded.length + 1, 8);
  bytes.write(`${padded}\n`, prefix, 'latin1');
  bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), prefix + padded.length + 1);
  return bytes;
}
