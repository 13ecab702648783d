import assert from 'node:assert/strict';
import { readSafetensors } from '../../src/encoder/safetensors.js';

function file(header: unknown, data: Uint8Array = new Uint8Array()): Uint8Array {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

describe('readSafetensors()', () => {
  it('reads half and single precision, whatever the address', () => {
    // 1, −2, the largest half, the smallest, and infinity; IEEE 754.
    const halves = Uint16Array.of(0x3c00, 0xc000, 0x7bff, 0x0001, 0x7c00);
    const data = new Uint8Array(10 + 8);
    data.set(new Uint8Array(halves.buffer));
    data.set(new Uint8Array(Float32Array.of(0.1, -7).buffer), 10);
    const header = {
      __metadata__: { format: 'pt' },
      halves: { dtype: 'F16', shape: [5], data_offsets: [0, 10] },
      singles: { dtype: 'F32', shape: [1, 2], data_offsets: [10, 18] },
    };
    const tensors = readSafetensors(file(header, data), 'x');
    assert.deepEqual([...tensors.keys()], ['halves', 'singles']);
    assert.deepEqual([...tensors.get('halves')!.values], [1, -2, 65504, 2 ** -24, Number.POSITIVE_INFINITY]);
    assert.deepEqual(tensors.get('singles'), { shape: [1, 2], values: Float32Array.of(0.1, -7) });
  });

  const tensor = (change: object) => ({ a: { dtype: 'F32', shape: [2], data_offsets: [0, 8], ...change } });
  const refused: [what: string, bytes: Uint8Array, message: RegExp][] = [
    ['an empty file', new Uint8Array(), /^x is damaged: its header is longer than the file/],
    ['a header that promises more than there is', file('{}').subarray(0, 9), /longer than the file/],
    ['a header that is no JSON', file('{"a"'), /its header cannot be read/],
    ['another kind of numbers', file(tensor({ dtype: 'I64' }), new Uint8Array(16)), /cannot be read.*F16/s],
    ['a shape of other size', file(tensor({ shape: [3] }), new Uint8Array(8)), /tensor a has not the 3 numbers/],
    ['numbers beyond the end', file(tensor({}), new Uint8Array(7)), /tensor a has not the 2 numbers/],
    ['a negative offset', file(tensor({ data_offsets: [-8, 0] }), new Uint8Array(8)), /cannot be read/],
  ];
  for (const [what, bytes, message] of refused)
    it(`refuses ${what}`, () => assert.throws(() => readSafetensors(bytes, 'x'), { name: 'InputError', message }));
});
