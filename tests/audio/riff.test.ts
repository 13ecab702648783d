import assert from 'node:assert/strict';
import type { AudioHeader } from '../../src/audio/header.js';
import { isWav, readWavHeader } from '../../src/audio/riff.js';
import { memorySource } from '../../src/audio/source.js';
import { type WavOptions, wav } from './wav.js';

const read = (bytes: Uint8Array) => readWavHeader(memorySource(bytes));
const refuses = (bytes: Uint8Array, message: string, name = 'HeaderError') =>
  assert.throws(() => read(bytes), { name, message });
const refusal = (coding: string) =>
  `a WAV file with ${coding}, which is not decoded here: convert it with \`ffmpeg -i FILE -vn -c:a pcm_s16le FILE.wav\``;
/** The channels of a file that needs no decoder. */
const channelsOf = (header: AudioHeader) => {
  assert.ok(header.codec === 'pcm');
  return header.channelData();
};
/** Samples that a file has, and those that its header promises. */
const lengths = (header: AudioHeader) => [header.seconds * header.sampleRateHz, header.promisedSamples];
/** Writes a number over what is in a file. */
const patched = (bytes: Buffer, at: number, value: number) => {
  const copy = Buffer.from(bytes);
  copy.writeUInt16LE(value, at);
  return copy;
};

/** Where a plain file's "fmt " chunk has these. */
const AT = { codec: 20, channels: 22, blockAlign: 32, bits: 34 };

describe('isWav()', () => {
  it('knows RIFF, RIFX, RF64 and BW64 with WAVE in them, and nothing else', () => {
    for (const start of ['RIFF', 'RIFX', 'RF64', 'BW64']) assert.ok(isWav(Buffer.from(`${start}____WAVE`)), start);
    for (const start of ['RIFF____AVI ', 'RIFF___WAVE', 'WAVE____RIFF', ''])
      assert.ok(!isWav(Buffer.from(start)), start);
  });
});

describe('readWavHeader()', () => {
  it('tells the form of the audio and its length', () => {
    const forms: [options: WavOptions, integerBits: number | undefined][] = [
      [{ bits: 16, channels: 2, sampleRateHz: 44100 }, 16],
      [{ bits: 24, channels: 1, sampleRateHz: 8000 }, 24],
      [{ codec: 'float', bits: 32, channels: 5 }, undefined],
      [{ codec: 'alaw', bits: 8, channels: 2 }, 8],
    ];
    for (const [options, integerBits] of forms) {
      const { channels = 1, sampleRateHz = 16000 } = options;
      const header = read(wav(new Array(100 * channels).fill(0.1), options));
      assert.deepEqual(
        [header.codec, header.channels, header.sampleRateHz, header.seconds, header.integerBits, header.truncated],
        ['pcm', channels, sampleRateHz, 100 / sampleRateHz, integerBits, undefined],
      );
    }
  });

  it('finds the audio, whatever chunks and extensions lie around it', () => {
    const samples = [0.1, -0.2, 0.3, -0.4];
    for (const form of [
      { bits: 24, channels: 2 },
      { codec: 'float' as const, bits: 64 },
    ]) {
      const chunks = [['LIST', Buffer.from('odd')]] as const;
      const header = read(wav(samples, { ...form, extensible: true, before: chunks, after: chunks }));
      assert.deepEqual(channelsOf(header), channelsOf(read(wav(samples, form))));
    }
  });

  it('leaves out a frame that is not whole, and misses nothing', () => {
    const header = read(wav([0.1, 0.2, 0.3, 0.4], { channels: 2 }).subarray(0, -1));
    assert.deepEqual(lengths(header), [1, 1]);
    assert.deepEqual(
      channelsOf(header).map((channel) => channel.length),
      [1, 1],
    );
  });

  it('divides samples of 16 bits by 32,768, channel by channel', () => {
    const bytes = wav([0, 0, 0, 0], { channels: 2 });
    for (const [i, value] of [-32768, 32767, 1, -1].entries()) bytes.writeInt16LE(value, 44 + 2 * i);
    assert.deepEqual(channelsOf(read(bytes)), [
      Float32Array.of(-1, 1 / 32768),
      Float32Array.of(32767 / 32768, -1 / 32768),
    ]);
  });

  it('misses nothing where the header promises 44 bytes too many, or less than a frame', () => {
    const promising = (bytes: number, channels = 1) =>
      read(wav(new Array(64).fill(0.1), { channels, dataSize: bytes }));
    assert.deepEqual(lengths(promising(128 + 44)), [64, 64]);
    assert.deepEqual(lengths(promising(128 + 45)), [64, 86]);
    assert.deepEqual(lengths(promising(128 + 127, 64)), [1, 1]);
    assert.deepEqual(lengths(promising(128 + 128, 64)), [1, 2]);
  });

  it('takes a size that a pipe left open for all that is there, and no other', () => {
    const promised = (dataSize: number) => read(wav([0.1, 0.2], { dataSize })).promisedSamples;
    for (const dataSize of [0x7fff0000, 0x7fffffff, 0xffffffff]) assert.equal(promised(dataSize), 2);
    assert.equal(promised(0x7ffeffff), 0x7ffefffe / 2);
    assert.equal(promised(4), 2);
  });

  it('takes a size of 0 for no audio where the size of the file is right, else for all that is there', () => {
    assert.equal(read(wav([0.1, 0.2], { dataSize: 0, riffSize: 0 })).seconds, 2 / 16000);
    // The same file as a whole, in which another chunk follows no audio.
    const empty = wav([], { after: [['LIST', Buffer.from('more')]] });
    assert.equal(read(empty).seconds, 0);
    assert.equal(read(patched(empty, 4, 0)).seconds, 12 / 2 / 16000);
  });

  it('takes the long size of RF64 where the short one says so, and does without', () => {
    const samples = [0.1, 0.2, 0.3];
    const long = wav(samples, { container: 'RF64', after: [['LIST', Buffer.from('more')]] });
    assert.equal(read(long).seconds, 3 / 16000);
    // A short size that is one is taken as it is.
    assert.equal(read(wav(samples, { container: 'RF64', dataSize: 4 })).seconds, 2 / 16000);
    // A chunk of long sizes that is too short for one.
    const short = Buffer.from(long);
    short.writeUInt32LE(8, 16);
    short.write('JUNK', 28);
    short.writeUInt32LE(12, 32);
    assert.equal(read(short).seconds, (6 + 8 + 4) / 2 / 16000);
    const nothing = wav(samples, { container: 'RF64', dataSize: 0xffffffff });
    nothing.write('JUNK', 12);
    assert.equal(read(nothing).seconds, 3 / 16000);
  });

  it('takes the coding from the extension only where the format says so and has one', () => {
    const plain = wav([0.1, 0.2], { extensible: true });
    assert.equal(read(patched(plain, AT.codec, 1)).integerBits, 16);
    assert.equal(read(patched(patched(plain, AT.codec, 1), 44, 0)).integerBits, 16, 'PCM with room for an extension');
    refuses(patched(wav([0.1, 0.2]), AT.codec, 0xfffe), refusal('the coding 65534, 16 bits a sample'), 'FormatError');
    // The shortest extension that holds it: 26 bytes of the chunk.
    const short = Buffer.concat([plain.subarray(0, 46), plain.subarray(60)]);
    short.writeUInt32LE(26, 16);
    assert.equal(read(short).integerBits, 16);
  });

  it('takes the bits that are stored, and where those are nonsense the bits that are used, in whole bytes', () => {
    const stored = (bits: number, blockAlign: number, channels = 1) =>
      read(patched(wav(new Array(12).fill(0.1), { bits: 24, channels, blockAlign }), AT.bits, bits)).integerBits;
    assert.equal(stored(20, 3), 24);
    assert.equal(stored(24, 4), 32);
    assert.equal(stored(20, 6, 2), 24);
    assert.equal(stored(20, 0), 24);
    assert.equal(stored(20, 2), 24, 'more bits than there is room for');
    assert.equal(stored(12, 5), 16);
    assert.equal(stored(8, 1), 8);
  });

  it('refuses codings that it does not read', () => {
    const refused: [codec: number, bits: number, name: string][] = [
      [1, 40, 'the coding 1, 40 bits a sample'],
      [1, 0, 'the coding 1, 0 bits a sample'],
      [3, 16, 'the coding 3, 16 bits a sample'],
      [6, 16, 'the coding 6, 16 bits a sample'],
      [7, 16, 'the coding 7, 16 bits a sample'],
      [49, 0, 'GSM 6.10'],
      [255, 16, 'AAC'],
    ];
    for (const [codec, bits, name] of refused)
      refuses(
        patched(patched(wav([0.1], { blockAlign: 0 }), AT.codec, codec), AT.bits, bits),
        refusal(name),
        'FormatError',
      );
  });

  it('refuses a file without what is needed', () => {
    const plain = wav([0.1, 0.2]);
    refuses(patched(plain, AT.channels, 0), 'the WAV header says that there are 0 channels');
    refuses(plain.subarray(0, 43), 'the WAV file ends before its audio (no "data" chunk)');
    assert.equal(read(plain.subarray(0, 44)).seconds, 0);
    const short = Buffer.from(plain);
    short.writeUInt32LE(15, 16);
    short.write('data', 36);
    refuses(
      Buffer.concat([short.subarray(0, 35), Buffer.from([0]), short.subarray(36)]),
      'the WAV header is incomplete',
    );
  });

  it('gives up on a file of nothing but empty chunks, and reads one of very many', () => {
    const chunks = (count: number) => Buffer.concat(new Array(count).fill(Buffer.from('junk\0\0\0\0')));
    const plain = wav([0.1, 0.2]);
    const [start, rest] = [plain.subarray(0, 12), plain.subarray(12)];
    assert.equal(read(Buffer.concat([start, chunks(9998), rest])).seconds, 2 / 16000);
    refuses(Buffer.concat([start, chunks(9999), rest]), 'the WAV file ends before its audio (no "data" chunk)');
  });
});
