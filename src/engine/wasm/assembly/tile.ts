/**
 * The one inner loop of all matrix products and convolutions: rows of A, given by where they begin, against a packed
 * panel of B. Two rows by sixteen columns: measured the fastest tile in V8, which has 15 registers of 4 floats to give.
 *     C[row][column] (+)= Σ over runs, over k:  A[row + run + k·step] · B[k][column]
 * A run is a stretch of A that is walked in equal steps (a row of a filter, a row of pixels); runs are pairs of
 * (offset in bytes, length), and their B rows follow one another. Each sum is started at zero and added to C at its end.
 */
import { madd } from './simd'

/** Columns of a panel; the last panel of a matrix may be NARROW. */
export const WIDE = 16
export const NARROW = 8

function tile2x16(
  a0: usize,
  a1: usize,
  step: usize,
  runs: usize,
  endRuns: usize,
  b: usize,
  c0: usize,
  c1: usize,
  add: bool,
): void {
  let x0 = f32x4.splat(0),
    x1 = f32x4.splat(0),
    x2 = f32x4.splat(0),
    x3 = f32x4.splat(0)
  let y0 = f32x4.splat(0),
    y1 = f32x4.splat(0),
    y2 = f32x4.splat(0),
    y3 = f32x4.splat(0)
  for (let run = runs; run < endRuns; run += 8) {
    const offset = load<usize>(run)
    let p = a0 + offset,
      q = a1 + offset
    const end = b + ((<usize>load<u32>(run, 4)) << 6)
    for (; b < end; b += 64) {
      const u = v128.load_splat<f32>(p)
      const v = v128.load_splat<f32>(q)
      let w = v128.load(b)
      x0 = madd(u, w, x0)
      y0 = madd(v, w, y0)
      w = v128.load(b, 16)
      x1 = madd(u, w, x1)
      y1 = madd(v, w, y1)
      w = v128.load(b, 32)
      x2 = madd(u, w, x2)
      y2 = madd(v, w, y2)
      w = v128.load(b, 48)
      x3 = madd(u, w, x3)
      y3 = madd(v, w, y3)
      p += step
      q += step
    }
  }
  if (add) {
    x0 = f32x4.add(x0, v128.load(c0))
    x1 = f32x4.add(x1, v128.load(c0, 16))
    x2 = f32x4.add(x2, v128.load(c0, 32))
    x3 = f32x4.add(x3, v128.load(c0, 48))
    y0 = f32x4.add(y0, v128.load(c1))
    y1 = f32x4.add(y1, v128.load(c1, 16))
    y2 = f32x4.add(y2, v128.load(c1, 32))
    y3 = f32x4.add(y3, v128.load(c1, 48))
  }
  v128.store(c0, x0)
  v128.store(c0, x1, 16)
  v128.store(c0, x2, 32)
  v128.store(c0, x3, 48)
  v128.store(c1, y0)
  v128.store(c1, y1, 16)
  v128.store(c1, y2, 32)
  v128.store(c1, y3, 48)
}

/** Four rows by eight columns, for what is left of a matrix whose width is no multiple of sixteen. */
function tile4x8(
  a0: usize,
  a1: usize,
  a2: usize,
  a3: usize,
  step: usize,
  runs: usize,
  endRuns: usize,
  b: usize,
  c0: usize,
  c1: usize,
  c2: usize,
  c3: usize,
  add: bool,
): void {
  let x0 = f32x4.splat(0),
    x1 = f32x4.splat(0),
    x2 = f32x4.splat(0),
    x3 = f32x4.splat(0)
  let y0 = f32x4.splat(0),
    y1 = f32x4.splat(0),
    y2 = f32x4.splat(0),
    y3 = f32x4.splat(0)
  for (let run = runs; run < endRuns; run += 8) {
    let at = load<usize>(run)
    const end = b + ((<usize>load<u32>(run, 4)) << 5)
    for (; b < end; b += 32) {
      const v = v128.load(b)
      const w = v128.load(b, 16)
      let u = v128.load_splat<f32>(a0 + at)
      x0 = madd(u, v, x0)
      y0 = madd(u, w, y0)
      u = v128.load_splat<f32>(a1 + at)
      x1 = madd(u, v, x1)
      y1 = madd(u, w, y1)
      u = v128.load_splat<f32>(a2 + at)
      x2 = madd(u, v, x2)
      y2 = madd(u, w, y2)
      u = v128.load_splat<f32>(a3 + at)
      x3 = madd(u, v, x3)
      y3 = madd(u, w, y3)
      at += step
    }
  }
  if (add) {
    x0 = f32x4.add(x0, v128.load(c0))
    y0 = f32x4.add(y0, v128.load(c0, 16))
    x1 = f32x4.add(x1, v128.load(c1))
    y1 = f32x4.add(y1, v128.load(c1, 16))
    x2 = f32x4.add(x2, v128.load(c2))
    y2 = f32x4.add(y2, v128.load(c2, 16))
    x3 = f32x4.add(x3, v128.load(c3))
    y3 = f32x4.add(y3, v128.load(c3, 16))
  }
  v128.store(c0, x0)
  v128.store(c0, y0, 16)
  v128.store(c1, x1)
  v128.store(c1, y1, 16)
  v128.store(c2, x2)
  v128.store(c2, y2, 16)
  v128.store(c3, x3)
  v128.store(c3, y3, 16)
}

/** Bytes of scratch that `multiply` wants at `spare`. */
export const SPARE_BYTES: usize = 4 * 64

/**
 * Rows of C by one panel's columns.
 * @param rows pairs (begin of the row in A, begin of the row in C)
 * @param columns of the panel that exist, 1 to 16
 * @param add to what C holds, else C is written
 */
export function multiply(
  rows: usize,
  rowCount: i32,
  step: usize,
  runs: usize,
  runCount: i32,
  panel: usize,
  columns: i32,
  cOffset: usize,
  add: bool,
  spare: usize,
): void {
  const end = rows + ((<usize>rowCount) << 3)
  const endRuns = runs + ((<usize>runCount) << 3)
  if (columns > NARROW) {
    for (let row = rows; row < end; row += 16) {
      const last = row + 8 >= end
      const second = last ? row : row + 8
      const c0 = load<usize>(row, 4) + cOffset
      const c1 = load<usize>(second, 4) + cOffset
      if (columns === WIDE && !last) {
        tile2x16(load<usize>(row), load<usize>(second), step, runs, endRuns, panel, c0, c1, add)
        continue
      }
      tile2x16(load<usize>(row), load<usize>(second), step, runs, endRuns, panel, spare, spare + 64, false)
      moveRow(c0, spare, columns, add)
      if (!last) moveRow(c1, spare + 64, columns, add)
    }
    return
  }
  for (let row = rows; row < end; row += 32) {
    const left = <i32>((end - row) >> 3)
    const r1 = left > 1 ? row + 8 : row
    const r2 = left > 2 ? row + 16 : row
    const r3 = left > 3 ? row + 24 : row
    const c0 = load<usize>(row, 4) + cOffset
    const c1 = load<usize>(r1, 4) + cOffset
    const c2 = load<usize>(r2, 4) + cOffset
    const c3 = load<usize>(r3, 4) + cOffset
    const whole = columns === NARROW && left > 3
    tile4x8(
      load<usize>(row),
      load<usize>(r1),
      load<usize>(r2),
      load<usize>(r3),
      step,
      runs,
      endRuns,
      panel,
      whole ? c0 : spare,
      whole ? c1 : spare + 32,
      whole ? c2 : spare + 64,
      whole ? c3 : spare + 96,
      whole && add,
    )
    if (whole) continue
    moveRow(c0, spare, columns, add)
    if (left > 1) moveRow(c1, spare + 32, columns, add)
    if (left > 2) moveRow(c2, spare + 64, columns, add)
    if (left > 3) moveRow(c3, spare + 96, columns, add)
  }
}

function moveRow(to: usize, from: usize, columns: i32, add: bool): void {
  for (let i: usize = 0, end = (<usize>columns) << 2; i < end; i += 4) {
    const value = load<f32>(from + i)
    store<f32>(to + i, add ? load<f32>(to + i) + value : value)
  }
}

/** Values of the panel that begins with column `first` of `columns`, for each row of B. */
export function panelWidth(columns: i32, first: i32): i32 {
  return columns - first > NARROW ? WIDE : NARROW
}

/** Values that all panels take for each row of B. */
export function packedColumns(columns: i32): i32 {
  const rest = columns & (WIDE - 1)
  return columns - rest + (rest === 0 ? 0 : rest > NARROW ? WIDE : NARROW)
}

/**
 * One panel of B out of a matrix: `depth` rows of `width` values, zeros where there is no column.
 * @param rowStep, columnStep bytes from one value of B to the next
 */
export function packPanel(
  to: usize,
  from: usize,
  depth: i32,
  columns: i32,
  width: i32,
  rowStep: usize,
  columnStep: usize,
): void {
  const rowBytes = (<usize>width) << 2
  if (columnStep === 4 && columns === width) {
    for (let k = 0; k < depth; k++, to += rowBytes, from += rowStep) {
      v128.store(to, v128.load(from))
      v128.store(to, v128.load(from, 16), 16)
      if (width === NARROW) continue
      v128.store(to, v128.load(from, 32), 32)
      v128.store(to, v128.load(from, 48), 48)
    }
    return
  }
  if (rowStep === 4 && columns === width) {
    packTransposed(to, from, depth, width, columnStep)
    return
  }
  for (let k = 0; k < depth; k++, to += rowBytes, from += rowStep) {
    for (let j = 0; j < width; j++) {
      const value: f32 = j < columns ? load<f32>(from + <usize>j * columnStep) : 0
      store<f32>(to + ((<usize>j) << 2), value)
    }
  }
}

/** Columns lie along A's rows: four by four values are turned at a time. */
function packTransposed(to: usize, from: usize, depth: i32, width: i32, columnStep: usize): void {
  const rowBytes = (<usize>width) << 2
  for (let j = 0; j < width; j += 4) {
    let source = from + <usize>j * columnStep
    let target = to + ((<usize>j) << 2)
    let k = 0
    for (; k + 4 <= depth; k += 4, source += 16, target += rowBytes << 2) {
      const a = v128.load(source)
      const b = v128.load(source + columnStep)
      const c = v128.load(source + 2 * columnStep)
      const d = v128.load(source + 3 * columnStep)
      const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5)
      const cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5)
      const ef = v128.shuffle<i32>(a, b, 2, 6, 3, 7)
      const gh = v128.shuffle<i32>(c, d, 2, 6, 3, 7)
      v128.store(target, v128.shuffle<i64>(ab, cd, 0, 2))
      v128.store(target + rowBytes, v128.shuffle<i64>(ab, cd, 1, 3))
      v128.store(target + 2 * rowBytes, v128.shuffle<i64>(ef, gh, 0, 2))
      v128.store(target + 3 * rowBytes, v128.shuffle<i64>(ef, gh, 1, 3))
    }
    for (; k < depth; k++, source += 4, target += rowBytes) {
      store<f32>(target, load<f32>(source))
      store<f32>(target, load<f32>(source + columnStep), 4)
      store<f32>(target, load<f32>(source + 2 * columnStep), 8)
      store<f32>(target, load<f32>(source + 3 * columnStep), 12)
    }
  }
}
