/**
 * The one multiplication behind the plain-JavaScript kernels: C += A·B on Float64Arrays. One thread, no SIMD:
 * speed comes from a 4 × 4 block of C held in locals (eight loads for sixteen multiplications) and from B packed
 * in panels of four columns, read in order. Double sums round once, when the caller stores float32.
 */
import { Scratch } from './scratch'

const BLOCK = 4
const panelRoom = new Scratch()

/** B packed as [⌈columns / 4⌉][depth][4], the last panel padded with zeros. */
export interface Panels {
  values: Float64Array
  depth: number
  columns: number
}

/** Packs the matrix B[k, j] = source[offset + k·depthStep + j·columnStep]; the next call overwrites it. */
export function packPanels(
  source: Float32Array,
  offset: number,
  depth: number,
  columns: number,
  depthStep: number,
  columnStep: number,
): Panels {
  const values = panelRoom.take(Math.ceil(columns / BLOCK) * depth * BLOCK)
  for (let j0 = 0; j0 < columns; j0 += BLOCK) {
    const width = Math.min(BLOCK, columns - j0)
    let to = j0 * depth
    let from = offset + j0 * columnStep
    if (width < BLOCK) values.fill(0, to, to + depth * BLOCK)
    for (let k = 0; k < depth; k++) {
      for (let j = 0; j < width; j++) values[to + j] = source[from + j * columnStep]
      to += BLOCK
      from += depthStep
    }
  }
  return { values, depth, columns }
}

/**
 * out[i·columns + j] += Σₖ a[offset + i·rowStep + k·depthStep] · B[k, j] for the `rows` rows of A; `out` is
 * row-major [rows, columns]. A transposed A is a matter of its two steps.
 */
export function multiplyAdd(
  a: Float64Array,
  offset: number,
  rows: number,
  rowStep: number,
  depthStep: number,
  b: Panels,
  out: Float64Array,
): void {
  const { values: panels, depth, columns } = b
  for (let i = 0; i < rows; i += BLOCK) {
    const height = Math.min(BLOCK, rows - i)
    const row0 = offset + i * rowStep
    // Rows beyond the last repeat it and are not stored.
    const step1 = Math.min(1, height - 1) * rowStep
    const step2 = Math.min(2, height - 1) * rowStep
    const step3 = Math.min(3, height - 1) * rowStep
    for (let j = 0; j < columns; j += BLOCK) {
      let c00 = 0
      let c01 = 0
      let c02 = 0
      let c03 = 0
      let c10 = 0
      let c11 = 0
      let c12 = 0
      let c13 = 0
      let c20 = 0
      let c21 = 0
      let c22 = 0
      let c23 = 0
      let c30 = 0
      let c31 = 0
      let c32 = 0
      let c33 = 0
      let p = row0
      const end = (j + BLOCK) * depth
      for (let q = j * depth; q < end; q += BLOCK) {
        const b0 = panels[q]
        const b1 = panels[q + 1]
        const b2 = panels[q + 2]
        const b3 = panels[q + 3]
        const a0 = a[p]
        c00 += a0 * b0
        c01 += a0 * b1
        c02 += a0 * b2
        c03 += a0 * b3
        const a1 = a[p + step1]
        c10 += a1 * b0
        c11 += a1 * b1
        c12 += a1 * b2
        c13 += a1 * b3
        const a2 = a[p + step2]
        c20 += a2 * b0
        c21 += a2 * b1
        c22 += a2 * b2
        c23 += a2 * b3
        const a3 = a[p + step3]
        c30 += a3 * b0
        c31 += a3 * b1
        c32 += a3 * b2
        c33 += a3 * b3
        p += depthStep
      }
      const width = Math.min(BLOCK, columns - j)
      const at = i * columns + j
      addRow(out, at, width, c00, c01, c02, c03)
      if (height > 1) addRow(out, at + columns, width, c10, c11, c12, c13)
      if (height > 2) addRow(out, at + 2 * columns, width, c20, c21, c22, c23)
      if (height > 3) addRow(out, at + 3 * columns, width, c30, c31, c32, c33)
    }
  }
}

function addRow(
  out: Float64Array,
  at: number,
  width: number,
  a: number,
  b: number,
  c: number,
  d: number,
): void {
  out[at] += a
  if (width > 1) out[at + 1] += b
  if (width > 2) out[at + 2] += c
  if (width > 3) out[at + 3] += d
}
