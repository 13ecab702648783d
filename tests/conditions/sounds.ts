import type { Sound } from '../../src/conditions/perturbation.js';

export const RATE = 16000;

/** Half a second of tones that rise and fall, between silences; scripts/golden_stress.py computes the same. */
export function testSound(): Sound {
  const samples = new Float32Array(RATE);
  const length = RATE / 2;
  for (let i = 0; i < length; i++) {
    const t = i / RATE;
    let tones = 0;
    for (let k = 1; k <= 20; k++) tones += (0.2 / k) * Math.sin(2 * Math.PI * 150 * k * t + k * k);
    samples[2000 + i] = tones * Math.sin((Math.PI * i) / (length - 1)) ** 2;
  }
  return { samples, sampleRateHz: RATE };
}

/** A tone of amplitude 0.5, one second long. */
export function tone(hz: number, sampleRateHz = RATE): Sound {
  const samples = Float32Array.from(
    { length: sampleRateHz },
    (_, i) => Math.sin((2 * Math.PI * hz * i) / sampleRateHz) / 2,
  );
  return { samples, sampleRateHz };
}

/** The amplitude of one frequency in the middle half of a sound. */
export function amplitudeAt(hz: number, { samples, sampleRateHz }: Sound): number {
  let [re, im] = [0, 0];
  const [from, to] = [0.25, 0.75].map((share) => Math.round(share * samples.length));
  for (let i = from; i < to; i++) {
    re += samples[i] * Math.cos((2 * Math.PI * hz * i) / sampleRateHz);
    im += samples[i] * Math.sin((2 * Math.PI * hz * i) / sampleRateHz);
  }
  return (2 * Math.hypot(re, im)) / (to - from);
}

/** Mean power, in double precision. */
export function powerOf(samples: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < samples.length; i++) sum += samples[i] ** 2;
  return sum / samples.length;
}

/** The numbers that a script has stored as float32. */
export function floatsOf(base64: string): Float32Array {
  const bytes = Buffer.from(base64, 'base64');
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}
