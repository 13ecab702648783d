import assert from 'node:assert/strict';
import { readAdtsHeader } from '../../src/audio/adts.js';
import { isAmr, readAmrHeader } from '../../src/audio/amr.js';
import { memorySource } from '../../src/audio/source.js';

describe('readAmrHeader()', () => {
  /** Frames of some modes, filled with zeros. */
  const file = (mark: string, ...frames: [mode: number, bytes: number][]) =>
    memorySource(
      Buffer.concat([Buffer.from(mark), ...frames.map(([mode, bytes]) => Buffer.alloc(bytes).fill(mode << 3, 0, 1))]),
    );

  it('counts frames of all modes', () => {
    const narrow = readAmrHeader(file('#!AMR\n', [0, 13], [7, 32], [8, 6], [15, 1]));
    assert.deepEqual(
      [narrow.codec, narrow.sampleRateHz, narrow.channels, narrow.seconds, narrow.promisedSamples],
      ['amr', 8000, 1, 0.08, 640],
    );
    const wide = readAmrHeader(file('#!AMR-WB\n', [0, 18], [8, 61], [9, 6]));
    assert.deepEqual([wide.sampleRateHz, wide.seconds, wide.promisedSamples], [16000, 0.06, 960]);
  });

  it('does not miss a last frame that is not whole', () => {
    assert.equal(readAmrHeader(file('#!AMR\n', [7, 32], [7, 31])).promisedSamples, 160);
    assert.equal(readAmrHeader(file('#!AMR\n')).promisedSamples, 0);
  });

  it('counts across the blocks that it reads', () => {
    const many = new Array(10_000).fill([7, 32]);
    assert.equal(readAmrHeader(file('#!AMR\n', ...many)).seconds, 200);
  });

  it('stops counting after ten hours', () => {
    const silence = Buffer.alloc(2_000_000, 15 << 3);
    assert.equal(readAmrHeader(memorySource(Buffer.concat([Buffer.from('#!AMR\n'), silence]))).seconds, 36000);
  });

  it('names files of several channels', () => {
    assert.ok(isAmr(Buffer.from('#!AMR_MC1.0\n')));
    assert.throws(() => readAmrHeader(file('#!AMR_MC1.0\n')), { name: 'FormatError', message: /several channels/ });
  });
});

describe('readAdtsHeader()', () => {
  /** A frame of AAC, 22,050 Hz, see ISO/IEC 13818-7, 6.2. */
  const frame = ({ bytes = 100, channels = 1, blocks = 0, rate = 7 } = {}) => {
    const content = Buffer.alloc(bytes);
    content.set([0xff, 0xf1, 0x40 | (rate << 2) | (channels >> 2), ((channels & 3) << 6) | (bytes >> 11)]);
    content.set([(bytes >> 3) & 255, ((bytes & 7) << 5) | 0x1f, 0xfc | blocks], 4);
    return content;
  };
  const read = (...parts: Uint8Array[]) => readAdtsHeader(memorySource(Buffer.concat(parts)));

  it('counts frames, and the blocks in them', () => {
    const header = read(frame(), frame({ bytes: 3000, blocks: 2 }), frame());
    assert.deepEqual(
      [header?.codec, header?.sampleRateHz, header?.channels, header?.seconds],
      ['aac', 22050, 1, (5 * 1024) / 22050],
    );
    assert.equal(read(frame({ channels: 6 }), frame())?.channels, 6);
  });

  it('hands on whole frames, without what follows them', () => {
    const header = read(frame(), frame(), frame().subarray(0, 50));
    assert.equal(header?.encoded().length, 200);
  });

  it('needs two frames that follow one another, of a rate that there is', () => {
    assert.equal(read(frame()), undefined);
    assert.equal(read(frame(), Buffer.alloc(100)), undefined);
    assert.equal(read(frame({ rate: 13 }), frame()), undefined);
    assert.equal(read(frame({ bytes: 7 }).fill(0, 4, 6), frame()), undefined);
    assert.equal(read(), undefined);
  });
});
