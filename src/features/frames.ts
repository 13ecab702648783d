import Meyda from 'meyda';

/** How samples are cut into frames for Meyda. */
export interface FrameSettings {
  readonly sampleRateHz: number;
  /** Samples of a frame, a power of two, and from one frame to the next. */
  readonly frameLength: number;
  readonly hopLength: number;
}

/** What the spectrum of a frame is like. */
export interface SpectralShape {
  /** Mean frequency, weighted by amplitude. */
  readonly centroidHz: number;
  /** Standard deviation of the frequency, weighted likewise. */
  readonly spreadHz: number;
  /** Frequency below which 99 % of the amplitude lies. */
  readonly rolloffHz: number;
  /** Geometric over arithmetic mean of the amplitudes: 0 for a tone, 1 for a flat spectrum. */
  readonly flatness: number;
  /** Sum over 24 Bark bands of the amplitude to the power of 0.23. */
  readonly loudness: number;
  /** How much of the loudness lies in high bands, in acum: Zwicker's sharpness. */
  readonly sharpness: number;
}

/** Whole frames, or the one short frame of a short clip. */
export function framesOf(samples: Float32Array, { frameLength, hopLength }: FrameSettings): Float32Array[] {
  const count = 1 + Math.floor(Math.max(0, samples.length - frameLength) / hopLength);
  return Array.from({ length: count }, (_, i) => samples.subarray(i * hopLength, i * hopLength + frameLength));
}

/** A copy with zeros on both sides where it is shorter than a frame: the window lets its middle through. */
export function padded(frame: Float32Array, frameLength: number): Float32Array {
  const whole = new Float32Array(frameLength);
  whole.set(frame, Math.floor((frameLength - frame.length) / 2));
  return whole;
}

/** The root mean square of a frame as it is: `extract` would take it from the windowed one. */
export function rootMeanSquare(signal: Float32Array): number {
  return Meyda.featureExtractors.rms({ signal });
}

/** Changes of sign of a frame as it is, per second. */
export function zeroCrossingsPerSecond(signal: Float32Array, sampleRateHz: number): number {
  return (Meyda.featureExtractors.zcr({ signal }) * sampleRateHz) / Math.max(1, signal.length - 1);
}

/** What Meyda is asked for about every frame. */
const SHAPE = ['spectralCentroid', 'spectralSpread', 'spectralRolloff', 'spectralFlatness', 'loudness'] as const;

/** What else it can be asked for. */
type Extracted = NonNullable<ReturnType<typeof Meyda.extract>>;

/**
 * Prepares a function from a frame that is not silent to the shape of its spectrum, under a Hann window, and to what else
 * is asked for, as Meyda gives it; all NaN for a frame without a spectrum, such as a single click where the window is zero.
 *
 * Meyda keeps its settings and its filter banks in one global object, and does not rebuild the mel bank when the rate
 * changes. Each call gets a copy of its own, without banks, so that results depend on nothing that came before.
 *
 * @see https://meyda.js.org/audio-features
 */
export function createSpectrumAnalyser<Name extends keyof Extracted & string>(
  { sampleRateHz, frameLength }: FrameSettings,
  more: readonly Name[],
): (frame: Float32Array) => SpectralShape & { readonly [Key in Name]: NonNullable<Extracted[Key]> } {
  const meyda = {
    ...Meyda,
    sampleRate: sampleRateHz,
    bufferSize: frameLength,
    windowingFunction: 'hanning',
    melBands: 26,
    numberOfMFCCCoefficients: 13,
    numberOfBarkBands: 24,
    barkScale: undefined,
    melFilterBank: undefined,
  };
  const binHz = sampleRateHz / frameLength;
  const bins = frameLength / 2;
  return (frame) => {
    const extracted = meyda.extract([...SHAPE, ...more], padded(frame, frameLength))!;
    return {
      ...(extracted as { readonly [Key in Name]: NonNullable<Extracted[Key]> }),
      // Meyda counts the centroid in bins, and takes its bins for 1/511 instead of 1/512 of the Nyquist frequency wide.
      centroidHz: extracted.spectralCentroid! * binHz,
      // Rounding may make the square negative for a single line.
      spreadHz: (extracted.spectralSpread || 0) * binHz,
      rolloffHz: (extracted.spectralRolloff! * (bins - 1)) / bins,
      flatness: extracted.spectralFlatness!,
      loudness: extracted.loudness!.total,
      sharpness: sharpnessOf(extracted.loudness!),
    };
  };
}

/**
 * Zwicker's sharpness; Meyda's own leaves the loudness out of the upper bands.
 *
 * @see H. Fastl and E. Zwicker, Psychoacoustics: Facts and Models, 3rd edition, 2007, chapter 9
 */
function sharpnessOf({ specific, total }: { readonly specific: Float32Array; readonly total: number }): number {
  let sum = 0;
  for (let i = 0; i < specific.length; i++) {
    const bark = i + 1;
    sum += specific[i] * bark * (bark < 15 ? 1 : 0.066 * Math.exp(0.171 * bark));
  }
  return (0.11 * sum) / total;
}
