const HEADER_BYTES = 44;
const BYTES_PER_SAMPLE = 2;
const PCM = 1;

/**
 * Samples as the content of a WAV file, 16 bits; louder ones than full scale are clipped.
 *
 * @param samples - mono, in [-1, 1]
 */
export function wavFile(samples: Float32Array, sampleRateHz: number): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + BYTES_PER_SAMPLE * samples.length);
  const view = new DataView(bytes.buffer);
  const writeText = (text: string, at: number) => bytes.set(new TextEncoder().encode(text), at);
  writeText('RIFF', 0);
  view.setUint32(4, bytes.length - 8, true);
  writeText('WAVEfmt ', 8);
  view.setUint32(16, 16, true);
  view.setUint16(20, PCM, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, sampleRateHz, true);
  view.setUint32(28, BYTES_PER_SAMPLE * sampleRateHz, true);
  view.setUint16(32, BYTES_PER_SAMPLE, true);
  view.setUint16(34, 8 * BYTES_PER_SAMPLE, true);
  writeText('data', 36);
  view.setUint32(40, bytes.length - HEADER_BYTES, true);
  for (let i = 0; i < samples.length; i++) {
    const value = Math.max(-32768, Math.min(32767, Math.round(32768 * samples[i])));
    view.setInt16(HEADER_BYTES + BYTES_PER_SAMPLE * i, value, true);
  }
  return bytes;
}
