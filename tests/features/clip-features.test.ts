import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeFile } from '../../src/audio/decode-file.js';
import { cutSegment } from '../../src/audio/segment.js';
import { underCondition } from '../../src/conditions/under-condition.js';
import { checkRecording, createFeatureExtractor } from '../../src/features/clip-features.js';
import { createFileExtractor } from '../../src/features/extraction/file-extractor.js';
import { FEATURE_DEFAULTS } from '../../src/features/features.js';
import { MEL_DEFAULTS } from '../../src/features/mel.js';
import { clipStatistics } from '../../src/features/normalise.js';
import { wav } from '../audio/wav.js';

const CLIP = join(__dirname, '../../data/emodb/03a01Fa.flac');

describe('clip features', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'ser-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const recording = (samples: Float32Array, sampleRateHz = 22050) => ({
    samples,
    sampleRateHz,
    channels: 1,
    durationSeconds: samples.length / sampleRateHz,
  });
  const tone = Float32Array.from({ length: 11025 }, (_, i) => Math.sin(i / 5) / 2);

  it('createFeatureExtractor() gives decibels over a range of 80, their statistics, rate and duration', () => {
    const { matrix, statistics, ...facts } = createFeatureExtractor(MEL_DEFAULTS)(recording(tone));
    assert.deepEqual([matrix.bands, matrix.frames], [128, 1 + Math.floor(11025 / 512)]);
    const [loudest, quietest] = [Math.max(...matrix.values), Math.min(...matrix.values)];
    assert.ok(Math.abs(loudest - quietest - 80) < 1e-4);
    assert.deepEqual(statistics, clipStatistics(matrix));
    assert.deepEqual(facts, { sampleRateHz: 22050, durationSeconds: 0.5 });
  });

  it('createFeatureExtractor() resamples: a recording at twice the rate has as many frames', () => {
    const extract = createFeatureExtractor(MEL_DEFAULTS);
    const twice = Float32Array.from({ length: 22050 }, (_, i) => Math.sin(i / 10) / 2);
    const [a, b] = [extract(recording(tone)), extract(recording(twice, 44100))];
    assert.equal(b.matrix.frames, a.matrix.frames);
    assert.equal(b.sampleRateHz, 44100);
    // The tone's band, away from the edges.
    const loudest = (values: Float32Array) => values.indexOf(Math.max(...values));
    assert.equal(
      Math.floor(loudest(a.matrix.values) / a.matrix.frames),
      Math.floor(loudest(b.matrix.values) / b.matrix.frames),
    );
  });

  it('createFeatureExtractor() takes a rate that is not an integer', () => {
    const extract = createFeatureExtractor(MEL_DEFAULTS);
    const { matrix, sampleRateHz } = extract(recording(tone, 22050.5));
    assert.equal(sampleRateHz, 22050.5);
    const expected = extract(recording(tone)).matrix;
    assert.equal(matrix.frames, expected.frames);
    // Frames in the middle, where the tone is; it differs by a fraction of a hertz.
    const column = ({ values, frames }: typeof matrix) =>
      Array.from({ length: 128 }, (_, k) => values[k * frames + 10]);
    const loudest = (values: number[]) => values.indexOf(Math.max(...values));
    assert.equal(loudest(column(matrix)), loudest(column(expected)));
    assert.ok(Math.abs(Math.max(...column(matrix)) - Math.max(...column(expected))) < 0.1);
  });

  it('createFeatureExtractor() keeps nothing from one recording to the next', () => {
    const extract = createFeatureExtractor(MEL_DEFAULTS);
    const first = extract(recording(tone));
    extract(recording(tone.map((x) => -x / 3)));
    assert.deepEqual(extract(recording(tone)), first);
  });

  it('checkRecording() refuses silence, what is cut short and what is too short, and takes a whisper', () => {
    const quiet = (peak: number) => recording(new Float32Array(3000).fill(peak, 1000, 1001));
    checkRecording(quiet(-0.001), 'x.wav');
    assert.throws(() => checkRecording(quiet(0.0009), 'x.wav'), {
      name: 'InputError',
      message: 'x.wav: silent: no sample reaches -60 dB of full scale',
    });
    assert.throws(() => checkRecording({ ...recording(tone), truncated: 'the end is missing' }, 'x.wav'), {
      name: 'InputError',
      message: 'x.wav: truncated: the end is missing',
    });
    checkRecording(recording(tone.subarray(0, 2206)), 'x.wav');
    for (const [samples, seconds] of [
      [2205, '0.10'],
      [1, '0.000045'],
    ] as const)
      assert.throws(() => checkRecording(recording(tone.subarray(0, samples).fill(0.5)), 'x.wav'), {
        name: 'InputError',
        message: `x.wav: too short: a recording must be longer than 0.1 s to hold an emotion, this one has ${seconds} s`,
      });
  });

  it('createFileExtractor() gives the same for a path and for its content', async () => {
    const expected = createFeatureExtractor(MEL_DEFAULTS)(await decodeFile(CLIP));
    const extract = createFileExtractor(FEATURE_DEFAULTS);
    assert.deepEqual(await extract(CLIP), expected);
    assert.deepEqual(await extract('any name', readFileSync(CLIP)), expected);
  });

  it('createFileExtractor() takes segments, and decodes a recording once for those that follow one another', async () => {
    const path = join(root, 'talk.wav');
    const samples = Array.from({ length: 3 * 8000 }, (_, i) => 0.5 * Math.sin((i * i) / 9000));
    writeFileSync(path, wav(samples, { sampleRateHz: 8000 }));
    const part = join(root, 'part.wav');
    writeFileSync(part, wav(samples.slice(8000, 20000), { sampleRateHz: 8000 }));
    const extract = createFileExtractor(FEATURE_DEFAULTS);
    const expected = await extract(part);
    const segment = { startSeconds: 1, endSeconds: 2.5 };
    assert.deepEqual(await extract(path, undefined, segment), expected);
    rmSync(path);
    assert.deepEqual(await extract(path, undefined, segment), expected);
    // Another recording, and what was decoded is no longer kept.
    await extract(part);
    await assert.rejects(extract(path, undefined, segment), { name: 'InputError', message: /there is no such file/ });
    const late = join(root, 'late.wav');
    writeFileSync(late, wav([...new Array(8000).fill(0), ...samples], { sampleRateHz: 8000 }));
    await assert.rejects(extract(late, undefined, { startSeconds: 0, endSeconds: 1 }), {
      name: 'InputError',
      message: /late\.wav \[0 s to 1 s\]: silent/,
    });
  });

  it('createFileExtractor() puts recordings and segments under a condition first, once they are known to be usable', async () => {
    const condition = { name: 'white-noise-10dB', seed: 3 };
    const extract = createFileExtractor(FEATURE_DEFAULTS, { condition });
    const compute = createFeatureExtractor(MEL_DEFAULTS);
    const whole = await decodeFile(CLIP);
    assert.deepEqual(await extract(CLIP), compute(underCondition(whole, condition)));
    const segment = { startSeconds: 0.5, endSeconds: 1.5 };
    const cut = cutSegment(whole, segment, CLIP);
    assert.deepEqual(await extract(CLIP, undefined, segment), compute(underCondition(cut, condition)));
    const silent = join(root, 'silent.wav');
    writeFileSync(silent, wav(Array(8000).fill(0)));
    await assert.rejects(extract(silent), { name: 'InputError', message: /silent\.wav: silent/ });
    // A clip counts as long as it was: copies leave out none that is there as it is.
    const short = join(root, 'short.wav');
    writeFileSync(
      short,
      wav(
        Array.from({ length: 1200 }, (_, i) => Math.sin(i / 5) / 2),
        { sampleRateHz: 8000 },
      ),
    );
    const later = createFileExtractor(FEATURE_DEFAULTS, { condition: { name: 'cut-50ms', seed: 3 } });
    assert.equal((await later(short)).durationSeconds, 0.15);
  });

  it('createFileExtractor() refuses a missing file, a folder and an unusable recording', async () => {
    const extract = createFileExtractor(FEATURE_DEFAULTS);
    const silent = join(root, 'silent.wav');
    writeFileSync(silent, wav(Array(8000).fill(0)));
    await assert.rejects(extract(join(root, 'none.wav')), {
      name: 'InputError',
      message: /none\.wav: there is no such/,
    });
    await assert.rejects(extract(root), { name: 'InputError', message: /a folder/ });
    await assert.rejects(extract(silent), { name: 'InputError', message: /silent\.wav: silent/ });
    await assert.rejects(extract(silent, readFileSync(silent)), { name: 'InputError', message: /silent\.wav: silent/ });
  });

  it('createFileExtractor() takes a recording that lacks no more than is allowed', async () => {
    const cut = join(root, 'cut.wav');
    writeFileSync(cut, wav(new Array(5000).fill(0.5)).subarray(0, 44 + 9000));
    for (const content of [undefined, readFileSync(cut)]) {
      const extract = (allowTruncated: number) =>
        createFileExtractor(FEATURE_DEFAULTS, { allowTruncated })(cut, content);
      assert.equal((await extract(0.1)).durationSeconds, 4500 / 16000);
      await assert.rejects(extract(0.09), {
        name: 'InputError',
        message: `${cut}: truncated: the header promises 5000 samples, 4500 could be decoded`,
      });
    }
  });

  it('createFileExtractor() refuses 10 hours from the header, without reading them', async () => {
    const path = join(root, 'long.wav');
    writeFileSync(path, wav([0.5], { dataSize: 10 * 3600 * 16000 * 2 }));
    truncateSync(path, 44 + 10 * 3600 * 16000 * 2);
    const before = process.memoryUsage().rss;
    await assert.rejects(createFileExtractor(FEATURE_DEFAULTS)(path), {
      name: 'InputError',
      message: /too long/,
    });
    assert.ok(process.memoryUsage().rss - before < 50e6);
  });
});
