import assert from 'node:assert/strict';
import { readMp3Header } from '../../src/audio/mp3.js';
import { memorySource } from '../../src/audio/source.js';

/** The fields of a frame's head, see ISO/IEC 11172-3, 2.4.1.3: numbers as they are stored. */
interface Head {
  readonly version: number;
  readonly layer: number;
  readonly bitrate: number;
  readonly rate: number;
  readonly padding: number;
  readonly mode: number;
}

/** MPEG 1, layer III, 128 kbit/s, 44,100 Hz, stereo: frames of 417 bytes. */
const USUAL: Head = { version: 3, layer: 1, bitrate: 9, rate: 0, padding: 0, mode: 0 };

/** Four bytes of head, and zeros up to a length. */
function frame(change: Partial<Head> = {}, length = 417): Buffer {
  const { version, layer, bitrate, rate, padding, mode } = { ...USUAL, ...change };
  const bytes = Buffer.alloc(length);
  bytes.writeUInt32BE(
    ((0x7ff << 21) | (version << 19) | (layer << 17) | (1 << 16) | (bitrate << 12) | (rate << 10) | (padding << 9)) >>>
      0,
  );
  bytes[3] = mode << 6;
  return bytes;
}

/** Writes a table of contents into a frame: a mark, flags, and the number of frames. */
function withContents(bytes: Buffer, { at = 36, mark = 'Xing', flags = 1, frames = 100 } = {}): Buffer {
  bytes.write(mark, at);
  bytes.writeUInt32BE(flags, at + 4);
  bytes.writeUInt32BE(frames, at + 8);
  return bytes;
}

const read = (...parts: Uint8Array[]) => readMp3Header(memorySource(Buffer.concat(parts)));

describe('readMp3Header()', () => {
  const forms: Record<string, [head: Partial<Head>, bytes: number, sampleRateHz: number, bitsPerSecond: number]> = {
    'MPEG 1, 44,100 Hz': [{}, 417, 44100, 128000],
    'MPEG 1, 44,100 Hz, padded': [{ padding: 1 }, 418, 44100, 128000],
    'MPEG 1, 48,000 Hz': [{ rate: 1, bitrate: 1 }, 96, 48000, 32000],
    'MPEG 1, 32,000 Hz': [{ rate: 2, bitrate: 14 }, 1440, 32000, 320000],
    'MPEG 2, 22,050 Hz': [{ version: 2, bitrate: 8 }, 208, 22050, 64000],
    'MPEG 2, 24,000 Hz': [{ version: 2, bitrate: 1, rate: 1 }, 24, 24000, 8000],
    'MPEG 2.5, 8,000 Hz': [{ version: 0, bitrate: 2, rate: 2 }, 144, 8000, 16000],
    'MPEG 2.5, 11,025 Hz': [{ version: 0, bitrate: 14 }, 1044, 11025, 160000],
  };
  for (const [name, [head, bytes, sampleRateHz, bitsPerSecond]] of Object.entries(forms))
    it(`reads ${name}, and estimates the length from the size`, () => {
      // The second frame is found only where the first one has the right length.
      const file = Buffer.concat([frame(head, bytes), frame(head, bytes), Buffer.alloc(1000)]);
      const header = readMp3Header(memorySource(file));
      assert.ok(header);
      assert.deepEqual(
        [header.codec, header.sampleRateHz, header.channels, header.promisedSamples, header.truncated],
        ['mp3', sampleRateHz, 2, undefined, undefined],
      );
      assert.equal(header.seconds, (8 * file.length) / bitsPerSecond);
      assert.deepEqual(Buffer.from(header.encoded()), file);
    });

  it('tells the channels from the mode', () => {
    const channels = [0, 1, 2, 3].map((mode) => read(frame({ mode }), frame({ mode }))?.channels);
    assert.deepEqual(channels, [2, 2, 2, 1]);
  });

  it('takes the length from the table of contents, wherever the form of the file puts that', () => {
    const forms: [head: Partial<Head>, length: number, at: number, seconds: number, promised: number][] = [
      [{}, 417, 36, (100 * 1152) / 44100, 97 * 1152],
      [{ mode: 3 }, 417, 21, (100 * 1152) / 44100, 97 * 1152],
      [{ version: 2, bitrate: 8 }, 208, 21, (100 * 576) / 22050, 97 * 576],
      [{ version: 2, bitrate: 8, mode: 3 }, 208, 13, (100 * 576) / 22050, 97 * 576],
    ];
    for (const [head, length, at, seconds, promised] of forms)
      for (const mark of ['Xing', 'Info']) {
        const header = read(withContents(frame(head, length), { at, mark }), frame(head, length));
        assert.deepEqual([header?.seconds, header?.promisedSamples], [seconds, promised], `${mark} at ${at}`);
      }
  });

  it('takes no notice of a table that does not give the length, or of what is not a table', () => {
    for (const contents of [{ flags: 0xfffffffe }, { frames: 0 }, { mark: 'LAME' }, { at: 32 }]) {
      const header = read(withContents(frame(), contents), frame());
      assert.deepEqual([header?.seconds, header?.promisedSamples], [(8 * 834) / 128000, undefined]);
    }
  });

  it('takes no notice of a table that the end of the file cuts off', () => {
    // Frames of 26 bytes: the table of the first one reaches over the second one's head, to 33.
    const head = { version: 2, bitrate: 1 };
    const bytes = Buffer.concat([frame(head, 26), frame(head, 4), Buffer.from([0, 0, 5])]);
    bytes.write('Xing', 21);
    // The private bit, which is the flag of the number of frames.
    bytes[28] |= 1;
    assert.deepEqual([read(bytes)?.seconds, read(bytes)?.promisedSamples], [(5 * 576) / 22050, 2 * 576]);
    for (const length of [30, 32]) {
      const header = read(bytes.subarray(0, length));
      assert.deepEqual([header?.seconds, header?.promisedSamples], [(8 * length) / 8000, undefined], `${length} bytes`);
    }
  });

  it('promises no samples for frames that decoders leave out', () => {
    const promised = [2, 3, 4].map((frames) => read(withContents(frame(), { frames }), frame())?.promisedSamples);
    assert.deepEqual(promised, [0, 0, 1152]);
  });

  it('looks for the first frame behind up to 4,096 bytes of something else', () => {
    const file = Buffer.concat([Buffer.alloc(4095), frame(), frame()]);
    const header = readMp3Header(memorySource(file));
    assert.equal(header?.seconds, (8 * 834) / 128000);
    assert.deepEqual(Buffer.from(header.encoded()), file.subarray(4095));
    assert.equal(read(Buffer.alloc(1), file), undefined);
  });

  it('needs the heads of two frames that follow one another', () => {
    const second = frame();
    assert.ok(read(frame(), second.subarray(0, 4)));
    assert.equal(read(frame(), second.subarray(0, 3)), undefined);
    assert.equal(read(frame()), undefined);
    assert.equal(read(frame({}, 416), second), undefined);
    assert.equal(read(frame({}, 418), second), undefined);
    assert.equal(read(), undefined);
  });

  it('refuses what no frame of layer III has', () => {
    const bad = [
      { version: 1 },
      { layer: 0 },
      { layer: 2 },
      { layer: 3 },
      { rate: 3 },
      { bitrate: 0 },
      { bitrate: 15 },
    ];
    for (const head of bad) {
      const bytes = frame(head);
      assert.equal(read(bytes, bytes, bytes), undefined, JSON.stringify(head));
    }
    for (const [at, value] of [
      [0, 0xfe],
      [1, 0xdb],
    ]) {
      const bytes = frame();
      bytes[at] = value;
      assert.equal(read(bytes, bytes, bytes), undefined, `byte ${at}`);
    }
  });
});
