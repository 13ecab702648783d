import assert from 'node:assert/strict';
import { seededRandom } from '../../src/common/random.js';
import { createMelSpectrogram, MEL_DEFAULTS } from '../../src/features/mel.js';
import { createRunningMel } from '../../src/features/running-mel.js';
import type { Spectrogram } from '../../src/features/spectrogram.js';

const OPTIONS = {
  'librosa’s defaults': MEL_DEFAULTS,
  'short frames': { ...MEL_DEFAULTS, sampleRateHz: 16000, fftSize: 512, hopLength: 160, bands: 80, maxHz: 8000 },
  'a hop longer than a frame': { ...MEL_DEFAULTS, fftSize: 256, hopLength: 700, bands: 20 },
};

/** Frame by frame, as pieces of a spectrogram can be put one after the other. */
function columns({ values, bands, frames }: Spectrogram): number[][] {
  return Array.from({ length: frames }, (_, t) =>
    Array.from({ length: bands }, (_, band) => values[band * frames + t]),
  );
}

describe('createRunningMel()', () => {
  for (const [name, options] of Object.entries(OPTIONS))
    it(`gives piece by piece the frames of the whole: ${name}`, () => {
      const random = seededRandom(5);
      for (const length of [1, 300, 40_000]) {
        const samples = Float32Array.from({ length }, () => random() - 0.5);
        const expected = columns(createMelSpectrogram(options)(samples));
        const loudest = Math.max(...expected.flat());
        for (const most of [128, 3000, 50_000]) {
          const running = createRunningMel(options);
          const found: number[][] = [];
          for (let at = 0; at < length; ) {
            const piece = samples.subarray(at, at + Math.ceil(random() * most));
            found.push(...columns(running.hear(piece)));
            at += piece.length;
          }
          found.push(...columns(running.end()));
          assert.equal(found.length, expected.length);
          for (const [t, frame] of found.entries())
            for (const [band, value] of frame.entries())
              assert.ok(Math.abs(value - expected[t][band]) <= 1e-6 * loudest, `frame ${t}, band ${band}`);
        }
      }
    });

  it('gives nothing of nothing, and refuses options out of range', () => {
    const running = createRunningMel(MEL_DEFAULTS);
    assert.equal(running.hear(new Float32Array()).frames + running.end().frames, 0);
    assert.throws(() => createRunningMel({ ...MEL_DEFAULTS, bands: 0 }), RangeError);
  });
});
