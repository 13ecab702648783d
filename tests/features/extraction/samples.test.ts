import assert from 'node:assert/strict';
import { decodeFile } from '../../../src/audio/decode-file.js';
import { samplesOf } from '../../../src/features/extraction/samples.js';

const CLIP = 'data/emodb/03a01Fa.flac';

describe('samplesOf()', () => {
  it("brings a recording to the network's rate, or to the one asked for", async () => {
    const recording = await decodeFile(CLIP);
    const { samples, sampleRateHz } = await samplesOf(CLIP);
    assert.equal(sampleRateHz, 22050);
    assert.ok(Math.abs(samples.length / 22050 - recording.durationSeconds) < 1e-3);
    const slow = await samplesOf(CLIP, 8000);
    assert.deepEqual([slow.sampleRateHz, slow.samples.length], [8000, 16000]);
  });

  it('refuses a file that is not there', async () => {
    await assert.rejects(samplesOf('none.wav'), { name: 'InputError', message: 'none.wav: there is no such file' });
  });
});
