import assert from 'node:assert/strict';
import { atSpeed, featureNamed } from '../../src/features/features.js';
import { createLogMel, createLogMelExtractor } from '../../src/features/log-mel.js';
import { MEL_DEFAULTS } from '../../src/features/mel.js';
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

  it('is a feature of 10 ms a frame, computed at 16 kHz', () => {
    const { create, secondsPerFrame, schema } = featureNamed('logMel');
    const recording = { samples: chirp(9600), sampleRateHz: 16000, channels: 1, durationSeconds: 0.6 };
    const { matrix, ...facts } = create({ speed: 1 })(recording);
    assert.deepEqual(matrix, logMel(recording.samples));
    assert.deepEqual([facts.sampleRateHz, facts.durationSeconds], [16000, 0.6]);
    assert.equal(secondsPerFrame({ speed: 1 }), 0.01);
    assert.deepEqual(schema.parse({}), { speed: 1 });
    assert.ok(!schema.safeParse({ bands: 40 }).success);
    // Twice the rate and twice the samples are the same sound.
    const doubled = Float32Array.from({ length: 19200 }, (_, i) => Math.sin(i / 40));
    const single = doubled.filter((_, i) => i % 2 === 0);
    const extract = createLogMelExtractor({ speed: 1 });
    const [a, b] = [
      extract({ samples: doubled, sampleRateHz: 32000, channels: 1, durationSeconds: 0.6 }),
      extract({ samples: single, sampleRateHz: 16000, channels: 1, durationSeconds: 0.6 }),
    ];
    assert.equal(a.matrix.frames, b.matrix.frames);
    const loudest = (values: Float32Array, frames: number) => Math.floor(values.indexOf(Math.max(...values)) / frames);
    assert.equal(loudest(a.matrix.values, 60), loudest(b.matrix.values, 60));
  });

  it('plays a recording at another speed, as if it had been made at another rate', () => {
    const { create, secondsPerFrame, schema } = featureNamed('logMel');
    const recording = { samples: chirp(16000), sampleRateHz: 16000, channels: 1, durationSeconds: 1 };
    const { matrix, ...facts } = create({ speed: 1.25 })(recording);
    assert.deepEqual(matrix, create({ speed: 1 })({ ...recording, sampleRateHz: 20000 }).matrix);
    assert.deepEqual([matrix.frames, facts.sampleRateHz, facts.durationSeconds], [80, 16000, 1]);
    assert.equal(secondsPerFrame({ speed: 1.25 }), 0.0125);
    assert.ok(!schema.safeParse({ speed: 3 }).success);
    const mel = { name: 'mel', options: MEL_DEFAULTS } as const;
    assert.throws(() => atSpeed(mel, 2), { name: 'RangeError', message: /Cannot compute mel at another speed/ });
    assert.deepEqual(atSpeed({ name: 'logMel', options: { speed: 1 } }, 2).options, { speed: 2 });
  });
});
