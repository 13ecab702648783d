import assert from 'node:assert/strict';
import { decodeBytes } from '../../src/audio/decode.js';
import { wavFile } from '../../src/audio/wav-file.js';
import { wav } from './wav.js';

describe('wavFile()', () => {
  it('is decoded to the same samples, within a step of 16 bits', async () => {
    const samples = Float32Array.of(0, 0.5, -0.5, 0.123456, -1);
    const recording = await decodeBytes(wavFile(samples, 22_050), 'test.wav');
    assert.equal(recording.sampleRateHz, 22_050);
    assert.equal(recording.truncated, undefined);
    for (const [i, sample] of samples.entries()) assert.ok(Math.abs(recording.samples[i] - sample) <= 1 / 32_768);
  });

  it('clips what is louder than full scale', async () => {
    const { samples } = await decodeBytes(wavFile(Float32Array.of(2, -2), 8000), 'test.wav');
    assert.deepEqual([...samples], [32_767 / 32_768, -1]);
  });

  it("has the header that the tests' own writer gives it", () => {
    const samples = [0, 0.25, -0.75];
    const header = (bytes: Uint8Array) => Buffer.from(bytes.subarray(0, 44));
    assert.deepEqual(
      header(wavFile(Float32Array.from(samples), 44_100)),
      header(wav(samples, { sampleRateHz: 44_100 })),
    );
  });
});
