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
  const header = prefix + padded.length + 1;
  const bytes = new Uint8Array(header + values.byteLength);
  bytes.set([0x93, ...new TextEncoder().encode('NUMPY'), 1, 0]);
  new DataView(bytes.buffer).setUint16(8, padded.length + 1, true);
  bytes.set(new TextEncoder().encode(`${padded}\n`), prefix);
  bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), header);
  return bytes;
}
