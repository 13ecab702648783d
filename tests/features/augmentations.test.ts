import assert from 'node:assert/strict';
import { seededRandom } from '../../src/common/random.js';
import { AUGMENTATIONS } from '../../src/features/augmentations.js';
import type { Spectrogram } from '../../src/features/spectrogram.js';
import { bandsAt, stretched } from '../../src/features/warp.js';

/** A spectrogram by band and frame. */
function picture(bands: number, frames: number, at: (band: number, frame: number) => number): Spectrogram {
  const values = Float32Array.from({ length: bands * frames }, (_, i) => at(Math.floor(i / frames), i % frames));
  return { values, bands, frames };
}

/** Its value at a band and a frame. */
const valueAt = ({ values, frames }: Spectrogram, band: number, frame: number) => values[band * frames + frame];

function assertPicture(actual: Spectrogram, at: (band: number, frame: number) => number): void {
  for (let band = 0; band < actual.bands; band++)
    for (let frame = 0; frame < actual.frames; frame++)
      assert.ok(Math.abs(valueAt(actual, band, frame) - at(band, frame)) < 1e-4, `band ${band}, frame ${frame}`);
}

/** Changes evenly along both axes, so that interpolation is exact. */
const ramp = picture(80, 50, (band, frame) => band + 0.01 * frame);

describe('bandsAt()', () => {
  it('reads bands at other places: between two bands, and of the first and the last beyond them', () => {
    assertPicture(
      bandsAt(ramp, (band) => band),
      (band, frame) => band + 0.01 * frame,
    );
    assertPicture(
      bandsAt(ramp, (band) => 1.1 * band - 3.25),
      (band, frame) => Math.min(79, Math.max(0, 1.1 * band - 3.25)) + 0.01 * frame,
    );
  });
});

describe('stretched()', () => {
  it('keeps the first and the last frame, and interpolates between', () => {
    for (const count of [25, 50, 73]) {
      const longer = stretched(ramp, count);
      assert.equal(longer.frames, count);
      assertPicture(longer, (band, frame) => band + (0.01 * frame * 49) / (count - 1));
    }
  });

  it('makes of one frame as many as are asked for, and of many frames one', () => {
    assert.deepEqual(
      stretched(
        picture(2, 1, (band) => band),
        3,
      ).values,
      Float32Array.of(0, 0, 0, 1, 1, 1),
    );
    assert.deepEqual(
      stretched(
        picture(2, 3, (band, frame) => band + frame),
        1,
      ).values,
      Float32Array.of(0, 1),
    );
  });
});

describe('AUGMENTATIONS', () => {
  for (const [name, augmentation] of Object.entries(AUGMENTATIONS)) {
    it(`${name}: draws from what it is given, and leaves the features as they are`, () => {
      const before = ramp.values.slice();
      const draw = (seed: number) => augmentation(ramp, seededRandom(seed));
      assert.deepEqual(draw(1), draw(1));
      assert.notDeepEqual(draw(1), draw(2));
      assert.deepEqual(ramp.values, before);
    });

    it(`${name}: takes one frame`, () => {
      const one = augmentation(
        picture(80, 1, (band) => band),
        seededRandom(3),
      );
      assert.deepEqual([one.bands, one.frames], [80, 1]);
      assert.ok(one.values.every(Number.isFinite));
    });
  }

  const drawn = (name: string, count: number) =>
    Array.from({ length: count }, (_, seed) => AUGMENTATIONS[name](ramp, seededRandom(seed)));

  it('voice: shifts the bands by up to 8, and scales them by up to 8 % around the middle', () => {
    // In the middle of a ramp, the shift is what a value changes by; the slope is the scale.
    const shifts: number[] = [];
    const scales: number[] = [];
    for (const altered of drawn('voice', 400)) {
      assert.equal(altered.frames, 50);
      const [below, above] = [valueAt(altered, 30, 0), valueAt(altered, 49, 0)];
      const slope = (above - below) / 19;
      scales.push(1 / slope);
      shifts.push((39.5 - (above + below) / 2) / slope);
    }
    const within = (values: number[], low: number, high: number) => {
      const [least, most] = [Math.min(...values), Math.max(...values)];
      const margin = 0.03 * (high - low);
      assert.ok(least >= low - 1e-3 && least < low + margin, `${least}`);
      assert.ok(most <= high + 1e-3 && most > high - margin, `${most}`);
    };
    within(shifts, -8, 8);
    within(scales, 0.92, 1.08);
  });

  it('tempo: takes from 0.8 to 1.2 times the frames, of the same sound', () => {
    const lengths = drawn('tempo', 400).map((altered) => {
      assertPicture(altered, (band, frame) => band + (0.01 * frame * 49) / (altered.frames - 1));
      return altered.frames;
    });
    assert.deepEqual([Math.min(...lengths), Math.max(...lengths)], [40, 60]);
  });

  it('masking: hides up to 20 bands and up to 30 % of the frames by the mean of their bands', () => {
    const mean = (band: number) => band + 0.245;
    let [mostBands, mostFrames] = [0, 0];
    for (const altered of drawn('masking', 400)) {
      const hidden = (band: number, frame: number) => Math.abs(valueAt(altered, band, frame) - mean(band)) < 1e-4;
      const all = (length: number) => Array.from({ length }, (_, i) => i);
      const bands = all(80).filter((band) => all(50).every((frame) => hidden(band, frame)));
      const frames = all(50).filter((frame) => all(80).every((band) => hidden(band, frame)));
      [mostBands, mostFrames] = [Math.max(mostBands, bands.length), Math.max(mostFrames, frames.length)];
      assertPicture(altered, (band, frame) =>
        bands.includes(band) || frames.includes(frame) ? mean(band) : band + 0.01 * frame,
      );
    }
    assert.ok(mostBands > 15 && mostBands <= 20, `${mostBands}`);
    assert.ok(mostFrames > 10 && mostFrames <= 15, `${mostFrames}`);
  });
});
