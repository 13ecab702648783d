/**
 * The inner loops of feature extraction in AssemblyScript, compiled to WebAssembly SIMD by `npm run kernels`. Addresses are
 * bytes in the instance's memory, which the caller lays out; nothing is allocated here.
 */

/** Sum of products of `taps` float32, a multiple of 4: four sums at a time, so that additions need not wait for one another. */
// @ts-ignore: decorator
@inline
function dot(a: usize, b: usize, taps: i32): f32 {
  let s0 = f32x4.splat(0);
  let s1 = f32x4.splat(0);
  let s2 = f32x4.splat(0);
  let s3 = f32x4.splat(0);
  let i: usize = 0;
  const end = (<usize>taps) << 2;
  const whole = end & ~63;
  for (; i < whole; i += 64) {
    s0 = f32x4.add(s0, f32x4.mul(v128.load(a + i), v128.load(b + i)));
    s1 = f32x4.add(s1, f32x4.mul(v128.load(a + i, 16), v128.load(b + i, 16)));
    s2 = f32x4.add(s2, f32x4.mul(v128.load(a + i, 32), v128.load(b + i, 32)));
    s3 = f32x4.add(s3, f32x4.mul(v128.load(a + i, 48), v128.load(b + i, 48)));
  }
  for (; i < end; i += 16) s0 = f32x4.add(s0, f32x4.mul(v128.load(a + i), v128.load(b + i)));
  const s = f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3));
  return f32x4.extract_lane(s, 0) + f32x4.extract_lane(s, 1) + (f32x4.extract_lane(s, 2) + f32x4.extract_lane(s, 3));
}

/**
 * Filters a block of samples with a polyphase filter, see src/audio/resample.ts.
 *
 * @param table - taps by phase, float32, shape `(phases, taps)`
 * @param down - the position in the input advances by `down / up` for each output
 * @param interpolated - phases to interpolate between; 0 if the table has one for each of the `up` positions, in the order
 *   of the outputs
 * @param block - input samples, float32
 * @param numerator - the first output's position in the block is `numerator / up`
 * @param row - phase of the first output, where not interpolated
 * @param output - float32, shape `(count,)`
 */
export function filterBlock(
  table: usize,
  taps: i32,
  up: i32,
  down: i32,
  interpolated: i32,
  block: usize,
  numerator: i32,
  row: i32,
  output: usize,
  count: i32,
): void {
  const rowBytes = (<usize>taps) << 2;
  const wholeStep = down / up;
  const numeratorStep = down % up;
  let whole = 0;
  // Outputs that are `up` apart have the same phase: computed one after the other, they read it from the nearest cache.
  const stride = interpolated > 0 ? count : up;
  for (let first = 0; first < min(stride, count); first++) {
    let at = block + ((<usize>whole) << 2);
    if (interpolated > 0) {
      const position = (<f64>numerator / <f64>up) * <f64>interpolated;
      const phase = <i32>position;
      const before = table + <usize>phase * rowBytes;
      const value = dot(before, at, taps);
      const after = dot(before + rowBytes, at, taps);
      store<f32>(output + ((<usize>first) << 2), value + <f32>(position - <f64>phase) * (after - value));
    } else {
      const taken = table + <usize>row * rowBytes;
      for (let m = first; m < count; m += up) {
        store<f32>(output + ((<usize>m) << 2), dot(taken, at, taps));
        at += (<usize>down) << 2;
      }
      if (++row === up) row = 0;
    }
    whole += wholeStep;
    numerator += numeratorStep;
    if (numerator >= up) {
      numerator -= up;
      whole++;
    }
  }
}

/**
 * Power spectra of the frames of a waveform, in double precision, summed into bands.
 *
 * Two frames at a time, one in each half of a vector. The samples of a frame are taken as complex pairs, transformed with half
 * as many points (Stockham's autosort FFT, radix 4) and separated (Press et al., Numerical Recipes, 12.3).
 *
 * @param samples - float32; frame `f` starts at `f · hop`; an odd number of frames reads one frame more
 * @param window - float32, shape `(size,)`
 * @param size - samples of a frame, a power of two, at least 8
 * @param twiddles - cos and sin of −2πk / size, interleaved, float64, for k below `size`
 * @param work - three buffers of `size` vectors
 * @param bank - for each band its first bin and its number of bins, both int32, then its weights, float32
 * @param output - float32, shape `(bands, frames)`
 */
export function bandPower(
  samples: usize,
  window: usize,
  size: i32,
  hop: i32,
  twiddles: usize,
  work: usize,
  bank: usize,
  bands: i32,
  output: usize,
  frames: i32,
): void {
  const buffer = (<usize>size) << 4;
  const hopBytes = (<usize>hop) << 2;
  for (let frame = 0; frame < frames; frame += 2) {
    const start = samples + <usize>frame * hopBytes;
    for (let i: usize = 0; i < <usize>size; i++) {
      const weight = load<f32>(window + (i << 2));
      const at = start + (i << 2);
      const first = <f64>(load<f32>(at) * weight);
      const second = <f64>(load<f32>(at + hopBytes) * weight);
      v128.store(work + (i << 4), f64x2.replace_lane(f64x2.splat(first), 1, second));
    }
    const spectrum = transform(work, work + buffer, work + 2 * buffer, size >> 1, twiddles);
    // The buffer that the spectrum is not in.
    const power = spectrum === work + buffer ? work + 2 * buffer : work + buffer;
    powerOf(spectrum, power, size >> 1, twiddles);
    sumBands(power, bank, bands, output + ((<usize>frame) << 2), frames, frame + 1 < frames);
  }
}

/** The complex transform of the pairs in `x`; `y` and `z` take turns. Returns the buffer that it is in. */
function transform(x: usize, y: usize, z: usize, points: i32, twiddles: usize): usize {
  let stride = 1;
  let length = points;
  let from = x;
  let to = y;
  for (; length >= 4; length >>= 2, stride <<= 2) {
    radix4(from, to, length, stride, twiddles);
    from = to;
    to = to === y ? z : y;
  }
  if (length === 2) {
    radix2(from, to, stride);
    from = to;
  }
  return from;
}

// @ts-ignore: decorator
@inline
function sum(a: v128, b: v128): v128 {
  return f64x2.add(a, b);
}
// @ts-ignore: decorator
@inline
function difference(a: v128, b: v128): v128 {
  return f64x2.sub(a, b);
}
// @ts-ignore: decorator
@inline
function product(a: v128, b: v128): v128 {
  return f64x2.mul(a, b);
}

/** One stage of Stockham's FFT: splits each transform of `length` points in four. */
function radix4(x: usize, y: usize, length: i32, stride: i32, twiddles: usize): void {
  const quarter = length >> 2;
  // A complex number takes 32 bytes: two vectors.
  const step = (<usize>(stride * quarter)) << 5;
  const apart = (<usize>stride) << 5;
  for (let p = 0; p < quarter; p++) {
    // The table is for twice as many points: every second entry, of 16 bytes.
    const w = (<usize>(p * stride)) << 5;
    const c1 = v128.load64_splat(twiddles + w);
    const s1 = v128.load64_splat(twiddles + w, 8);
    const c2 = v128.load64_splat(twiddles + 2 * w);
    const s2 = v128.load64_splat(twiddles + 2 * w, 8);
    const c3 = v128.load64_splat(twiddles + 3 * w);
    const s3 = v128.load64_splat(twiddles + 3 * w, 8);
    let i = x + (<usize>p) * apart;
    let o = y + 4 * (<usize>p) * apart;
    const end = i + apart;
    for (; i < end; i += 32, o += 32) {
      const j = i + 2 * step;
      const aR = v128.load(i);
      const aI = v128.load(i, 16);
      const bR = v128.load(i + step);
      const bI = v128.load(i + step, 16);
      const cR = v128.load(j);
      const cI = v128.load(j, 16);
      const dR = v128.load(j + step);
      const dI = v128.load(j + step, 16);
      const sumR = sum(aR, cR);
      const sumI = sum(aI, cI);
      const differenceR = difference(aR, cR);
      const differenceI = difference(aI, cI);
      const otherR = sum(bR, dR);
      const otherI = sum(bI, dI);
      // −i times the difference of the second and the fourth quarter.
      const turnedR = difference(bI, dI);
      const turnedI = difference(dR, bR);
      const r1 = sum(differenceR, turnedR);
      const i1 = sum(differenceI, turnedI);
      const r2 = difference(sumR, otherR);
      const i2 = difference(sumI, otherI);
      const r3 = difference(differenceR, turnedR);
      const i3 = difference(differenceI, turnedI);
      v128.store(o, sum(sumR, otherR));
      v128.store(o, sum(sumI, otherI), 16);
      v128.store(o + apart, difference(product(r1, c1), product(i1, s1)));
      v128.store(o + apart, sum(product(r1, s1), product(i1, c1)), 16);
      v128.store(o + 2 * apart, difference(product(r2, c2), product(i2, s2)));
      v128.store(o + 2 * apart, sum(product(r2, s2), product(i2, c2)), 16);
      v128.store(o + 3 * apart, difference(product(r3, c3), product(i3, s3)));
      v128.store(o + 3 * apart, sum(product(r3, s3), product(i3, c3)), 16);
    }
  }
}

/** The last stage where the number of points is no power of four. */
function radix2(x: usize, y: usize, stride: i32): void {
  const half = (<usize>stride) << 5;
  for (let i: usize = 0; i < half; i += 16) {
    const a = v128.load(x + i);
    const b = v128.load(x + half + i);
    v128.store(y + i, sum(a, b));
    v128.store(y + half + i, difference(a, b));
  }
}

/** |X|² of the bins 0 … points of the real signal whose pairs `z` is the transform of. */
function powerOf(z: usize, power: usize, points: i32, twiddles: usize): void {
  const first = v128.load(z);
  const second = v128.load(z, 16);
  const total = sum(first, second);
  const alternating = difference(first, second);
  v128.store(power, product(total, total));
  v128.store(power + ((<usize>points) << 4), product(alternating, alternating));
  const half = f64x2.splat(0.5);
  for (let k = 1; k <= points >> 1; k++) {
    const a = z + ((<usize>k) << 5);
    const b = z + ((<usize>(points - k)) << 5);
    const aR = v128.load(a);
    const aI = v128.load(a, 16);
    const bR = v128.load(b);
    const bI = v128.load(b, 16);
    // Halves of the spectra of the even and the odd samples, the latter turned by the twiddle factor.
    const evenR = product(sum(aR, bR), half);
    const evenI = product(difference(aI, bI), half);
    const oddR = product(sum(aI, bI), half);
    const oddI = product(difference(bR, aR), half);
    const c = v128.load64_splat(twiddles + ((<usize>k) << 4));
    const s = v128.load64_splat(twiddles + ((<usize>k) << 4), 8);
    const turnedR = difference(product(oddR, c), product(oddI, s));
    const turnedI = sum(product(oddR, s), product(oddI, c));
    v128.store(power + ((<usize>k) << 4), squared(sum(evenR, turnedR), sum(evenI, turnedI)));
    const mirrored = squared(difference(evenR, turnedR), difference(evenI, turnedI));
    v128.store(power + ((<usize>(points - k)) << 4), mirrored);
  }
}

// @ts-ignore: decorator
@inline
function squared(re: v128, im: v128): v128 {
  return sum(product(re, re), product(im, im));
}

/** The bands' sums of two frames, of which the second may lie beyond the end. */
function sumBands(power: usize, bank: usize, bands: i32, output: usize, frames: i32, both: bool): void {
  let at = bank;
  for (let band = 0; band < bands; band++) {
    let bin = power + ((<usize>load<i32>(at)) << 4);
    const end = at + 8 + ((<usize>load<i32>(at, 4)) << 2);
    let total = f64x2.splat(0);
    for (at += 8; at < end; at += 4, bin += 16)
      total = sum(total, product(f64x2.splat(<f64>load<f32>(at)), v128.load(bin)));
    const target = output + ((<usize>(band * frames)) << 2);
    store<f32>(target, <f32>f64x2.extract_lane(total, 0));
    if (both) store<f32>(target, <f32>f64x2.extract_lane(total, 1), 4);
  }
}
