/**
 * Gradients that tfjs's WebAssembly backend lacks or is slow at, in AssemblyScript, compiled to WebAssembly SIMD by
 * `npm run kernels`. They work in the backend's own memory; addresses are bytes in it, all values float32.
 */

/** Channels of the input, and of the output, that are computed together: eight sums of four fit the registers. */
const IN: i32 = 4;
const OUT: i32 = 8;

/**
 * Gradient of a convolution's filter, for the layout (batch, height, width, channels).
 *
 * Row by row of the output, input and gradient are laid out in panels of a few channels, zero-padded, so that what the inner
 * loop reads lies together; then for each place in the filter a matrix product of the two is added to the result.
 *
 * @param x - the layer's input
 * @param dy - gradient of its output
 * @param inPanels - work space for one row: `ceil(inChannels / 4)` panels of
 *   `((outWidth - 1) · strideWidth + filterWidth, 4)`
 * @param outPanels - the same: `ceil(outChannels / 8)` panels of `(outWidth, 8)`
 * @param result - zeros at first, shape `(filterHeight, filterWidth, ceil(inChannels / 4) * 4, ceil(outChannels / 8) * 8)`
 */
export function filterGradient(
  x: usize,
  dy: usize,
  batch: i32,
  inHeight: i32,
  inWidth: i32,
  inChannels: i32,
  outHeight: i32,
  outWidth: i32,
  outChannels: i32,
  filterHeight: i32,
  filterWidth: i32,
  strideHeight: i32,
  strideWidth: i32,
  padTop: i32,
  padLeft: i32,
  inPanels: usize,
  outPanels: usize,
  result: usize,
): void {
  const inCount = (inChannels + IN - 1) / IN;
  const outCount = (outChannels + OUT - 1) / OUT;
  const padded = (outWidth - 1) * strideWidth + filterWidth;
  const place = bytes(inCount * IN * outCount * OUT);
  for (let b = 0; b < batch; b++)
    for (let row = 0; row < outHeight; row++) {
      const dyRow = dy + bytes((b * outHeight + row) * outWidth * outChannels);
      pack(dyRow, outWidth, outChannels, 0, outWidth, OUT, outPanels);
      for (let i = 0; i < filterHeight; i++) {
        const inRow = row * strideHeight + i - padTop;
        if (inRow < 0 || inRow >= inHeight) continue;
        const xRow = x + bytes((b * inHeight + inRow) * inWidth * inChannels);
        pack(xRow, inWidth, inChannels, -padLeft, padded, IN, inPanels);
        for (let j = 0; j < filterWidth; j++)
          addProduct(
            inPanels + bytes(j * IN),
            padded,
            bytes(strideWidth * IN),
            inCount,
            outPanels,
            outWidth,
            outCount,
            result + <usize>(i * filterWidth + j) * place,
          );
      }
    }
}

// @ts-ignore: decorator
@inline
function bytes(values: i32): usize {
  return (<usize>values) << 2;
}

/** Lays a row of `width` positions out in panels of a few channels, from position `first` on; what is not there is zero. */
function pack(row: usize, width: i32, channels: i32, first: i32, length: i32, panel: i32, target: usize): void {
  for (let c = 0; c < channels; c += panel) {
    const kept = min(panel, channels - c);
    for (let p = 0; p < length; p++) {
      const at = first + p;
      const inside = at >= 0 && at < width;
      const source = row + bytes(at * channels + c);
      if (inside && kept == panel) {
        v128.store(target, v128.load(source));
        if (panel == OUT) v128.store(target, v128.load(source, 16), 16);
      } else
        for (let k = 0; k < panel; k++)
          store<f32>(target + bytes(k), inside && k < kept ? load<f32>(source + bytes(k)) : 0);
      target += bytes(panel);
    }
  }
}

/** Adds the product of the transposed input and the gradient: for each pair of panels, sums over the positions. */
function addProduct(a: usize, aLength: i32, aStep: usize, aCount: i32, d: usize, length: i32, dCount: i32, result: usize): void {
  const rowBytes = bytes(dCount * OUT);
  for (let c = 0; c < aCount; c++)
    for (let f = 0; f < dCount; f++) {
      let x = a + bytes(c * aLength * IN);
      let y = d + bytes(f * length * OUT);
      const end = y + bytes(length * OUT);
      const r0 = result + <usize>(c * IN) * rowBytes + bytes(f * OUT);
      const r1 = r0 + rowBytes;
      const r2 = r1 + rowBytes;
      const r3 = r2 + rowBytes;
      let s00 = v128.load(r0);
      let s01 = v128.load(r0, 16);
      let s10 = v128.load(r1);
      let s11 = v128.load(r1, 16);
      let s20 = v128.load(r2);
      let s21 = v128.load(r2, 16);
      let s30 = v128.load(r3);
      let s31 = v128.load(r3, 16);
      for (; y < end; x += aStep, y += 32) {
        const y0 = v128.load(y);
        const y1 = v128.load(y, 16);
        const x0 = v128.load32_splat(x);
        s00 = f32x4.add(s00, f32x4.mul(x0, y0));
        s01 = f32x4.add(s01, f32x4.mul(x0, y1));
        const x1 = v128.load32_splat(x, 4);
        s10 = f32x4.add(s10, f32x4.mul(x1, y0));
        s11 = f32x4.add(s11, f32x4.mul(x1, y1));
        const x2 = v128.load32_splat(x, 8);
        s20 = f32x4.add(s20, f32x4.mul(x2, y0));
        s21 = f32x4.add(s21, f32x4.mul(x2, y1));
        const x3 = v128.load32_splat(x, 12);
        s30 = f32x4.add(s30, f32x4.mul(x3, y0));
        s31 = f32x4.add(s31, f32x4.mul(x3, y1));
      }
      v128.store(r0, s00);
      v128.store(r0, s01, 16);
      v128.store(r1, s10);
      v128.store(r1, s11, 16);
      v128.store(r2, s20);
      v128.store(r2, s21, 16);
      v128.store(r3, s30);
      v128.store(r3, s31, 16);
    }
}

/**
 * A filter turned round, its channels swapped: with it the gradient of a convolution's input is a convolution.
 *
 * @param filter - shape `(places, inChannels, outChannels)`
 * @param result - shape `(places, outChannels, inChannels)`
 */
export function turnFilter(filter: usize, places: i32, inChannels: i32, outChannels: i32, result: usize): void {
  for (let place = places - 1; place >= 0; place--) {
    const source = filter + bytes(place * inChannels * outChannels);
    for (let f = 0; f < outChannels; f++)
      for (let c = 0; c < inChannels; c++, result += 4) store<f32>(result, load<f32>(source + bytes(c * outChannels + f)));
  }
}

/**
 * Gradient of max pooling: the gradient of each output goes to the first of its inputs that has its value.
 *
 * @param x - the input, shape `(batch, inHeight, inWidth, channels)`
 * @param y - the output, shape `(batch, outHeight, outWidth, channels)`
 * @param dy - its gradient
 * @param dx - gradient of the input; zeros at first
 */
export function maxPoolGradient(
  x: usize,
  y: usize,
  dy: usize,
  batch: i32,
  inHeight: i32,
  inWidth: i32,
  channels: i32,
  outHeight: i32,
  outWidth: i32,
  filterHeight: i32,
  filterWidth: i32,
  strideHeight: i32,
  strideWidth: i32,
  padTop: i32,
  padLeft: i32,
  dx: usize,
): void {
  const size = bytes(channels);
  const whole = bytes(channels & ~3);
  for (let b = 0; b < batch; b++)
    for (let row = 0; row < outHeight; row++)
      for (let column = 0; column < outWidth; column++) {
        const out = bytes(((b * outHeight + row) * outWidth + column) * channels);
        const top = row * strideHeight - padTop;
        const left = column * strideWidth - padLeft;
        for (let c: usize = 0; c < whole; c += 16) {
          const largest = v128.load(y + out + c);
          const gradient = v128.load(dy + out + c);
          let open = i32x4.splat(-1);
          for (let i = max(0, -top); i < min(filterHeight, inHeight - top); i++)
            for (let j = max(0, -left); j < min(filterWidth, inWidth - left); j++) {
              const at = bytes(((b * inHeight + top + i) * inWidth + left + j) * channels) + c;
              const here = v128.and(open, f32x4.eq(v128.load(x + at), largest));
              open = v128.andnot(open, here);
              v128.store(dx + at, f32x4.add(v128.load(dx + at), v128.and(here, gradient)));
            }
        }
        for (let c = whole; c < size; c += 4) {
          let open = true;
          for (let i = max(0, -top); i < min(filterHeight, inHeight - top) && open; i++)
            for (let j = max(0, -left); j < min(filterWidth, inWidth - left) && open; j++) {
              const at = bytes(((b * inHeight + top + i) * inWidth + left + j) * channels) + c;
              if (load<f32>(x + at) != load<f32>(y + out + c)) continue;
              store<f32>(dx + at, load<f32>(dx + at) + load<f32>(dy + out + c));
              open = false;
            }
        }
      }
}

/** Added to the state of the project's random numbers (mulberry32) at each draw. */
const STRIDE: i32 = 0x6d2b79f5;

/**
 * A mask for dropout: draws from the project's random numbers, four at a time, as each state is known beforehand.
 *
 * @param state - before the first draw
 * @param threshold - draws below give 0, others `kept`
 * @param count - of values; as many as fill up the last four are written
 * @param result - where to write
 */
export function dropoutMask(state: i32, threshold: u32, kept: f32, count: i32, result: usize): void {
  let states = i32x4.splat(state + STRIDE);
  states = i32x4.replace_lane(states, 1, state + 2 * STRIDE);
  states = i32x4.replace_lane(states, 2, state + 3 * STRIDE);
  states = i32x4.replace_lane(states, 3, state + 4 * STRIDE);
  const next = i32x4.splat(4 * STRIDE);
  const thresholds = i32x4.splat(threshold);
  const values = f32x4.splat(kept);
  const end = result + bytes(count);
  for (; result < end; result += 16) {
    let t = i32x4.mul(v128.xor(states, i32x4.shr_u(states, 15)), v128.or(states, i32x4.splat(1)));
    t = v128.xor(i32x4.add(t, i32x4.mul(v128.xor(t, i32x4.shr_u(t, 7)), v128.or(t, i32x4.splat(61)))), t);
    t = v128.xor(t, i32x4.shr_u(t, 14));
    v128.store(result, v128.and(i32x4.ge_u(t, thresholds), values));
    states = i32x4.add(states, next);
  }
}
