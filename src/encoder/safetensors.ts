import { z } from 'zod';
import { InputError, reasonOf } from '../common/errors.js';

/** A tensor as a file holds it. */
export interface StoredTensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
  /** The bits of the same numbers in half precision, where the file has them so. */
  readonly halves?: Uint16Array;
}

const headerSchema = z.record(
  z.string(),
  z.object({
    dtype: z.enum(['F16', 'F32']),
    shape: z.array(z.number().int().nonnegative()),
    data_offsets: z.tuple([z.number().int().nonnegative(), z.number().int().nonnegative()]),
  }),
);

/** No header is larger: that of a network with a thousand tensors has 100 kB. */
const LARGEST_HEADER_BYTES = 10e6;

/**
 * Reads the tensors of a file in the safetensors format, in half or single precision.
 *
 * @param name - of the file, for messages
 * @throws InputError if it is damaged, or holds numbers of another kind
 * @see https://github.com/huggingface/safetensors
 */
export function readSafetensors(bytes: Uint8Array, name: string): Map<string, StoredTensor> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const damaged = (why: string) => new InputError(`${name} is damaged: ${why}`);
  const headerBytes = bytes.length < 8 ? Number.NaN : Number(view.getBigUint64(0, true));
  if (!(headerBytes <= Math.min(LARGEST_HEADER_BYTES, bytes.length - 8)))
    throw damaged('its header is longer than the file');
  let header: z.infer<typeof headerSchema>;
  try {
    const { __metadata__, ...tensors } = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + headerBytes)));
    header = headerSchema.parse(tensors);
  } catch (error) {
    throw damaged(
      `its header cannot be read (${error instanceof z.ZodError ? z.prettifyError(error) : reasonOf(error)})`,
    );
  }
  const start = 8 + headerBytes;
  return new Map(
    Object.entries(header).map(
      ([
        tensor,
        {
          dtype,
          shape,
          data_offsets: [from, to],
        },
      ]): [string, StoredTensor] => {
        const size = shape.reduce((product, length) => product * length, 1);
        const width = dtype === 'F16' ? 2 : 4;
        if (to - from !== size * width || start + to > bytes.length)
          throw damaged(`tensor ${tensor} has not the ${size} numbers of its shape`);
        // Copied, because it may lie at an odd address.
        const data = new Uint8Array(bytes.subarray(start + from, start + to)).buffer;
        if (dtype === 'F32') return [tensor, { shape, values: new Float32Array(data) }];
        const halves = new Uint16Array(data);
        return [tensor, { shape, values: widened(halves), halves }];
      },
    ),
  );
}

/** Half precision as single precision. */
function widened(halves: Uint16Array): Float32Array {
  const values = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) values[i] = HALF_VALUES[halves[i]];
  return values;
}

/** The value of each of the 65,536 numbers in half precision. */
const HALF_VALUES = Float32Array.from({ length: 2 ** 16 }, (_, half) => {
  const sign = half >> 15 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : (2 ** -14 * fraction) / 1024);
});
