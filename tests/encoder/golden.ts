import golden from '../golden/encoder.json';

/** Numbers from their bytes in base64. */
export const floats = (text: string): Float32Array => {
  const bytes = Buffer.from(text, 'base64');
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
};

/** A tone that rises and swells, as scripts/golden_encoder.py makes it. */
export function chirp(count: number): Float32Array {
  return Float32Array.from(
    { length: count },
    (_, i) => 0.3 * Math.sin((0.05 + i / count / 4) * i) * (1 + Math.sin(i / 900)),
  );
}

/** Chirps with their log-mel spectrograms and states, frame by frame; made by scripts/golden_encoder.py. */
export const CHIRPS = golden.chirps.map(({ samples, frames, mel, states }) => ({
  samples,
  frames,
  mel: floats(mel),
  states: floats(states),
}));

/** Clips of EMO-DB and the mean of their states. */
export const CLIPS = golden.clips.map(({ clip, mean }) => ({ clip, mean: floats(mean) }));

/** The largest difference of two arrays. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = a.length === b.length ? 0 : Number.POSITIVE_INFINITY;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i] - b[i]));
  return largest;
}

/** A matrix row by row, from one frame by frame. */
export function turned(values: Float32Array, bands: number): Float32Array {
  const frames = values.length / bands;
  return Float32Array.from(values, (_, i) => values[(i % frames) * bands + Math.floor(i / frames)]);
}
