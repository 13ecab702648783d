/**
 * Power spectra of real signals of one size, in double precision: single precision would show in quiet bands beside
 * loud ones (0.1 dB at 100 dB below).
 *
 * The samples are taken as complex pairs, transformed with half as many points (Stockham's autosort FFT, radix 4) and
 * separated (Press et al., Numerical Recipes, 12.3). Tables and buffers are made once.
 */
export class PowerSpectrum {
  readonly size: number;
  /** The samples to transform, shape `(size,)`: fill it before each call of {@link compute}. */
  readonly input: Float64Array;
  private readonly spare: Float64Array;
  private readonly result: Float64Array;
  /** cos and sin of −2πk / points, interleaved, for k below the number of complex points. */
  private readonly twiddles: Float64Array;
  /** cos and sin of −2πk / size, interleaved, for the separation. */
  private readonly separation: Float64Array;

  /**
   * @param size - number of samples: a power of two, at least 8
   * @throws RangeError for any other size
   */
  constructor(size: number) {
    if (!Number.isInteger(size) || size < 8 || (size & (size - 1)) !== 0)
      throw new RangeError(`Cannot prepare an FFT: size must be a power of two from 8, current value is ${size}`);
    this.size = size;
    this.input = new Float64Array(size);
    this.spare = new Float64Array(size);
    this.result = new Float64Array(size);
    this.twiddles = unitCircle(size / 2);
    this.separation = unitCircle(size);
  }

  /** Writes |X|² of the bins 0 … size / 2 of the input into `power`, shape `(size / 2 + 1,)`. */
  compute(power: Float32Array): void {
    const points = this.size / 2;
    const z = this.transform(points);
    const w = this.separation;
    power[0] = (z[0] + z[1]) ** 2;
    power[points] = (z[0] - z[1]) ** 2;
    for (let k = 1; k <= points / 2; k++) {
      const a = 2 * k;
      const b = 2 * (points - k);
      // Halves of the spectra of the even and the odd samples, the latter turned by the twiddle factor.
      const evenRe = (z[a] + z[b]) / 2;
      const evenIm = (z[a + 1] - z[b + 1]) / 2;
      const oddRe = (z[a + 1] + z[b + 1]) / 2;
      const oddIm = (z[b] - z[a]) / 2;
      const turnedRe = oddRe * w[a] - oddIm * w[a + 1];
      const turnedIm = oddRe * w[a + 1] + oddIm * w[a];
      power[k] = (evenRe + turnedRe) ** 2 + (evenIm + turnedIm) ** 2;
      power[points - k] = (evenRe - turnedRe) ** 2 + (evenIm - turnedIm) ** 2;
    }
  }

  /** The complex transform of the input's pairs, interleaved real and imaginary parts. */
  private transform(points: number): Float64Array {
    let from = this.input;
    let to = this.spare;
    let stride = 1;
    let length = points;
    for (; length >= 4; length /= 4, stride *= 4) {
      radix4(from, to, { length, stride, twiddles: this.twiddles });
      // The input stays as it was: the two work buffers take turns.
      from = to;
      to = to === this.spare ? this.result : this.spare;
    }
    if (length === 2) {
      radix2(from, to, stride);
      from = to;
    }
    return from;
  }
}

interface Stage {
  /** Points of each of the transforms that remain. */
  readonly length: number;
  /** Number of those transforms. */
  readonly stride: number;
  readonly twiddles: Float64Array;
}

/** One stage of Stockham's FFT: splits each transform of `length` points in four. */
function radix4(x: Float64Array, y: Float64Array, { length, stride, twiddles: w }: Stage): void {
  const quarter = length / 4;
  const step = 2 * stride * quarter;
  // Plain constants: destructured arrays cost four times as much here.
  for (let p = 0; p < quarter; p++) {
    const w1 = 2 * p * stride;
    const c1 = w[w1];
    const s1 = w[w1 + 1];
    const c2 = w[2 * w1];
    const s2 = w[2 * w1 + 1];
    const c3 = w[3 * w1];
    const s3 = w[3 * w1 + 1];
    let i = 2 * stride * p;
    let o = 8 * stride * p;
    for (let q = 0; q < stride; q++, i += 2, o += 2) {
      const j = i + 2 * step;
      const sumR = x[i] + x[j];
      const sumI = x[i + 1] + x[j + 1];
      const differenceR = x[i] - x[j];
      const differenceI = x[i + 1] - x[j + 1];
      const otherR = x[i + step] + x[j + step];
      const otherI = x[i + step + 1] + x[j + step + 1];
      // −i times the difference of the second and the fourth quarter.
      const turnedR = x[i + step + 1] - x[j + step + 1];
      const turnedI = x[j + step] - x[i + step];
      const r1 = differenceR + turnedR;
      const i1 = differenceI + turnedI;
      const r2 = sumR - otherR;
      const i2 = sumI - otherI;
      const r3 = differenceR - turnedR;
      const i3 = differenceI - turnedI;
      y[o] = sumR + otherR;
      y[o + 1] = sumI + otherI;
      y[o + 2 * stride] = r1 * c1 - i1 * s1;
      y[o + 2 * stride + 1] = r1 * s1 + i1 * c1;
      y[o + 4 * stride] = r2 * c2 - i2 * s2;
      y[o + 4 * stride + 1] = r2 * s2 + i2 * c2;
      y[o + 6 * stride] = r3 * c3 - i3 * s3;
      y[o + 6 * stride + 1] = r3 * s3 + i3 * c3;
    }
  }
}

/** The last stage where the number of points is no power of four. */
function radix2(x: Float64Array, y: Float64Array, stride: number): void {
  for (let i = 0, j = 2 * stride; i < 2 * stride; i++, j++) {
    y[i] = x[i] + x[j];
    y[j] = x[i] - x[j];
  }
}

/** cos and sin of −2πk / points for k below `points`, interleaved. */
function unitCircle(points: number): Float64Array {
  const table = new Float64Array(2 * points);
  for (let k = 0; k < points; k++) {
    const angle = (-2 * Math.PI * k) / points;
    table[2 * k] = Math.cos(angle);
    table[2 * k + 1] = Math.sin(angle);
  }
  return table;
}
