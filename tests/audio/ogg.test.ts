import assert from 'node:assert/strict';
import { isOgg, readOggHeader } from '../../src/audio/ogg.js';
import { memorySource } from '../../src/audio/source.js';
import { streamInfo } from './flac.js';
import { oggPage } from './ogg.js';

/** The first packets of each kind of stream, as short as they may be. */
const vorbis = (channels = 2, sampleRateHz = 44100) => {
  const packet = Buffer.alloc(30);
  packet.write('\x01vorbis');
  packet[11] = channels;
  packet.writeUInt32LE(sampleRateHz, 12);
  return packet;
};
const opus = (channels = 1, skip = 312) => {
  const packet = Buffer.alloc(19);
  packet.write('OpusHead\x01');
  packet[9] = channels;
  packet.writeUInt16LE(skip, 10);
  // The encoder's rate, which decoding does not have.
  packet.writeUInt32LE(16000, 12);
  return packet;
};
const flac = Buffer.concat([
  Buffer.from('\x7fFLAC\x01\0\0\x01', 'latin1'),
  streamInfo({ sampleRateHz: 24000, channels: 3, bits: 24, samples: 0 }),
]);

const file = (packet: Uint8Array, ...pages: Uint8Array[]) =>
  Buffer.concat([oggPage(packet, { position: 0, flags: 2 }), ...pages]);
const audio = (position: number, flags = 0, content: Uint8Array = Buffer.alloc(600)) =>
  oggPage(content, { position, flags });
/** What a file's header says, but for its bytes. */
const read = (bytes: Uint8Array) => {
  const { encoded, ...header } = readOggHeader(memorySource(bytes));
  return header;
};
const CUT = { reason: 'the Ogg file ends without its last page' };

describe('readOggHeader()', () => {
  it('reads what the first packet says, and the length from the last page', () => {
    const page = audio(48000, 4);
    assert.deepEqual(read(file(vorbis(2, 44100), page)), {
      codec: 'oga',
      channels: 2,
      sampleRateHz: 44100,
      seconds: 48000 / 44100,
      truncated: undefined,
    });
    assert.deepEqual(read(file(opus(6, 480), page)), {
      codec: 'opus',
      channels: 6,
      sampleRateHz: 48000,
      seconds: 0.99,
      truncated: undefined,
    });
    assert.deepEqual(read(file(flac, page)), {
      codec: 'flac',
      channels: 3,
      sampleRateHz: 24000,
      integerBits: 24,
      seconds: 2,
      truncated: undefined,
    });
  });

  it('takes the last page that is whole, and says so where part of another follows', () => {
    const whole = file(vorbis(), audio(1000), audio(2000), audio(3000, 4));
    const last = audio(3000, 4).length;
    const secondsAndEnd = (bytes: Uint8Array) => {
      const { seconds, truncated } = read(bytes);
      return [Math.round(seconds * 44100), truncated];
    };
    assert.deepEqual(secondsAndEnd(whole), [3000, undefined]);
    // A whole page is the end, whether it says so or not, and whatever else follows.
    assert.deepEqual(secondsAndEnd(whole.subarray(0, -last)), [2000, undefined]);
    assert.deepEqual(secondsAndEnd(file(vorbis(), audio(1000), Buffer.from('TAG'))), [1000, undefined]);
    // In its content, its table of lengths, its head, and its mark.
    for (const kept of [last - 1, 40, 29, 28, 27, 26, 20, 4, 3, 1])
      assert.deepEqual(secondsAndEnd(whole.subarray(0, whole.length - last + kept)), [2000, CUT], `${kept} bytes`);
  });

  it('passes over pages in which no packet ends, and over marks within the audio', () => {
    const marked = Buffer.alloc(600, 'OggS');
    const { seconds, truncated } = read(file(vorbis(), audio(1000, 0, marked), audio(2000, 4, marked)));
    assert.deepEqual([Math.round(seconds * 44100), truncated], [2000, undefined]);
    assert.deepEqual(read(file(vorbis(), audio(1000), audio(-1))), {
      ...read(file(vorbis(), audio(1000))),
      truncated: undefined,
    });
  });

  it('takes a page in the middle of a packet for an end that is missing', () => {
    // 255 bytes and no shorter segment after them: the packet goes on in the next page.
    const open = Buffer.from(audio(1000, 0, Buffer.alloc(255)));
    open[26] = 1;
    const unfinished = Buffer.concat([open.subarray(0, 28), open.subarray(29)]);
    assert.deepEqual(read(file(vorbis(), unfinished)).truncated, CUT);
    unfinished[5] = 4;
    assert.deepEqual(read(file(vorbis(), unfinished)).truncated, undefined);
  });

  it('reads a file of one page', () => {
    assert.equal(read(oggPage(vorbis(), { position: 4410, flags: 6 })).seconds, 0.1);
    assert.equal(read(oggPage(vorbis(), { position: 4410, flags: 6 })).truncated, undefined);
    assert.equal(read(oggPage(opus(1, 200), { position: 5000, flags: 6 })).seconds, 0.1);
  });

  it('finds the last page of a long file, and reads no more than it needs', () => {
    const many = Array.from({ length: 600 }, (_, i) => audio(1000 * (i + 1), i === 599 ? 4 : 0));
    const bytes = file(vorbis(), ...many);
    let count = 0;
    const source = memorySource(bytes);
    const header = readOggHeader({
      ...source,
      read: (offset, length) => {
        const part = source.read(offset, length);
        count += part.length;
        return part;
      },
    });
    assert.equal(header.seconds, 600_000 / 44100);
    // The largest page at the start, and two at the end.
    assert.ok(count <= 3 * 65_307, `${count} of ${bytes.length} bytes`);
    assert.deepEqual(Buffer.from(header.encoded()), bytes);
  });

  it('has no negative length where less than what is skipped is there', () => {
    assert.equal(read(file(opus(1, 312), audio(300, 4))).seconds, 0);
  });

  it('refuses a first packet that is cut short, or of something else', () => {
    const theora = Buffer.concat([Buffer.from('\x80theora'), Buffer.alloc(40)]);
    for (const packet of [vorbis().subarray(0, 29), opus().subarray(0, 18), theora, Buffer.alloc(0)])
      assert.throws(() => read(file(packet)), {
        name: 'HeaderError',
        message: 'the Ogg file holds neither Vorbis nor Opus nor FLAC, or ends in its header',
      });
    assert.throws(() => read(file(flac.subarray(0, 50))), { message: 'the FLAC header is incomplete' });
    assert.throws(() => read(Buffer.from('OggS')), { name: 'HeaderError' });
  });
});

describe('isOgg()', () => {
  it('knows its mark', () => {
    assert.ok(isOgg(Buffer.from('OggS')));
    assert.ok(!isOgg(Buffer.from('oggs')));
  });
});
