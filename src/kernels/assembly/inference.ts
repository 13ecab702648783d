/**
 * Operations of a network's forward pass that tfjs's WebAssembly backend is slow at, in AssemblyScript, compiled to
 * WebAssembly SIMD by `npm run kernels`. They work in the backend's own memory; addresses are bytes in it, all values float32.
 */

/** Rows and columns that are computed together: eight sums of four fit the registers. */
const ROWS: i32 = 4;
const COLUMNS: i32 = 8;

// @ts-ignore: decorator
@inline
function bytes(values: i32): usize {
  return (<usize>values) << 2;
}

/** `a · b + c` with a constant `c`. */
// @ts-ignore: decorator
@inline
function step(a: v128, b: v128, c: f32): v128 {
  return f32x4.add(f32x4.mul(a, b), f32x4.splat(c));
}

/**
 * The error function: a quotient of polynomials within [-4, 4], beyond which it is 1 but for rounding.
 *
 * @param x - values, of any number
 * @param count - of values
 * @see Eigen, generic_fast_erf_float, whose coefficients these are
 */
export function erf(x: usize, count: i32, result: usize): void {
  const most = f32x4.splat(4);
  const least = f32x4.splat(-4);
  const whole = bytes(count & ~3);
  for (let i: usize = 0; i < whole; i += 16) v128.store(result + i, erfOf(v128.load(x + i), least, most));
  for (let i = whole; i < bytes(count); i += 4)
    store<f32>(result + i, f32x4.extract_lane(erfOf(f32x4.splat(load<f32>(x + i)), least, most), 0));
}

// @ts-ignore: decorator
@inline
function erfOf(value: v128, least: v128, most: v128): v128 {
  const x = f32x4.max(least, f32x4.min(most, value));
  const y = f32x4.mul(x, x);
  let above = step(y, f32x4.splat(-2.72614225801306e-10), 2.77068142495902e-8);
  above = step(above, y, -2.10102402082508e-6);
  above = step(above, y, -5.69250639462346e-5);
  above = step(above, y, -7.34990630326855e-4);
  above = step(above, y, -2.95459980854025e-3);
  above = step(above, y, -1.60960333262415e-2);
  let below = step(y, f32x4.splat(-1.45660718464996e-5), -2.13374055278905e-4);
  below = step(below, y, -1.68282697438203e-3);
  below = step(below, y, -7.37332916720468e-3);
  below = step(below, y, -1.42647390514189e-2);
  return f32x4.div(f32x4.mul(x, above), below);
}

/**
 * Products of pairs of matrices. The last tiles overlap those before them.
 *
 * @param a - shape `(pairs, rows, inner)`, at least 4 rows
 * @param b - shape `(pairs, inner, columns)`, at least 8 columns
 * @param result - shape `(pairs, rows, columns)`
 */
export function products(a: usize, b: usize, pairs: i32, rows: i32, inner: i32, columns: i32, result: usize): void {
  const width = bytes(columns);
  for (let pair = 0; pair < pairs; pair++) {
    for (let j = 0; j < columns; j += COLUMNS) {
      const column = bytes(min(j, columns - COLUMNS));
      for (let i = 0; i < rows; i += ROWS) {
        const row = min(i, rows - ROWS);
        tile(a + bytes(row * inner), bytes(inner), b + column, width, result + <usize>row * width + column);
      }
    }
    a += bytes(rows * inner);
    b += bytes(inner * columns);
    result += <usize>rows * width;
  }
}

/** Four rows and eight columns of a product. */
function tile(a: usize, inner: usize, b: usize, width: usize, result: usize): void {
  let s00 = f32x4.splat(0);
  let s01 = f32x4.splat(0);
  let s10 = f32x4.splat(0);
  let s11 = f32x4.splat(0);
  let s20 = f32x4.splat(0);
  let s21 = f32x4.splat(0);
  let s30 = f32x4.splat(0);
  let s31 = f32x4.splat(0);
  const a1 = inner;
  const a2 = inner + a1;
  const a3 = inner + a2;
  for (const end = a + inner; a < end; a += 4, b += width) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const x0 = v128.load32_splat(a);
    s00 = f32x4.add(s00, f32x4.mul(x0, b0));
    s01 = f32x4.add(s01, f32x4.mul(x0, b1));
    const x1 = v128.load32_splat(a + a1);
    s10 = f32x4.add(s10, f32x4.mul(x1, b0));
    s11 = f32x4.add(s11, f32x4.mul(x1, b1));
    const x2 = v128.load32_splat(a + a2);
    s20 = f32x4.add(s20, f32x4.mul(x2, b0));
    s21 = f32x4.add(s21, f32x4.mul(x2, b1));
    const x3 = v128.load32_splat(a + a3);
    s30 = f32x4.add(s30, f32x4.mul(x3, b0));
    s31 = f32x4.add(s31, f32x4.mul(x3, b1));
  }
  v128.store(result, s00);
  v128.store(result, s01, 16);
  v128.store(result + width, s10);
  v128.store(result + width, s11, 16);
  v128.store(result + (width << 1), s20);
  v128.store(result + (width << 1), s21, 16);
  v128.store(result + width + (width << 1), s30);
  v128.store(result + width + (width << 1), s31, 16);
}
