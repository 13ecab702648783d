/** One pass over the numbers: transforms of `done` points become transforms of `radix` times as many. */
interface Pass {
  readonly radix: 2 | 4 | 5;
  readonly done: number;
  /** Cosine and sine of the angle by which each number is turned first, `radix` of each for every `k` below `done`. */
  readonly cosines: Float64Array;
  readonly sines: Float64Array;
}

/** Of the fifth part of a turn and of two fifths. */
const [COS_1, SIN_1] = [Math.cos((2 * Math.PI) / 5), Math.sin((2 * Math.PI) / 5)];
const [COS_2, SIN_2] = [Math.cos((4 * Math.PI) / 5), Math.sin((4 * Math.PI) / 5)];

/**
 * Prepares the discrete Fourier transform of a length that is a product of twos and fives, such as the 400 samples of a
 * frame of speech models: Stockham's way, a factor of 5, 4 or 2 at a time.
 *
 * @returns a function that transforms `real` and `imaginary`, each of shape `(size,)`, in place
 * @throws RangeError if `size` has another factor
 * @see C. Van Loan, Computational Frameworks for the Fast Fourier Transform, 1992
 */
export function createFourier(size: number): (real: Float64Array, imaginary: Float64Array) => void {
  const passes = passesFor(size);
  const spare = [new Float64Array(size), new Float64Array(size)];
  // The numbers of one small transform, turned.
  const [x, y] = [new Float64Array(5), new Float64Array(5)];
  return (real, imaginary) => {
    let [re, im, outRe, outIm]: Float64Array[] = [real, imaginary, ...spare];
    for (const { radix, done, cosines, sines } of passes) {
      const groups = size / (done * radix);
      const stride = groups * done;
      for (let group = 0; group < groups; group++)
        for (let k = 0; k < done; k++) {
          const from = group * done + k;
          for (let part = 0; part < radix; part++) {
            const [a, b] = [re[from + part * stride], im[from + part * stride]];
            const [cos, sin] = [cosines[k * radix + part], sines[k * radix + part]];
            x[part] = a * cos - b * sin;
            y[part] = a * sin + b * cos;
          }
          smallTransform(radix, x, y);
          const to = group * done * radix + k;
          for (let part = 0; part < radix; part++) {
            outRe[to + part * done] = x[part];
            outIm[to + part * done] = y[part];
          }
        }
      [re, im, outRe, outIm] = [outRe, outIm, re, im];
    }
    if (re !== real) {
      real.set(re);
      imaginary.set(im);
    }
  };
}

/** The transform of the first 2, 4 or 5 numbers, in place. */
function smallTransform(radix: 2 | 4 | 5, x: Float64Array, y: Float64Array): void {
  const [a, b, c, d, e] = x;
  const [p, q, r, s, t] = y;
  if (radix === 2) {
    [x[0], x[1]] = [a + b, a - b];
    [y[0], y[1]] = [p + q, p - q];
  } else if (radix === 4) {
    x[0] = a + b + c + d;
    y[0] = p + q + r + s;
    x[1] = a - c + (q - s);
    y[1] = p - r - (b - d);
    x[2] = a - b + c - d;
    y[2] = p - q + r - s;
    x[3] = a - c - (q - s);
    y[3] = p - r + (b - d);
  } else {
    x[0] = a + b + c + d + e;
    y[0] = p + q + r + s + t;
    const [sum1, sum2] = [b + e, c + d];
    const [sum3, sum4] = [q + t, r + s];
    const [re1, im1] = [a + COS_1 * sum1 + COS_2 * sum2, p + COS_1 * sum3 + COS_2 * sum4];
    const [re2, im2] = [a + COS_2 * sum1 + COS_1 * sum2, p + COS_2 * sum3 + COS_1 * sum4];
    const [turn1, turn2] = [SIN_1 * (q - t) + SIN_2 * (r - s), SIN_1 * (b - e) + SIN_2 * (c - d)];
    const [turn3, turn4] = [SIN_2 * (q - t) - SIN_1 * (r - s), SIN_2 * (b - e) - SIN_1 * (c - d)];
    x[1] = re1 + turn1;
    y[1] = im1 - turn2;
    x[4] = re1 - turn1;
    y[4] = im1 + turn2;
    x[2] = re2 + turn3;
    y[2] = im2 - turn4;
    x[3] = re2 - turn3;
    y[3] = im2 + turn4;
  }
}

function passesFor(size: number): Pass[] {
  const refuse = (): never => {
    throw new RangeError(`Cannot transform: the size must be a product of twos and fives, current value is ${size}`);
  };
  if (!Number.isInteger(size) || size < 1) refuse();
  const passes: Pass[] = [];
  let done = 1;
  while (done < size) {
    const rest = size / done;
    const radix = ([5, 4, 2] as const).find((factor) => rest % factor === 0);
    if (!radix) return refuse();
    const angles = Array.from({ length: done * radix }, (_, i) => {
      const [k, part] = [Math.floor(i / radix), i % radix];
      return (-2 * Math.PI * k * part) / (done * radix);
    });
    passes.push({
      radix,
      done,
      cosines: Float64Array.from(angles, Math.cos),
      sines: Float64Array.from(angles, Math.sin),
    });
    done *= radix;
  }
  return passes;
}
