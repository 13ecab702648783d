import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { decodeBytes } from '../../src/audio/decode.js';
import { playerHtml, wavFile } from '../../src/pages/player.js';

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
});

describe('playerHtml()', () => {
  it('holds the whole file, under its own type', () => {
    const file = readFileSync('data/emodb/03a01Fa.flac');
    const html = playerHtml(file, 'anger & <joy>');
    const [, type, data] = html.match(/src="data:([^;]+);base64,([^"]+)"/)!;
    assert.equal(type, 'audio/flac');
    assert.deepEqual(Buffer.from(data, 'base64'), file);
    assert.match(html, /<figcaption>anger &amp; &lt;joy&gt;</);
    assert.match(playerHtml(wavFile(Float32Array.of(0), 8000), ''), /data:audio\/wav;/);
  });

  it('refuses an empty file, and one that is too large for a page', () => {
    assert.throws(() => playerHtml(new Uint8Array(0), ''), RangeError);
    assert.throws(() => playerHtml(new Uint8Array(20_000_001), ''), {
      name: 'RangeError',
      message:
        'Cannot make a player: the sound must have 1 to 20000000 bytes, current number is 20000001; play a part of it',
    });
  });
});
