import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readAsfHeader } from '../../src/audio/asf.js';
import type { EncodedHeader } from '../../src/audio/header.js';
import { isIsoMedia, readIsoMediaHeader } from '../../src/audio/iso-media.js';
import { isMatroska, readMatroskaHeader } from '../../src/audio/matroska.js';
import { type ByteSource, memorySource } from '../../src/audio/source.js';

const content = (name: string) => Buffer.from(readFileSync(join(__dirname, '../golden/formats', name)));
const refuses = (read: (source: ByteSource) => EncodedHeader, bytes: Uint8Array, message: RegExp) =>
  assert.throws(() => read(memorySource(bytes)), { name: /^(Header|Format)Error$/, message });
/** A number of 32 bits written at an offset from a mark. */
const patched = (bytes: Buffer, mark: string, at: number, value: number) => {
  const copy = Buffer.from(bytes);
  copy.writeUInt32BE(value, copy.indexOf(mark) + mark.length + at);
  return copy;
};

/** A box of MP4: its size, its name and what is in it. */
function box(name: string, ...parts: Uint8Array[]): Buffer {
  const bytes = Buffer.concat([Buffer.alloc(4), Buffer.from(name), ...parts]);
  bytes.writeUInt32BE(bytes.length);
  return bytes;
}
const numbers = (...values: number[]) => {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [i, value] of values.entries()) bytes.writeUInt32BE(value, 4 * i);
  return bytes;
};
/** The index of a track, see ISO/IEC 14496-12. */
function track({ handler = 'soun', coding = 'mp4a', rate = 16000, frames = 10, number = 1, seconds = 0 } = {}): Buffer {
  const entry = Buffer.alloc(28);
  entry.writeUInt16BE(1, 16);
  entry.writeUInt16BE(rate, 24);
  return box(
    'trak',
    box('tkhd', numbers(0, 0, 0, number)),
    box(
      'mdia',
      box('mdhd', numbers(0, 0, 0, 1000, 1000 * seconds)),
      box('hdlr', numbers(0, 0), Buffer.from(handler)),
      box('minf', box('stbl', box('stsd', numbers(0, 1), box(coding, entry)), box('stsz', numbers(0, 1, frames)))),
    ),
  );
}

describe('readIsoMediaHeader()', () => {
  const read = (...boxes: Buffer[]) =>
    readIsoMediaHeader(memorySource(Buffer.concat([box('ftyp'), ...boxes, box('mdat', Buffer.alloc(5000))])));

  it('reads the first track with sound, and the longer of what its clock and its frames say', () => {
    const moving = track({ handler: 'vide', coding: 'avc1', seconds: 99 });
    const header = read(box('moov', moving, track({ seconds: 2 }), track({ rate: 8000 })));
    assert.deepEqual(
      [header.codec, header.sampleRateHz, header.channels, header.seconds, header.truncated],
      ['m4a', 16000, 1, 2, undefined],
    );
    assert.equal(read(box('moov', track({ frames: 1000 }))).seconds, (1000 * 1024) / 16000);
    assert.equal(read(box('moov', track({ frames: 1000, coding: 'samr' }))).seconds, 20);
    assert.equal(read(box('moov', track({ frames: 1000, coding: 'sowt' }))).seconds, 0);
  });

  it('counts the frames of fragments, each for its track', () => {
    const fragment = (number: number, frames: number) =>
      box('moof', box('traf', box('tfhd', numbers(0, number)), box('trun', numbers(0, frames))));
    const index = box('moov', track({ number: 1, frames: 0 }), track({ number: 2, frames: 0, handler: 'vide' }));
    const header = read(index, fragment(1, 20), fragment(2, 3000), fragment(1, 30), fragment(3, 9));
    assert.equal(header.seconds, (50 * 1024) / 16000);
  });

  it('takes a box with a long size, and one up to the end of the file', () => {
    const index = box('moov', track());
    const long = Buffer.concat([numbers(1), Buffer.from('free'), numbers(0, 24), Buffer.alloc(8)]);
    const rest = Buffer.concat([numbers(0), Buffer.from('mdat'), Buffer.alloc(99)]);
    const header = readIsoMediaHeader(memorySource(Buffer.concat([index, long, rest])));
    assert.equal(header.truncated, undefined);
  });

  it('says how much is missing', () => {
    const bytes = Buffer.concat([box('moov', track()), box('mdat', Buffer.alloc(992))]);
    const there = bytes.length - 500;
    assert.deepEqual(readIsoMediaHeader(memorySource(bytes.subarray(0, there))).truncated, {
      reason: `the header promises ${bytes.length} bytes, the file has ${there} of them`,
      missingShare: 1 - there / bytes.length,
    });
  });

  it('refuses tables that are shorter than they say', () => {
    for (const name of ['stco', 'stsc', 'stts', 'elst', 'stsd'])
      refuses(
        readIsoMediaHeader,
        patched(content('phone.m4a'), name, 4, 0x7fffffff),
        new RegExp(`its table "${name}" is shorter`),
      );
    refuses(readIsoMediaHeader, patched(content('phone.m4a'), 'stsz', 8, 0x7fffffff), /its table "stsz" is shorter/);
    const file = (...boxes: Buffer[]) => Buffer.concat([box('moov', track(), ...boxes)]);
    refuses(readIsoMediaHeader, file(box('stsz', numbers(0, 4, 1000))), /"stsz" is shorter/);
    refuses(readIsoMediaHeader, file(box('co64', numbers(0, 1, 0))), /"co64" is shorter/);
    for (const flags of [0x100, 0])
      refuses(readIsoMediaHeader, file(box('moof', box('trun', numbers(flags, 0x7fffffff)))), /"trun" is shorter/);
  });

  it('refuses boxes that do not add up, and that hold each other without end', () => {
    refuses(
      readIsoMediaHeader,
      Buffer.concat([box('ftyp'), numbers(7), Buffer.from('moov')]),
      /its boxes do not follow/,
    );
    refuses(readIsoMediaHeader, box('moov', numbers(4), Buffer.from('trak')), /its index does not add up/);
    let deep = box('moov');
    for (let depth = 0; depth < 20; depth++) deep = box('moov', deep);
    refuses(readIsoMediaHeader, deep, /its index does not add up/);
    refuses(readIsoMediaHeader, Buffer.concat(new Array(100_001).fill(box('free'))), /its boxes do not follow/);
  });

  it('refuses what has no sound, or in a coding that is not read', () => {
    refuses(
      readIsoMediaHeader,
      box('moov', track({ handler: 'vide' })),
      /^there is no sound in it, only moving pictures/,
    );
    refuses(readIsoMediaHeader, box('moov', track({ coding: 'drms' })), /^an MP4 file with copy-protected AAC, which/);
    refuses(readIsoMediaHeader, box('moov', track({ coding: 'xyz ' })), /^an MP4 file with the coding "xyz ", which/);
    refuses(readIsoMediaHeader, box('ftyp'), /^the MP4 file has no index/);
  });

  it('is asked for what begins with one of its boxes', () => {
    assert.ok(isIsoMedia(box('ftyp')) && isIsoMedia(box('moov')));
    assert.ok(!isIsoMedia(box('abcd')));
  });
});

describe('readMatroskaHeader()', () => {
  /** An element of a size below 2^14, see RFC 8794. */
  const element = (id: number, ...parts: Uint8Array[]) => {
    const bytes = Buffer.concat(parts);
    const name = Buffer.from(id.toString(16), 'hex');
    return Buffer.concat([name, Buffer.from([0x40 | (bytes.length >> 8), bytes.length & 255]), bytes]);
  };
  const byte = (...values: number[]) => Buffer.from(values);
  const float = (value: number) => {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleBE(value);
    return bytes;
  };
  const HEAD = element(0x1a45dfa3, element(0x4282, Buffer.from('webm')));
  const soundOf = (codec: string, number = 1, type = 2) =>
    element(
      0xae,
      element(0xd7, byte(number)),
      element(0x83, byte(type)),
      element(0x86, Buffer.from(codec)),
      element(0xe1, element(0xb5, float(44100)), element(0x9f, byte(2))),
    );
  /** A segment of a size that is left open. */
  const file = (...parts: Uint8Array[]) =>
    Buffer.concat([HEAD, byte(0x18, 0x53, 0x80, 0x67, 0x01, 255, 255, 255, 255, 255, 255, 255), ...parts]);
  const tracks = (...each: Uint8Array[]) => element(0x1654ae6b, ...each);
  const cluster = (milliseconds: number, ...blocks: Uint8Array[]) =>
    element(0x1f43b675, element(0xe7, byte(milliseconds >> 8, milliseconds & 255)), ...blocks);
  const block = (number: number, time: number, ...packet: number[]) =>
    element(0xa3, byte(0x80 | number, time >> 8, time & 255, ...packet));
  const read = (...parts: Uint8Array[]) => readMatroskaHeader(memorySource(file(...parts)));

  it('reads the first track with sound', () => {
    const header = read(tracks(soundOf('V_VP8', 1, 1), soundOf('A_VORBIS', 2), soundOf('A_OPUS', 3)));
    assert.deepEqual(
      [header.codec, header.sampleRateHz, header.channels, header.seconds, header.truncated],
      ['webm', 44100, 2, 0, undefined],
    );
    assert.equal(read(tracks(soundOf('A_OPUS'))).sampleRateHz, 48000);
    assert.equal(read(tracks(soundOf('A_AAC/MPEG4/LC'))).codec, 'webm');
  });

  it('takes the longest of the stated length, the last block of its track, and what Opus says of its packets', () => {
    const info = element(0x1549a966, element(0x2ad7b1, byte(0x1e, 0x84, 0x80)), element(0x4489, float(1000)));
    assert.equal(read(info, tracks(soundOf('A_VORBIS'))).seconds, 2);
    const blocks = [
      cluster(3000, block(1, 0, 0x80), block(1, 500, 0x80), block(2, 9000, 0x80)),
      cluster(9000, block(2, 0, 0)),
    ];
    assert.equal(read(tracks(soundOf('A_VORBIS')), ...blocks).seconds, 3.5);
    // 60 ms; two frames of 20 ms; three of 10 ms; a lacing of four packets.
    const packets = [
      [0, 3 << 3],
      [0, (1 << 3) | 1],
      [0, (12 << 3) | 3, 3],
      [2, 3, 0],
    ];
    const opus = read(tracks(soundOf('A_OPUS')), cluster(0, ...packets.map((packet) => block(1, 0, ...packet))));
    assert.ok(Math.abs(opus.seconds - (0.06 + 0.04 + 0.03 + 0.08)) < 1e-9, `${opus.seconds}`);
  });

  it('finds blocks in groups', () => {
    const group = element(0xa0, element(0xa1, byte(0x81, 0, 250, 0)));
    assert.equal(read(tracks(soundOf('A_VORBIS')), cluster(0, group)).seconds, 0.25);
  });

  it('says how much is missing, where the sizes tell', () => {
    const whole = content('vorbis.webm');
    const { truncated } = readMatroskaHeader(memorySource(whole.subarray(0, whole.length / 2)));
    assert.ok(Math.abs((truncated?.missingShare ?? 0) - 0.5) < 0.01);
    assert.equal(readMatroskaHeader(memorySource(whole)).truncated, undefined);
  });

  it('refuses what has no sound, or in a coding that is not read', () => {
    refuses(
      readMatroskaHeader,
      file(tracks(soundOf('V_VP8', 1, 1))),
      /^there is no sound in it, only moving pictures$/,
    );
    refuses(
      readMatroskaHeader,
      file(tracks(soundOf('A_TTA1'))),
      /^a WebM or Matroska file with the coding "A_TTA1", which/,
    );
    refuses(readMatroskaHeader, HEAD, /^there is no sound in it/);
  });

  it('is asked for what begins with its mark', () => {
    assert.ok(isMatroska(HEAD));
    assert.ok(!isMatroska(HEAD.subarray(0, 3)));
  });
});

describe('readAsfHeader()', () => {
  const plain = content('wma2.wma');

  it('reads the form of the sound and its length', () => {
    const { codec, sampleRateHz, channels, seconds, truncated } = readAsfHeader(memorySource(plain));
    assert.deepEqual([codec, sampleRateHz, channels, truncated], ['wma', 22050, 1, undefined]);
    assert.ok(seconds > 0.1 && seconds < 0.5, `${seconds}`);
  });

  it('says how much is missing', () => {
    const { truncated } = readAsfHeader(memorySource(plain.subarray(0, -100)));
    assert.ok(Math.abs((truncated?.missingShare ?? 0) - 100 / plain.length) < 0.01);
  });

  it('refuses a header that is cut short, without sound, or with a coding that is not read', () => {
    refuses(readAsfHeader, plain.subarray(0, 100), /^the Windows Media header is incomplete$/);
    refuses(readAsfHeader, plain.subarray(0, 20), /^the Windows Media header is incomplete$/);
    const sound = Buffer.from('409e69f84d5bcf11', 'hex');
    const silent = Buffer.from(plain);
    silent.fill(0, silent.indexOf(sound), silent.indexOf(sound) + 8);
    refuses(readAsfHeader, silent, /^there is no sound in it, only moving pictures$/);
    for (const [coding, name] of [
      [10, 'WMA Voice'],
      [0x2000, 'the coding 8192'],
    ] as const) {
      const other = Buffer.from(plain);
      other.writeUInt16LE(coding, other.indexOf(sound) + 54);
      refuses(readAsfHeader, other, new RegExp(`^a Windows Media file with ${name}, which`));
    }
  });
});
