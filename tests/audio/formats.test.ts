import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeBytes } from '../../src/audio/decode.js';
import { decodeFile } from '../../src/audio/decode-file.js';
import { resample } from '../../src/audio/resample.js';
// Made by scripts/golden_formats.py, with the files beside it.
import golden from '../golden/formats.json';

const FILES = join(__dirname, '../golden/formats');
const content = (name: string) => readFileSync(join(FILES, name));

/** Differences of two decoders of the same sound, in 16 bits: rounding, and the order in which they add. */
const STEPS = 2.5 / 32768;

describe('decodeFile() equals other decoders', () => {
  for (const { name, oracle, rate, channels, length, sha256 } of golden.exact)
    it(`${oracle} to the bit for ${name}`, async () => {
      const { samples, ...recording } = await decodeFile(join(FILES, name));
      assert.deepEqual([recording.sampleRateHz, recording.channels, samples.length], [rate, channels, length]);
      assert.deepEqual([recording.truncated, recording.warning], [undefined, undefined]);
      assert.equal(createHash('sha256').update(samples).digest('hex'), sha256);
    });

  for (const { name, oracle, rate, lead, samples: base64 } of golden.close)
    it(`${oracle} closely for ${name}`, async () => {
      const steps = new Int16Array(Uint8Array.from(Buffer.from(base64, 'base64')).buffer).subarray(lead);
      const recording = await decodeFile(join(FILES, name));
      assert.equal(recording.truncated, undefined);
      assert.equal(recording.channels, 1);
      const samples = resample(recording.samples, recording.sampleRateHz, rate);
      // ffmpeg leaves up to a block of padding at the end.
      const rest = steps.length - samples.length;
      assert.ok(rest >= -481 && rest < 1024, `${rest} samples more`);
      const tolerance = recording.sampleRateHz === rate ? STEPS : 100 * STEPS;
      for (let i = 0; i < Math.min(samples.length, steps.length); i++)
        assert.ok(Math.abs(samples[i] - steps[i] / 32767) <= tolerance, `sample ${i} of ${samples.length}`);
    });
});

describe('decodeBytes() says that a file is cut short', () => {
  // Each at nine tenths of its bytes, but those whose index is at the end.
  const cut: Record<string, RegExp> = {
    's16.aiff': /^the header promises 2205 samples, \d+ could be decoded$/,
    's16.caf': /^the header promises 2205 samples, \d+ could be decoded$/,
    's16.au': /^the header promises 2205 samples, \d+ could be decoded$/,
    's16.w64': /^the header promises 2208 samples, \d+ could be decoded$/,
    'ima-adpcm.wav': /^the header promises 4082 samples, 2041 could be decoded$/,
    'ima4.caf': /^the header promises 2240 samples, \d+ could be decoded$/,
    'fragments.mp4': /^the header promises \d+ bytes, the file has \d+ of them$/,
    'vorbis.webm': /^the header promises \d+ bytes, the file has \d+ of them$/,
  };
  for (const [name, reason] of Object.entries(cut))
    it(name, async () => {
      const whole = content(name);
      const kept = Math.floor(0.9 * whole.length);
      const { truncated = '', samples } = await decodeBytes(whole.subarray(0, kept), name);
      assert.match(truncated, reason);
      assert.ok(samples.length > 0);
    });

  it('and refuses one whose index is missing', async () => {
    const whole = content('phone.m4a');
    const index = whole.indexOf('moov') - 4;
    await assert.rejects(decodeBytes(whole.subarray(0, index), 'a.m4a'), {
      name: 'InputError',
      message:
        'a.m4a: the MP4 file has no index ("moov"): the recorder was stopped before it had written it, or the file is cut short',
    });
    await assert.rejects(
      decodeBytes(whole.subarray(0, whole.length - 1), 'a.m4a'),
      /^InputError: a\.m4a: the MP4 file ends within its index/,
    );
  });
});
