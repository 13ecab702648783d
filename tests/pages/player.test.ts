import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { wavFile } from '../../src/audio/wav-file.js';
import { playerHtml } from '../../src/pages/player.js';

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
