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
  const spare = { re: new Float64Array(size), im: new Float64Array(size) };
  return (real, imaginary) => {
    let [from, to]: Numbers[] = [{ re: real, im: imaginary }, spare];
    for (const pass of passes) {
      TRANSFORMS[pass.radix](pass, from, to);
      [from, to] = [to, from];
    }
    if (from.re !== real) {
      real.set(from.re);
      imaginary.set(from.im);
    }
  };
}

/** Complex numbers, each array of shape `(size,)`. */
interface Numbers {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

/** The small transforms that a pass consists of, written out: a loop over the numbers of each takes several times as long. */
const TRANSFORMS: Readonly<Record<Pass['radix'], (pass: Pass, from: Numbers, to: Numbers) => void>> = {
  2({ done, cosines, sines }, { re, im }, to) {
    const stride = re.length / 2;
    for (let group = 0; group < stride; group += done)
      for (let k = 0; k < done; k++) {
        const from = group + k;
        const [a, p] = [re[from], im[from]];
        const [cos, sin] = [cosines[2 * k + 1], sines[2 * k + 1]];
        const b = re[from + stride] * cos - im[from + stride] * sin;
        const q = re[from + stride] * sin + im[from + stride] * cos;
        const at = 2 * group + k;
        to.re[at] = a + b;
        to.im[at] = p + q;
        to.re[at + done] = a - b;
        to.im[at + done] = p - q;
      }
  },
  4({ done, cosines, sines }, { re, im }, to) {
    const stride = re.length / 4;
    for (let group = 0; group < stride; group += done)
      for (let k = 0; k < done; k++) {
        const from = group + k;
        const turn = 4 * k;
        const [a, p] = [re[from], im[from]];
        const b = re[from + stride] * cosines[turn + 1] - im[from + stride] * sines[turn + 1];
        const q = re[from + stride] * sines[turn + 1] + im[from + stride] * cosines[turn + 1];
        const c = re[from + 2 * stride] * cosines[turn + 2] - im[from + 2 * stride] * sines[turn + 2];
        const r = re[from + 2 * stride] * sines[turn + 2] + im[from + 2 * stride] * cosines[turn + 2];
        const d = re[from + 3 * stride] * cosines[turn + 3] - im[from + 3 * stride] * sines[turn + 3];
        const s = re[from + 3 * stride] * sines[turn + 3] + im[from + 3 * stride] * cosines[turn + 3];
        const at = 4 * group + k;
        to.re[at] = a + b + c + d;
        to.im[at] = p + q + r + s;
        to.re[at + done] = a - c + (q - s);
        to.im[at + done] = p - r - (b - d);
        to.re[at + 2 * done] = a - b + c - d;
        to.im[at + 2 * done] = p - q + r - s;
        to.re[at + 3 * done] = a - c - (q - s);
        to.im[at + 3 * done] = p - r + (b - d);
      }
  },
  5({ done, cosines, sines }, { re, im }, to) {
    const stride = re.length / 5;
    for (let group = 0; group < stride; group += done)
      for (let k = 0; k < done; k++) {
        const from = group + k;
        const turn = 5 * k;
        const [a, p] = [re[from], im[from]];
        const b = re[from + stride] * cosines[turn + 1] - im[from + stride] * sines[turn + 1];
        const q = re[from + stride] * sines[turn + 1] + im[from + stride] * cosines[turn + 1];
        const c = re[from + 2 * stride] * cosines[turn + 2] - im[from + 2 * stride] * sines[turn + 2];
        const r = re[from + 2 * stride] * sines[turn + 2] + im[from + 2 * stride] * cosines[turn + 2];
        const d = re[from + 3 * stride] * cosines[turn + 3] - im[from + 3 * stride] * sines[turn + 3];
        const s = re[from + 3 * stride] * sines[turn + 3] + im[from + 3 * stride] * cosines[turn + 3];
        const e = re[from + 4 * stride] * cosines[turn + 4] - im[from + 4 * stride] * sines[turn + 4];
        const t = re[from + 4 * stride] * sines[turn + 4] + im[from + 4 * stride] * cosines[turn + 4];
        const at = 5 * group + k;
        const [sum1, sum2] = [b + e, c + d];
        const [sum3, sum4] = [q + t, r + s];
        const [re1, im1] = [a + COS_1 * sum1 + COS_2 * sum2, p + COS_1 * sum3 + COS_2 * sum4];
        const [re2, im2] = [a + COS_2 * sum1 + COS_1 * sum2, p + COS_2 * sum3 + COS_1 * sum4];
        const [turn1, turn2] = [SIN_1 * (q - t) + SIN_2 * (r - s), SIN_1 * (b - e) + SIN_2 * (c - d)];
        const [turn3, turn4] = [SIN_2 * (q - t) - SIN_1 * (r - s), SIN_2 * (b - e) - SIN_1 * (c - d)];
        to.re[at] = a + b + c + d + e;
        to.im[at] = p + q + r + s + t;
        to.re[at + done] = re1 + turn1;
        to.im[at + done] = im1 - turn2;
        to.re[at + 2 * done] = re2 + turn3;
        to.im[at + 2 * done] = im2 - turn4;
        to.re[at + 3 * done] = re2 - turn3;
        to.im[at + 3 * done] = im2 + turn4;
        to.re[at + 4 * done] = re1 - turn1;
        to.im[at + 4 * done] = im1 + turn2;
      }
  },
};

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
