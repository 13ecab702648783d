import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readAiffHeader } from '../../src/audio/aiff.js';
import { readAuHeader } from '../../src/audio/au.js';
import { readCafHeader } from '../../src/audio/caf.js';
import type { AudioHeader } from '../../src/audio/header.js';
import { readWave64Header, readWavHeader } from '../../src/audio/riff.js';
import { type ByteSource, memorySource } from '../../src/audio/source.js';

const content = (name: string) => Buffer.from(readFileSync(join(__dirname, '../golden/formats', name)));
const refuses = (read: (source: ByteSource) => AudioHeader, bytes: Uint8Array, message: RegExp) =>
  assert.throws(() => read(memorySource(bytes)), { name: /^(Header|Format)Error$/, message });
/** The bytes after a mark, changed. */
const changed = (bytes: Buffer, mark: string, change: (after: Buffer) => void) => {
  const copy = Buffer.from(bytes);
  change(copy.subarray(copy.indexOf(mark) + mark.length));
  return copy;
};
const samplesOf = (header: AudioHeader) => {
  assert.ok(header.codec === 'pcm');
  return header.channelData()[0];
};

describe('readAiffHeader()', () => {
  const plain = content('s16.aiff');

  it('refuses a file without what is needed, and damaged numbers', () => {
    refuses(readAiffHeader, plain.subarray(0, 20), /ends before its audio \(no "SSND" chunk\)$/);
    refuses(
      readAiffHeader,
      changed(plain, 'COMM', (a) => a.writeUInt32BE(16)),
      /^the AIFF (header is incomplete|file ends)/,
    );
    refuses(
      readAiffHeader,
      changed(plain, 'COMM', (a) => a.writeUInt16BE(40, 10)),
      /damaged: samples of 40 bits$/,
    );
  });

  it('names a coding that it does not read', () => {
    const other = Buffer.from(content('sowt.aiff'));
    other.write('MAC3', other.indexOf('sowt'));
    refuses(readAiffHeader, other, /^an AIFF-C file with the coding "MAC3", which is not decoded here/);
  });

  it('takes a length that a pipe left open for all that is there', () => {
    const open = changed(plain, 'SSND', (a) => a.writeUInt32BE(0));
    open.writeUInt32BE(0, open.indexOf('COMM') + 10);
    assert.equal(readAiffHeader(memorySource(open)).promisedSamples, 2205);
  });

  it('stops where the file does, not where the header points', () => {
    const far = changed(plain, 'SSND', (a) => a.writeUInt32BE(0xfffffff0, 4));
    const header = readAiffHeader(memorySource(far));
    assert.deepEqual([header.seconds, header.promisedSamples], [0, 2205]);
    assert.equal(samplesOf(header).length, 0);
  });
});

describe('readCafHeader()', () => {
  const plain = content('s16.caf');

  it('refuses a file without what is needed, and damaged numbers', () => {
    refuses(readCafHeader, plain.subarray(0, 30), /^the CAF header is incomplete$/);
    refuses(readCafHeader, plain.subarray(0, 52), /ends before its audio \(no "data" chunk\)$/);
    refuses(
      readCafHeader,
      changed(plain, 'lpcm', (a) => a.writeUInt32BE(12, 16)),
      /damaged: samples of 12 bits$/,
    );
  });

  it('names a coding that it does not read', () => {
    for (const [coding, name] of [
      ['alac', 'Apple Lossless'],
      ['aac ', 'AAC'],
      ['QDM2', 'the coding "QDM2"'],
    ]) {
      const other = Buffer.from(plain);
      other.write(coding, other.indexOf('lpcm'));
      refuses(readCafHeader, other, new RegExp(`^a CAF file with ${name}, which is not decoded here`));
    }
  });

  it('takes a size of -1 for all that is there', () => {
    const open = changed(plain, 'data', (a) => a.writeBigInt64BE(-1n));
    assert.equal(readCafHeader(memorySource(open)).promisedSamples, 2205);
  });
});

describe('readAuHeader()', () => {
  const plain = content('s16.au');

  it('reads either order of bytes', () => {
    const little = Buffer.from(plain);
    little.write('dns.');
    little.subarray(4, 24).swap32();
    little.subarray(little.readUInt32LE(4)).swap16();
    assert.deepEqual(samplesOf(readAuHeader(memorySource(little))), samplesOf(readAuHeader(memorySource(plain))));
  });

  it('refuses a header that is cut short, and names a coding that it does not read', () => {
    refuses(readAuHeader, plain.subarray(0, 23), /^the AU header is incomplete$/);
    refuses(
      readAuHeader,
      changed(plain, '.snd', (a) => a.writeUInt32BE(23, 8)),
      /^an AU file with G\.721, which/,
    );
    refuses(
      readAuHeader,
      changed(plain, '.snd', (a) => a.writeUInt32BE(99, 8)),
      /^an AU file with the coding 99, which/,
    );
  });

  it('takes an open size for all that is there', () => {
    const open = changed(plain, '.snd', (a) => a.writeUInt32BE(0xffffffff, 4));
    assert.equal(readAuHeader(memorySource(open)).promisedSamples, 2205);
  });
});

describe('readWave64Header()', () => {
  it('refuses a file without its audio', () => {
    refuses(readWave64Header, content('s16.w64').subarray(0, 90), /ends before its audio/);
  });

  it('takes a size of 0 for all that is there', () => {
    const open = content('s16.w64');
    open.writeBigUInt64LE(24n, open.indexOf('data') + 16);
    assert.equal(readWave64Header(memorySource(open)).promisedSamples, 2208);
  });
});

describe('readWavHeader() of ADPCM', () => {
  it('refuses blocks whose numbers do not fit together', () => {
    for (const name of ['ima-adpcm.wav', 'ms-adpcm.wav'])
      for (const [at, value] of [
        [16, 4],
        [16, 0],
        [16, 1023],
        [22, 3],
      ])
        refuses(
          readWavHeader,
          changed(content(name), 'fmt ', (a) => a.writeUInt16LE(value, at)),
          /damaged: ADPCM in blocks of/,
        );
  });
});
