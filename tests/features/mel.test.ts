import assert from 'node:assert/strict';
import {
  bandCentresHz,
  createMelSpectrogram,
  hzToMel,
  MEL_DEFAULTS,
  type MelOptions,
  melFilterBank,
  melToHz,
  powerToDb,
} from '../../src/features/mel.js';
import golden from '../golden/mel.json';

const floats = (base64: string) => new Float32Array(Uint8Array.from(Buffer.from(base64, 'base64')).buffer);
/** librosa's names of our options. */
const optionsOf = (o: { n_mels?: number; hop_length?: number; n_fft?: number; fmin?: number; fmax?: number }) => ({
  ...MEL_DEFAULTS,
  bands: o.n_mels ?? 128,
  hopLength: o.hop_length ?? 512,
  fftSize: o.n_fft ?? 2048,
  minHz: o.fmin ?? 0,
  maxHz: o.fmax ?? 11025,
});

function largestDifference(a: Float32Array, b: Float32Array): number {
  assert.equal(a.length, b.length);
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i] - b[i]));
  return largest;
}

describe('mel', () => {
  for (const expected of golden.cases) {
    it(`createMelSpectrogram() equals librosa's power and decibels within 0.01 dB: ${expected.name}`, () => {
      const spectrogram = createMelSpectrogram(optionsOf(expected.options))(floats(expected.samples));
      assert.deepEqual([spectrogram.bands, spectrogram.frames], expected.shape);
      const power = floats(expected.power);
      const inDb = (p: Float32Array) => p.map((v) => 10 * Math.log10(Math.max(1e-10, v)));
      assert.ok(
        largestDifference(inDb(spectrogram.values), inDb(power)) <= 0.01,
        `power ${largestDifference(inDb(spectrogram.values), inDb(power))} dB`,
      );
      const difference = largestDifference(powerToDb(spectrogram.values), floats(expected.decibels));
      assert.ok(difference <= 0.01, `${difference} dB`);
    });
  }

  it('createMelSpectrogram() gives (128, 87) for 2 s at 22,050 Hz', () => {
    const { bands, frames } = createMelSpectrogram()(new Float32Array(44100));
    assert.deepEqual([bands, frames], [128, 87]);
  });

  it('createMelSpectrogram() gives the same clip after other clips', () => {
    const mel = createMelSpectrogram();
    const clip = floats(golden.cases[0].samples);
    const first = mel(clip).values;
    mel(floats(golden.cases[3].samples));
    assert.deepEqual(mel(clip).values, first);
  });

  it('createMelSpectrogram() refuses empty audio', () => {
    assert.throws(() => createMelSpectrogram()(new Float32Array(0)), {
      name: 'RangeError',
      message: 'Cannot compute a spectrogram: there are no samples',
    });
  });

  it('createMelSpectrogram() refuses options out of range, and takes those at its ends', () => {
    const rules: Record<keyof MelOptions, [rule: string, refused: number[], taken: number[]]> = {
      sampleRateHz: [
        'sampleRateHz must be an integer from 4000 to 384000',
        [0, -22050, 3999, 384001, 22050.5, Number.NaN, Number.POSITIVE_INFINITY],
        [22050, 384000],
      ],
      fftSize: ['fftSize must be a power of two from 8', [0, 4, 1000, -8, 8.5, Number.NaN], [8, 4096]],
      hopLength: ['hopLength must be a positive integer', [0, -1, 1.5, Number.NaN], [1]],
      bands: ['bands must be a positive integer', [0, -1, 1.5, Number.NaN], [1]],
      minHz: ['minHz must not be negative', [-1, Number.NaN], [0]],
      maxHz: [
        'maxHz must be above minHz and at most half the sample rate',
        [0, -1, 11025.5, 20000, Number.NaN],
        [1, 11025],
      ],
      topDb: ['topDb must be positive', [0, -80, Number.NaN], [0.1]],
    };
    for (const [option, [rule, refused, taken]] of Object.entries(rules)) {
      const what = option === 'fftSize' ? 'a spectrogram' : 'a mel spectrogram';
      const make = (value: number) => createMelSpectrogram({ ...MEL_DEFAULTS, [option]: value });
      for (const value of refused)
        assert.throws(() => make(value), {
          name: 'RangeError',
          message: `Cannot compute ${what}: ${rule}, current value is ${value}`,
        });
      for (const value of taken) assert.ok(make(value)(Float32Array.of(0.5)).values.length > 0, `${option} ${value}`);
    }
    assert.ok(createMelSpectrogram({ ...MEL_DEFAULTS, sampleRateHz: 4000, maxHz: 2000 })(new Float32Array(9)).frames);
  });

  it('melFilterBank() has the sums and centres of librosa.filters.mel', () => {
    const sums = melFilterBank().map(({ weights }) => weights.reduce((a, b) => a + b, 0));
    const centres = bandCentresHz();
    for (let band = 0; band < 128; band++) {
      assert.ok(Math.abs(sums[band] - golden.bank.sums[band]) < 1e-6, `sum of band ${band}`);
      assert.ok(Math.abs(centres[band] / golden.bank.centres[band] - 1) < 1e-6, `centre of band ${band}`);
    }
  });

  it('powerToDb() changes its argument, and cuts off below the loudest value as far as it is told', () => {
    const power = Float32Array.of(1, 1e-3, 1e-9, 0);
    const result = powerToDb(power, 50);
    assert.equal(result, power);
    assert.deepEqual(
      [...result].map((v) => Math.round(v * 1e4) / 1e4),
      [0, -30, -50, -50],
    );
    assert.deepEqual([...powerToDb(Float32Array.of(1, 0))].map(Math.round), [0, -80]);
    // The smallest power of all is 100 dB below 1, also where nothing is louder.
    assert.deepEqual([...powerToDb(Float32Array.of(1, 0, 1e-11), 200)].map(Math.round), [0, -100, -100]);
    assert.deepEqual([...powerToDb(Float32Array.of(0, 0))].map(Math.round), [-100, -100]);
    assert.equal(powerToDb(new Float32Array()).length, 0);
  });

  it('bandCentresHz() lie between the edges that are asked for, evenly in mel', () => {
    const centres = bandCentresHz({ ...MEL_DEFAULTS, bands: 3, minHz: 200, maxHz: 1000 });
    // The linear part of the scale.
    assert.deepEqual(centres.map(Math.round), [400, 600, 800]);
  });

  it('melFilterBank() has triangles of unit area with their tops at the centres', () => {
    const options = { ...MEL_DEFAULTS, bands: 10, fftSize: 8192 };
    const binHz = options.sampleRateHz / options.fftSize;
    const centres = bandCentresHz(options);
    for (const [i, { firstBin, weights }] of melFilterBank(options).entries()) {
      assert.ok(weights.every((weight) => weight > 0));
      assert.ok(Math.abs(weights.reduce((sum, weight) => sum + weight * binHz, 0) - 1) < 0.01, `area of band ${i}`);
      const top = firstBin + weights.indexOf(Math.max(...weights));
      assert.ok(Math.abs(top * binHz - centres[i]) <= binHz, `top of band ${i}`);
    }
  });

  it('melToHz() inverts hzToMel()', () => {
    for (const hz of [0, 440, 999, 1000, 1001, 11025])
      assert.ok(Math.abs(melToHz(hzToMel(hz)) - hz) < 1e-9 * hz + 1e-9);
  });
});
