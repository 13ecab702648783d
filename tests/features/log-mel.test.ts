import assert from 'node:assert/strict';
import { featureNamed } from '../../src/features/features.js';
import { createLogMel, createLogMelExtractor } from '../../src/features/log-mel.js';
import { CHIRPS, chirp, largestDifference, turned } from '../encoder/golden.js';

describe('createLogMel()', () => {
  const logMel = createLogMel();

  for (const { samples, frames, mel } of CHIRPS)
    it(`equals numpy's within 1e-5: ${samples} samples`, () => {
      const { values, ...shape } = logMel(chirp(samples));
      assert.deepEqual(shape, { bands: 80, frames });
      assert.ok(largestDifference(values, turned(mel, 80)) < 1e-5);
    });

  it('brings every recording to one level', () => {
    const quiet = chirp(4800).map((sample) => sample / 50);
    assert.ok(largestDifference(logMel(quiet).values, logMel(chirp(4800)).values) < 1e-4);
  });

  it('stays within its range, and finite for very few samples and for silence', () => {
    for (const samples of [Float32Array.of(0.5), chirp(100), chirp(319), new Float32Array(1000)]) {
      const { values, frames } = logMel(samples);
      assert.ok(frames >= 2);
      const [least, most] = [Math.min(...values), Math.max(...values)];
      assert.ok(Number.isFinite(least) && most - least <= 2 + 1e-6, `${least} ${most}`);
    }
  });

  it('is a feature of 10 ms a frame, computed at 16 kHz, without options', () => {
    const { create, secondsPerFrame, schema } = featureNamed('logMel');
    const recording = { samples: chirp(9600), sampleRateHz: 16000, channels: 1, durationSeconds: 0.6 };
    const { matrix, ...facts } = create({})(recording);
    assert.deepEqual(matrix, logMel(recording.samples));
    assert.deepEqual([facts.sampleRateHz, facts.durationSeconds], [16000, 0.6]);
    assert.equal(secondsPerFrame({}), 0.01);
    assert.ok(!schema.safeParse({ bands: 40 }).success);
    // Twice the rate and twice the samples are the same sound.
    const doubled = Float32Array.from({ length: 19200 }, (_, i) => Math.sin(i / 40));
    const single = doubled.filter((_, i) => i % 2 === 0);
    const extract = createLogMelExtractor();
    const [a, b] = [
      extract({ samples: doubled, sampleRateHz: 32000, channels: 1, durationSeconds: 0.6 }),
      extract({ samples: single, sampleRateHz: 16000, channels: 1, durationSeconds: 0.6 }),
    ];
    assert.equal(a.matrix.frames, b.matrix.frames);
    const loudest = (values: Float32Array, frames: number) => Math.floor(values.indexOf(Math.max(...values)) / frames);
    assert.equal(loudest(a.matrix.values, 60), loudest(b.matrix.values, 60));
  });
});
