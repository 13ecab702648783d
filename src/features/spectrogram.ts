/** A picture of sound: one value per band and frame. */
export interface Spectrogram {
  /** Row-major, shape `(bands, frames)`. */
  readonly values: Float32Array;
  /** Mel bands, or the FFT's bins. */
  readonly bands: number;
  readonly frames: number;
}
