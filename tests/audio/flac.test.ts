import assert from 'node:assert/strict';
import { isFlac, readFlacHeader, readStreamInfo } from '../../src/audio/flac.js';
import { memorySource } from '../../src/audio/source.js';
import { streamInfo } from './flac.js';

describe('readFlacHeader()', () => {
  it('reads the form of the audio and its length', () => {
    const forms = [
      { sampleRateHz: 44100, channels: 2, bits: 24, samples: 441_000 },
      { sampleRateHz: 8000, channels: 1, bits: 8, samples: 1 },
      { sampleRateHz: 655_350, channels: 8, bits: 32, samples: 2 ** 36 - 1 },
      { sampleRateHz: 16000, channels: 3, bits: 16, samples: 3 * 2 ** 32 + 7 },
    ];
    for (const form of forms) {
      const bytes = streamInfo(form);
      assert.deepEqual(readStreamInfo(bytes), form);
      const { codec, sampleRateHz, channels, seconds, integerBits, promisedSamples } = readFlacHeader(
        memorySource(bytes),
      );
      assert.deepEqual(
        { codec, sampleRateHz, channels, seconds, integerBits, promisedSamples },
        {
          codec: 'flac',
          sampleRateHz: form.sampleRateHz,
          channels: form.channels,
          seconds: form.samples / form.sampleRateHz,
          integerBits: form.bits,
          promisedSamples: form.samples,
        },
      );
    }
  });

  it('takes the size of plain audio as a lower bound for a length that is left open', () => {
    const info = streamInfo({ sampleRateHz: 16000, channels: 2, bits: 24, samples: 0 });
    const bytes = Buffer.concat([info, Buffer.alloc(192_000 - info.length)]);
    const { seconds, promisedSamples } = readFlacHeader(memorySource(bytes));
    assert.deepEqual([seconds, promisedSamples], [2, undefined]);
  });

  it('reads no more than the header, and hands on all of it', () => {
    const info = streamInfo({ sampleRateHz: 16000, channels: 1, bits: 16, samples: 9 });
    const reads: number[][] = [];
    const source = memorySource(Buffer.concat([info, Buffer.from('frames')]));
    const watched = {
      ...source,
      read: (offset: number, length: number) => {
        reads.push([offset, length]);
        return source.read(offset, length);
      },
    };
    const { encoded } = readFlacHeader(watched);
    assert.deepEqual(reads, [[0, 42]], 'no more than the header is read before');
    assert.deepEqual(Buffer.from(encoded()), Buffer.concat([info, Buffer.from('frames')]));
    assert.deepEqual(reads[1], [0, 48]);
  });

  it('refuses a header that is incomplete', () => {
    const info = streamInfo({ sampleRateHz: 16000, channels: 1, bits: 16, samples: 9 });
    for (const length of [0, 4, 41])
      assert.throws(() => readFlacHeader(memorySource(info.subarray(0, length))), {
        name: 'HeaderError',
        message: 'the FLAC header is incomplete',
      });
  });
});

describe('isFlac()', () => {
  it('knows its mark', () => {
    assert.ok(isFlac(Buffer.from('fLaC')));
    assert.ok(!isFlac(Buffer.from('flac')));
    assert.ok(!isFlac(Buffer.from('fLa')));
  });
});
