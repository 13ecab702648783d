import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeBytes, decodeSource } from '../../src/audio/decode.js';
import { decodeFile } from '../../src/audio/decode-file.js';
import { resample } from '../../src/audio/resample.js';
import { InputError } from '../../src/common/errors.js';
// Made by scripts/golden_audio.py.
import golden from '../golden/audio.json';
import { flacFrames } from './flac.js';
import { oggPage, withoutEndFlag } from './ogg.js';
import { type WavOptions, wav } from './wav.js';

const ROOT = join(__dirname, '../..');
const SINE = Array.from({ length: 801 }, (_, i) => 0.8 * Math.sin(i / 9));
/** The writer scales by the largest integer, the reader by the power of two; and both round. */
const LSB = { 8: 1.5 / 128, 16: 1.5 / 32768, 24: 3e-7 };
const text = (content: string) => Buffer.from(content);
const flac = (name: string) => readFileSync(join(ROOT, 'data/emodb', `${name}.flac`));

/** A FLAC file as an encoder leaves it that writes to a pipe: without its number of samples. */
function ofUnknownLength(bytes: Uint8Array): Buffer {
  const open = Buffer.from(bytes);
  open[21] &= 0xf0;
  return open.fill(0, 22, 26);
}

/** Asserts that samples are the given ones within a tolerance. */
function assertClose(actual: Float32Array, expected: ArrayLike<number>, tolerance: number): void {
  assert.equal(actual.length, expected.length);
  for (let i = 0; i < actual.length; i++)
    assert.ok(Math.abs(actual[i] - expected[i]) <= tolerance, `sample ${i}: ${actual[i]} instead of ${expected[i]}`);
}

function correlation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    ab += a[i] * b[i];
    aa += a[i] * a[i];
    bb += b[i] * b[i];
  }
  return ab / Math.sqrt(aa * bb);
}

describe('decode', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'ser-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  const write = (name: string, bytes: Uint8Array) => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    return path;
  };
  const rejects = (promise: Promise<unknown>, message: RegExp) =>
    assert.rejects(promise, (error) => {
      assert.ok(error instanceof InputError, String(error));
      assert.match(error.message, message);
      return true;
    });

  describe('decodeBytes() reads WAV', () => {
    const forms: Record<string, [options: WavOptions, tolerance: number]> = {
      '8 bits': [{ bits: 8 }, LSB[8]],
      '16 bits': [{ bits: 16 }, LSB[16]],
      '24 bits': [{ bits: 24 }, LSB[24]],
      '32 bits': [{ bits: 32 }, 1e-7],
      '32 bits float': [{ codec: 'float', bits: 32 }, 1e-7],
      '64 bits float': [{ codec: 'float', bits: 64 }, 1e-7],
      'A-law': [{ codec: 'alaw', bits: 8 }, 0.8 / 32],
      'mu-law': [{ codec: 'mulaw', bits: 8 }, 0.8 / 32],
      'extensible, 24 bits': [{ bits: 24, extensible: true }, LSB[24]],
      'extensible, float': [{ codec: 'float', bits: 32, extensible: true }, 1e-7],
      RF64: [{ container: 'RF64' }, LSB[16]],
      'RF64 with a chunk after': [{ container: 'RF64', after: [['LIST', text('later')]] }, LSB[16]],
      'an odd chunk before, with its pad byte': [{ before: [['LIST', text('odd')]] }, LSB[16]],
      'an odd number of bytes, with a chunk after': [{ bits: 8, after: [['LIST', text('after')]] }, LSB[8]],
      'sizes of 0xFFFFFFFF': [{ riffSize: 0xffffffff, dataSize: 0xffffffff }, LSB[16]],
      'sizes of 0': [{ riffSize: 0, dataSize: 0 }, LSB[16]],
      'sizes of SoX to a pipe': [{ riffSize: 0x7fffffff, dataSize: 0x7fffffff - 36 }, LSB[16]],
      'a wrong RIFF size': [{ riffSize: 20 }, LSB[16]],
      'a wrong block size': [{ blockAlign: 0 }, LSB[16]],
    };
    for (const [name, [options, tolerance]] of Object.entries(forms))
      it(name, async () => {
        const recording = await decodeBytes(wav(SINE, options), 'a.wav');
        assertClose(recording.samples, SINE, tolerance);
        const { sampleRateHz, channels, durationSeconds, truncated } = recording;
        assert.deepEqual([sampleRateHz, channels, truncated], [16000, 1, undefined]);
        assert.equal(durationSeconds, 801 / 16000);
      });

    it('20 bits in 24', async () => {
      const bytes = wav(SINE, { bits: 24 });
      bytes.writeUInt16LE(20, 34);
      assertClose((await decodeBytes(bytes, 'a.wav')).samples, SINE, LSB[24]);
    });

    it('two and six channels, as their mean', async () => {
      for (const channels of [2, 6]) {
        const interleaved = SINE.slice(0, 300).flatMap((x) =>
          Array.from({ length: channels }, (_, c) => (x * c) / channels),
        );
        const recording = await decodeBytes(wav(interleaved, { channels }), 'a.wav');
        const factor = (channels - 1) / 2 / channels;
        const expected = SINE.slice(0, 300).map((x) => x * factor);
        assertClose(recording.samples, expected, LSB[16]);
        assert.equal(recording.channels, channels);
      }
    });

    it('integers as their share of a power of two, whatever their size', async () => {
      // The largest and the smallest integer, 0, and one more and one less.
      for (const bits of [8, 16, 24, 32]) {
        const half = 2 ** (bits - 1);
        const values = [half - 1, -half, 0, 1, -1];
        const bytes = wav([0, 0, 0, 0, 0], { bits });
        for (const [i, value] of values.entries())
          if (bits === 8) bytes[44 + i] = value + 128;
          else bytes.writeIntLE(value, 44 + (i * bits) / 8, bits / 8);
        const { samples } = await decodeBytes(bytes, 'a.wav');
        assertClose(
          samples,
          values.map((value) => value / half),
          2 ** -24,
        );
      }
    });

    it('floats as they are, also beyond full scale', async () => {
      const values = [1.5, -2, 1, -1, 0, 2 ** -30];
      const { samples } = await decodeBytes(wav(values, { codec: 'float', bits: 32 }), 'a.wav');
      assert.deepEqual([...samples], values);
    });

    it('from a view into a larger buffer', async () => {
      const bytes = Buffer.concat([text('xyz'), wav(SINE, { codec: 'float', bits: 32 })]).subarray(3);
      assertClose((await decodeBytes(bytes, 'a.wav')).samples, SINE, 1e-7);
    });
  });

  describe('decodeBytes() equals libsndfile', () => {
    for (const { name, rate, length, sha256 } of golden.clips)
      it(`to the bit for FLAC ${name}`, async () => {
        const { samples, sampleRateHz, truncated } = await decodeBytes(flac(name), name);
        assert.deepEqual([samples.length, sampleRateHz, truncated], [length, rate, undefined]);
        const integers = Int16Array.from(samples, (x) => Math.round(x * 32768));
        assert.equal(createHash('sha256').update(integers).digest('hex'), sha256);
      });

    for (const { name, rate, length, samples: base64 } of golden.lossy)
      it(`for ${name}`, async () => {
        const expected = new Int16Array(Uint8Array.from(Buffer.from(base64, 'base64')).buffer);
        const { samples, sampleRateHz, truncated } = await decodeFile(join(ROOT, 'tests/golden', name));
        assert.equal(truncated, undefined);
        // libsndfile decodes Opus at the encoder's rate, the library at Opus's own.
        const actual = resample(samples, sampleRateHz, rate);
        assert.equal(actual.length, length);
        const similarity = correlation(actual, expected);
        assert.ok(similarity > 0.999, `correlation ${similarity}`);
      });
  });

  it('decodeBytes() gives the same samples for the same sound in WAV and FLAC', async () => {
    const { samples } = await decodeBytes(flac('03a01Wa'), 'a.flac');
    const integers = Array.from(samples, (x) => (x * 32768) / 32767);
    assertClose((await decodeBytes(wav(integers), 'a.wav')).samples, samples, 1e-6);
  });

  it('decodeBytes() gives the same samples for FLAC in Ogg', async () => {
    const plain = flac('03a01Wa');
    const expected = await decodeBytes(plain, 'a.flac');
    const start = Buffer.concat([text('\x7fFLAC\x01\0\0\x01'), plain.subarray(0, 42)]);
    const comment = Buffer.concat([Buffer.from([0x84, 0, 0, 8]), Buffer.alloc(8)]);
    const frames = flacFrames(plain);
    const pages = [start, comment, ...frames].map((packet, number) =>
      oggPage(packet, {
        // Each block has 4,096 samples, the last one what is left.
        position: Math.min(4096 * Math.max(0, number - 1), 44100),
        flags: number === 0 ? 2 : number === frames.length + 1 ? 4 : 0,
        number,
      }),
    );
    assert.deepEqual(await decodeBytes(Buffer.concat(pages), 'a.ogg'), expected);
    const { truncated, samples } = await decodeBytes(Buffer.concat(pages).subarray(0, -1), 'cut.ogg');
    assert.deepEqual([truncated, samples.length], ['the Ogg file ends without its last page', 4096 * 10]);
    assert.deepEqual(await decodeBytes(plain, 'a.flac'), expected);
  });

  it('decodeBytes() goes by the content, not by the name', async () => {
    const { samples } = await decodeFile(write('really-a-wav.mp3', wav(SINE)));
    assertClose(samples, SINE, LSB[16]);
  });

  it('decodeBytes() reads recordings behind an ID3 tag, or several, and FLAC before another', async () => {
    const tag = Buffer.concat([text('ID3'), Buffer.from([4, 0, 0, 0, 0, 1, 0]), Buffer.alloc(128)]);
    const mp3 = readFileSync(join(ROOT, 'tests/golden/audio.mp3'));
    for (const bytes of [mp3, flac('03a01Wa'), wav(SINE)]) {
      const plain = await decodeBytes(bytes, 'plain');
      assert.deepEqual(await decodeBytes(Buffer.concat([tag, bytes]), 'tagged'), plain);
      assert.deepEqual(await decodeBytes(Buffer.concat([tag, tag, bytes]), 'tagged twice'), plain);
    }
    const behind = Buffer.concat([flac('03a01Wa'), Buffer.alloc(128).fill('TAG', 0, 3)]);
    assert.deepEqual(await decodeBytes(behind, 'tagged behind'), await decodeBytes(flac('03a01Wa'), 'plain'));
  });

  it('decodeBytes() gives the same for a file after whole and damaged other files, and at the same time', async () => {
    const [first, second] = [flac('03a01Wa'), flac('16b10Wb')];
    const expected = await decodeBytes(first, 'first');
    await decodeBytes(second, 'second');
    await decodeBytes(second.subarray(0, 20000), 'cut');
    await decodeBytes(Buffer.concat([second.subarray(0, 100), Buffer.alloc(9000)]), 'zeros').catch(() => {});
    assert.deepEqual(await decodeBytes(first, 'first'), expected);
    const together = await Promise.all([first, second, first].map((bytes) => decodeBytes(bytes, 'clip')));
    assert.deepEqual(together[0], expected);
    assert.deepEqual(together[2], expected);
  });

  it('decodeBytes() decodes a clip after FLAC of unknown length that was cut inside its metadata', async () => {
    const clip = flac('03a01Wa');
    const expected = await decodeBytes(clip, 'clip');
    // With a reused decoder and with a new one.
    for (const length of [42, 43, 60, 8000]) {
      await decodeBytes(ofUnknownLength(clip).subarray(0, length), 'cut').catch(() => {});
      assert.deepEqual(await decodeBytes(clip, 'clip'), expected, `after ${length} bytes`);
    }
  });

  it('decodeBytes() decodes FLAC whose header leaves the length open, all of it', async () => {
    const clip = flac('03a01Wa');
    assert.deepEqual(await decodeBytes(ofUnknownLength(clip), 'open'), await decodeBytes(clip, 'clip'));
  });

  describe('decodeBytes() says that a file is cut short, and decodes what is there', () => {
    const cases: Record<string, [bytes: () => Uint8Array, message: RegExp]> = {
      WAV: [() => wav(SINE).subarray(0, 1000), /the header promises 801 samples, 478 could be decoded/],
      FLAC: [() => flac('03a01Wa').subarray(0, 30000), /the header promises 44100 samples, \d+ could be decoded/],
      Ogg: [() => readFileSync(join(ROOT, 'tests/golden/audio.ogg')).subarray(0, 6000), /without its last page/],
    };
    for (const [name, [bytes, message]] of Object.entries(cases))
      it(name, async () => {
        const { samples, truncated } = await decodeBytes(bytes(), name);
        assert.match(truncated ?? '', message);
        assert.ok(samples.length > 0);
      });
  });

  it('decodeBytes() calls no file cut short that lacks no more than is allowed', async () => {
    const ofTenths = wav(SINE.slice(0, 800)).subarray(0, 44 + 1440);
    const truncated = async (bytes: Uint8Array, allowTruncated?: number) =>
      (await decodeBytes(bytes, 'a', { allowTruncated })).truncated;
    assert.match((await truncated(ofTenths)) ?? '', /promises 800 samples, 720 could be decoded$/);
    assert.ok(await truncated(ofTenths, 0.0999));
    assert.equal(await truncated(ofTenths, 0.1), undefined);
    // Of Ogg, nothing tells how much is missing.
    const ogg = readFileSync(join(ROOT, 'tests/golden/audio.ogg')).subarray(0, 6000);
    assert.ok(await truncated(ogg, 0.999));
    assert.equal(await truncated(ogg, 1), undefined);
    for (const share of [-0.1, 1.1, Number.NaN])
      await assert.rejects(truncated(ofTenths, share), {
        name: 'RangeError',
        message: `Cannot decode: the share that may be missing must be from 0 to 1, current value is ${share}`,
      });
  });

  it('decodeBytes() takes Opus for complete whose last page does not say that it is the last', async () => {
    const whole = readFileSync(join(ROOT, 'tests/golden/audio.opus'));
    const { truncated, samples } = await decodeBytes(withoutEndFlag(whole), 'a.ogg');
    assert.equal(truncated, undefined);
    const expected = (await decodeBytes(whole, 'a.ogg')).samples;
    // Without the flag, the padding of the last frame counts as sound.
    assert.deepEqual(samples.subarray(0, expected.length), expected);
  });

  it('decodeBytes() takes one channel where they cancel out, and says so', async () => {
    const stereo = (factor: number) =>
      wav(
        SINE.slice(0, 300).flatMap((x) => [factor * x, -x]),
        { channels: 2 },
      );
    const { samples, channels, warning } = await decodeBytes(stereo(0.95), 'a.wav');
    assert.equal(channels, 2);
    assert.equal(warning, 'its 2 channels cancel each other out: channel 2 is taken instead of their mean');
    assertClose(
      samples,
      SINE.slice(0, 300).map((x) => -x),
      LSB[16],
    );
    assert.match((await decodeBytes(stereo(1), 'a.wav')).warning ?? '', /channel 1 is taken/);
    assert.equal((await decodeBytes(stereo(0.5), 'a.wav')).warning, undefined);
    assert.equal((await decodeBytes(wav(new Array(64).fill(0), { channels: 2 }), 'a.wav')).warning, undefined);
    // One channel of 64 that is heard is not cancelled by the others.
    const one = Array.from({ length: 640 }, (_, i) => (i % 64 === 5 ? 0.5 : 0));
    assert.equal((await decodeBytes(wav(one, { channels: 64 }), 'a.wav')).warning, undefined);
  });

  it('decodeBytes() writes nothing to the console for a damaged file', async () => {
    const script = `require('./src/audio/decode.ts').decodeBytes(require('node:fs').readFileSync(process.argv[1]), 'x').catch(() => {})`;
    const damaged = Buffer.from(flac('03a01Wa'));
    damaged.fill(0x55, 20000, 21000);
    const path = write('damaged.flac', damaged);
    const started = Date.now();
    const output = execFileSync(process.execPath, ['--require', 'tsx/cjs', '-e', script, path], {
      cwd: ROOT,
      stdio: 'pipe',
      encoding: 'utf8',
      timeout: 15000,
    });
    assert.equal(output, '');
    assert.ok(Date.now() - started < 15000);
  });

  describe('decodeFile() refuses, with path and reason,', () => {
    const nan = [...SINE.slice(0, 50), Number.NaN];
    const badFormat = (codec = 49) => {
      const bytes = wav(SINE);
      bytes.writeUInt16LE(codec, 20);
      return bytes;
    };
    const cases: Record<string, [bytes: Uint8Array, reason: RegExp]> = {
      'an empty file': [
        Buffer.alloc(0),
        /the file is empty \(0 bytes\): copy it again, or open it once if it is on a cloud drive/,
      ],
      'what is no recording': [
        text('path,emotion\na.wav,sad\n'.repeat(999)),
        /not a recording, but a text, which begins with "path,emotion\\na.wav,sad/,
      ],
      'random bytes': [createHash('shake256', { outputLength: 99999 }).update('1').digest(), /not a recording/],
      'a few bytes': [text('RI'), /not a recording/],
      'a header alone': [wav([]), /there is no audio in it \(0 samples\)$/],
      'a header cut short': [wav(SINE).subarray(0, 30), /ends before its audio/],
      'a format without its numbers': [
        text('RIFF____WAVEfmt \x02\0\0\0\x01\0data\x02\0\0\0\0\0'),
        /the WAV header is incomplete$/,
      ],
      'a header without audio': [wav(SINE).subarray(0, 36), /ends before its audio/],
      'audio before its format': [
        Buffer.concat([text('RIFF____WAVEdata'), Buffer.alloc(99)]),
        /no "fmt " before "data"/,
      ],
      'NaN among the samples': [
        wav(nan, { codec: 'float', bits: 32 }),
        /sample 50 is not a finite number, its value is NaN$/,
      ],
      'infinity among the samples': [wav([0, -Infinity], { codec: 'float', bits: 64 }), /sample 1 .* -Infinity$/],
      '0 channels': [wav(SINE, { channels: 0 }), /0 channels/],
      '1000 channels': [wav(SINE, { channels: 1000 }), /1 to 64 channels expected, it says 1000/],
      'a rate of 0': [wav(SINE, { sampleRateHz: 0 }), /4000 to 384000 Hz are supported, the header says 0 Hz/],
      'a rate of a gigahertz': [wav(SINE, { sampleRateHz: 1e9 }), /the header says 1000000000 Hz/],
      'a coding that is not supported': [badFormat(), /a WAV file with GSM 6\.10, which is not decoded here: convert/],
      'MP3 in WAV that is none': [badFormat(85), /the WAV file is said to hold MP3, and does not$/],
      'an Ogg file of something else': [
        Buffer.concat([text('OggS'), Buffer.alloc(200)]),
        /neither Vorbis nor Opus nor FLAC/,
      ],
      'FLAC with nothing after its header': [Buffer.from('664c6143', 'hex'), /the FLAC header is incomplete$/],
    };
    for (const [name, [bytes, reason]] of Object.entries(cases))
      it(name, async () => {
        const path = write('clip', bytes);
        await rejects(decodeFile(path), reason);
        const error = await decodeFile(path).catch((error) => error);
        assert.ok(error instanceof InputError && error.message.startsWith(`${path}: `), String(error));
      });

    it('NaN as its first sample', async () => {
      const bytes = wav([Number.NaN, 0.5], { codec: 'float', bits: 32 });
      await rejects(decodeBytes(bytes, 'a.wav'), /^a\.wav: sample 0 is not a finite number, its value is NaN$/);
    });

    it('numbers of channels and rates out of range, and takes those at the ends', async () => {
      const decode = (options: WavOptions) => decodeBytes(wav(new Array(64).fill(0.5), options), 'a.wav');
      assert.equal((await decode({ channels: 64 })).channels, 64);
      await rejects(decode({ channels: 65 }), /^a\.wav: the header is damaged: 1 to 64 channels expected, it says 65$/);
      for (const sampleRateHz of [4000, 384000])
        assert.equal((await decode({ sampleRateHz })).sampleRateHz, sampleRateHz);
      for (const sampleRateHz of [3999, 384001])
        await rejects(
          decode({ sampleRateHz }),
          new RegExp(`^a\\.wav: sample rates of 4000 to 384000 Hz are supported, the header says ${sampleRateHz} Hz$`),
        );
    });

    it('a device', async function () {
      if (process.platform === 'win32') this.skip();
      await rejects(decodeFile('/dev/null'), /^\/dev\/null: not a file, but a device$/);
    });

    it('a missing file, and a folder', async () => {
      await rejects(decodeFile(join(folder, 'none.wav')), /none\.wav: there is no such file$/);
      await rejects(decodeFile(folder), /: not a file, but a folder$/);
    });

    it('what cannot be read, and an impossible path', async () => {
      const failing = {
        size: 100,
        read: () => assert.fail(Object.assign(new Error('EIO: i/o error'), { code: 'EIO' })),
      };
      await rejects(decodeSource(failing, 'a.wav', {}), /^a\.wav: cannot be read: EIO: i\/o error$/);
      await rejects(decodeFile('a\0.wav'), /^a\0\.wav: cannot be read: .*null bytes/);
    });

    it('no fault of the program: that stays what it is', async () => {
      const fault = new TypeError('undefined is not a function');
      const faulty = { size: 100, read: () => assert.fail(fault) };
      await assert.rejects(decodeSource(faulty, 'a.wav', {}), fault);
    });

    it('FLAC that holds no frames', async () => {
      const bytes = Buffer.concat([flac('03a01Wa').subarray(0, 42), Buffer.alloc(2000)]);
      await rejects(decodeBytes(bytes, 'a.flac'), /^a\.flac: (damaged|there is no audio)/);
    });
  });

  describe('decodeFile() refuses what is too long', () => {
    it('by the header, without reading the audio', async () => {
      const path = write('long.wav', wav([], { dataSize: 16000 * 2 * 3600 * 10 }));
      // A sparse file: ten hours that take no room on the disk.
      truncateSync(path, 44 + 16000 * 2 * 3600 * 10);
      const before = process.memoryUsage().rss;
      const started = performance.now();
      await rejects(decodeFile(path), /too long: at most 3600 seconds are decoded, this has 36000; cut it into parts$/);
      assert.ok(performance.now() - started < 200, 'it takes no time');
      assert.ok(process.memoryUsage().rss - before < 50e6, 'it takes no memory');
    });

    it('by more than the limit only', async () => {
      const bytes = wav(SINE.slice(0, 800));
      assert.equal((await decodeBytes(bytes, 'a.wav', { maxSeconds: 0.05 })).durationSeconds, 0.05);
      await rejects(
        decodeBytes(wav(SINE), 'a.wav', { maxSeconds: 0.05 }),
        /^a\.wav: too long: at most 0\.05 seconds are decoded, this has 0\.0500625; cut it into parts$/,
      );
    });

    it('by the limit given, for every format', async () => {
      const whole = ['audio.mp3', 'audio.ogg', 'audio.opus'].map((name) => join(ROOT, 'tests/golden', name));
      for (const path of [...whole, write('a.wav', wav(SINE)), write('a.flac', flac('03a01Wa'))])
        await rejects(decodeFile(path, { maxSeconds: 0.04 }), /too long: at most 0.04 seconds/);
    });
  });

  it('decodeFile() closes its files and does not grow over many', async () => {
    const paths = [write('many.flac', flac('03a01Wa')), write('many.wav', wav(SINE))];
    for (let i = 0; i < 60; i++) await decodeFile(paths[i % 2]);
    const before = process.memoryUsage().rss;
    for (let i = 0; i < 400; i++) await decodeFile(paths[i % 2]);
    // Samples of 400 clips would take 35 MB alone; memory of a decoder for each, 3 GB.
    assert.ok(process.memoryUsage().rss - before < 100e6, `${process.memoryUsage().rss - before} bytes more`);
    const next = openSync(join(folder, 'next'), 'w');
    writeSync(next, 'x');
    closeSync(next);
    assert.ok(next < 60, `file descriptor ${next}`);
  });
});
