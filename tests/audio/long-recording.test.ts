import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeFile, openRecording } from '../../src/audio/decode-file.js';
import { allSamples, resample, resampled } from '../../src/audio/resample.js';
import { seededRandom } from '../../src/common/random.js';
import { checkRecording } from '../../src/features/clip-features.js';
import { extractorFor, FEATURES, type FeatureName, type FeatureSettings } from '../../src/features/features.js';
import type { Waveform } from '../../src/kernels/kernels.js';
import { wav } from './wav.js';

/** Frames of a recording that is read in pieces: a little more than so many that it is. */
const FRAMES = 2 ** 22 + 12345;
const RATE = 44100;

describe('long recordings', function () {
  this.timeout(120_000);
  const root = mkdtempSync(join(tmpdir(), 'ser-'));
  const path = join(root, 'long.wav');
  after(() => rmSync(root, { recursive: true }));

  /** A WAV file of two channels: noise, and what `right` makes of it. */
  function writeStereo(right: (left: number) => number, frames = FRAMES): void {
    const random = seededRandom(3);
    const header = wav([0, 0], { channels: 2, sampleRateHz: RATE, dataSize: 4 * frames }).subarray(0, 44);
    const samples = new Int16Array(2 * frames);
    for (let i = 0; i < frames; i++) {
      samples[2 * i] = 20000 * (random() - 0.5);
      samples[2 * i + 1] = right(samples[2 * i]);
    }
    writeFileSync(path, Buffer.concat([header, new Uint8Array(samples.buffer)]));
  }

  const isWaveform = (samples: Float32Array | Waveform): samples is Waveform => !(samples instanceof Float32Array);

  it('openRecording() reads in pieces what decodeFile() reads at once', async () => {
    writeStereo((left) => left / 3);
    const { samples: whole, ...facts } = await decodeFile(path);
    const { samples, ...others } = await openRecording(path);
    assert.ok(isWaveform(samples));
    assert.deepEqual(others, facts);
    assert.deepEqual(allSamples(samples), whole);
    for (const [offset, length] of [
      [-5, 10],
      [FRAMES - 3, 10],
      [70001, 65536],
      [-20, 10],
      [FRAMES + 1, 4],
    ]) {
      const block = new Float32Array(length).fill(9);
      samples.copyTo(offset, block);
      assert.deepEqual(
        [...block],
        Array.from({ length }, (_, i) => whole[offset + i] ?? 0),
      );
    }
  });

  it('openRecording() takes one of two channels that cancel out, and says so', async () => {
    writeStereo((left) => -left);
    const { samples: whole, warning } = await decodeFile(path);
    const { samples, ...others } = await openRecording(path);
    assert.match(warning!, /cancel each other out/);
    assert.equal(others.warning, warning);
    assert.deepEqual(allSamples(samples), whole);
  });

  it('openRecording() gives a short recording at once', async () => {
    writeStereo((left) => left, 1000);
    assert.deepEqual(await openRecording(path), await decodeFile(path));
  });

  it('openRecording() refuses what is not finite, as decodeFile() does', async () => {
    const bytes = new Float32Array(FRAMES);
    bytes[FRAMES - 7] = Number.NaN;
    const header = wav([0], { codec: 'float', bits: 32, dataSize: 4 * FRAMES }).subarray(0, 44);
    writeFileSync(path, Buffer.concat([header, new Uint8Array(bytes.buffer)]));
    const expected = {
      name: 'InputError',
      message: `${path}: sample ${FRAMES - 7} is not a finite number, its value is NaN`,
    };
    await assert.rejects(decodeFile(path), expected);
    await assert.rejects(openRecording(path), expected);
  });

  it('checkRecording() looks for a sound in every piece', async () => {
    writeStereo(() => 0);
    checkRecording(await openRecording(path), path);
    writeFileSync(
      path,
      Buffer.concat([wav([0, 0], { channels: 2, dataSize: 4 * FRAMES }).subarray(0, 44), Buffer.alloc(4 * FRAMES)]),
    );
    const silent = await openRecording(path);
    assert.ok(isWaveform(silent.samples));
    assert.throws(() => checkRecording(silent, path), { name: 'InputError', message: /silent/ });
  });

  it('a file that is cut or removed meanwhile is an error that names it', async () => {
    writeStereo((left) => left);
    const { samples } = await openRecording(path);
    assert.ok(isWaveform(samples));
    truncateSync(path, 4 * (FRAMES - 10));
    assert.throws(() => samples.copyTo(FRAMES - 100, new Float32Array(100)), {
      name: 'InputError',
      message: `${path}: cannot be read any more: the file has become shorter`,
    });
    rmSync(path);
    assert.throws(() => samples.copyTo(0, new Float32Array(100)), { name: 'InputError', message: /any more: ENOENT/ });
  });

  it('resampled() gives the samples of resample(), piece by piece', () => {
    const random = seededRandom(4);
    const samples = Float32Array.from({ length: 300_000 }, () => random() - 0.5);
    const waveform: Waveform = {
      length: samples.length,
      copyTo: (offset, block) => {
        for (let i = 0; i < block.length; i++) block[i] = samples[offset + i] ?? 0;
      },
    };
    for (const [fromHz, toHz] of [
      [44100, 22050],
      [16000, 22050],
      [44101, 16000],
      [8000, 8000],
    ]) {
      const lazy = resampled(waveform, fromHz, toHz);
      const whole = resample(samples, fromHz, toHz);
      assert.equal(lazy.length, whole.length);
      assert.deepEqual(allSamples(lazy), whole);
      const block = new Float32Array(90_000);
      (lazy as Waveform).copyTo(whole.length - 80_000, block);
      assert.deepEqual(block.subarray(0, 80_000), whole.subarray(-80_000));
      assert.ok(block.subarray(80_000).every((x) => x === 0));
    }
    assert.equal(resampled(samples, 8000, 8000), samples);
    assert.throws(() => resampled(waveform, 0, 8000), {
      name: 'RangeError',
      message: /^Cannot resample: sample rates/,
    });
  });

  it('all features are those of the recording in memory', async () => {
    writeStereo((left) => left / 2);
    const names: FeatureName[] = ['mel', 'logMel'];
    for (const name of names) {
      const extract = extractorFor({ name, options: FEATURES[name].defaults } as FeatureSettings);
      assert.deepEqual(extract(await openRecording(path)), extract(await decodeFile(path)), name);
    }
  });

  it('five minutes in stereo need little more memory than their features', () => {
    writeStereo((left) => left / 2, 300 * RATE);
    const { stdout, stderr } = spawnSync(
      process.execPath,
      ['--require', 'tsx/cjs', join(__dirname, 'memory-of-features.ts'), path],
      { encoding: 'utf8' },
    );
    // 7 MB are features; 53 MB are in the file, and 106 MB are its samples.
    assert.ok(Number(stdout) < 60, `${stdout} MB ${stderr}`);
  });
});
