import assert from 'node:assert/strict';
import { seededRandom } from '../../src/common/random.js';
import { median } from '../../src/common/statistics.js';
import { createPitchDetector } from '../../src/features/pitch.js';
import golden from '../golden/functionals.json';

const [RATE, FRAME] = [16000, 512];
const pitchOf = createPitchDetector(RATE, FRAME);
const cents = (a: number, b: number) => Math.abs(1200 * Math.log2(a / b));

describe('createPitchDetector()', () => {
  for (const hz of [70, 100, 220.5, 440, 590])
    it(`finds a voice of ${hz} Hz within 10 cents, whatever its phase and level`, () => {
      for (const phase of [0, 1, 2.5])
        for (const level of [1, 1e-4]) {
          const frame = Float32Array.from({ length: FRAME }, (_, i) => {
            const angle = (2 * Math.PI * hz * i) / RATE + phase;
            return level * (Math.sin(angle) + 0.6 * Math.sin(2 * angle + 1) + 0.3 * Math.sin(3 * angle + 2));
          });
          assert.ok(cents(pitchOf(frame)!, hz) < 10, `${pitchOf(frame)}`);
        }
    });

  it('follows a vibrato', () => {
    let phase = 0;
    const frequency = (i: number) => 200 * 2 ** (Math.sin((2 * Math.PI * 5 * i) / RATE) / 24);
    const voice = Float32Array.from({ length: RATE }, (_, i) => {
      phase += (2 * Math.PI * frequency(i)) / RATE;
      return Math.sin(phase) + 0.5 * Math.sin(2 * phase);
    });
    for (let start = 0; start + FRAME <= RATE; start += 256)
      assert.ok(cents(pitchOf(voice.subarray(start, start + FRAME))!, frequency(start + FRAME / 2)) < 15);
  });

  // Made by scripts/golden_functionals.py.
  it('agrees with librosa’s pYIN about speech, where both hear a voice', () => {
    const bytes = new Uint8Array(Buffer.from(golden.cases[0].samples, 'base64'));
    const speech = new Float32Array(bytes.buffer);
    const apart: number[] = [];
    let [voiced, both] = [0, 0];
    for (let i = 1; 256 * (i - 1) + FRAME <= speech.length; i++) {
      // Its frames are centred on every 256th sample.
      const [own, other] = [pitchOf(speech.subarray(256 * (i - 1), 256 * (i - 1) + FRAME)), golden.pyin[i]];
      if (other) voiced++;
      if (!own || !other) continue;
      both++;
      apart.push(cents(own, other));
    }
    assert.ok(voiced > 20 && both > 0.6 * voiced, `${both} of ${voiced}`);
    assert.ok(median(apart) < 25, `${median(apart)} cents`);
    assert.ok(apart.filter((each) => each > 600).length < 0.05 * both);
  });

  it('hears no voice in silence, noise, a constant, and tones that no voice has', () => {
    const random = seededRandom(3);
    const tone = (hz: number) =>
      Float32Array.from({ length: FRAME }, (_, i) => Math.sin((2 * Math.PI * hz * i) / RATE));
    const noise = Float32Array.from({ length: FRAME }, () => random() - 0.5);
    for (const frame of [new Float32Array(FRAME), noise, new Float32Array(FRAME).fill(0.3), tone(700), tone(30)])
      assert.equal(pitchOf(frame), undefined);
  });
});
