/** C = act(A·B + bias) for matrices of any strides, and for batches of them. */
import { multiply, packedColumns, packPanel, panelWidth, SPARE_BYTES, WIDE } from './tile'

/** Rows of B that are gone through at a time: a panel of so many (16 KiB) stays in the first cache. */
export const DEPTH_BLOCK = 256

/**
 * Unit: a panel of columns of one matrix by one block of its rows.
 * Parameters: a, b, c, bias (0: none), rows, depth, columns, a's row step, a's depth step, b's depth step, b's column
 * step, a's and b's matrix step (all in bytes), blocks of rows, rows of a block, relu, scratch, bytes of a thread's.
 */
export function matMul(p: usize, from: i32, to: i32, thread: i32): void {
  const a = load<usize>(p),
    b = load<usize>(p, 4),
    c = load<usize>(p, 8),
    bias = load<usize>(p, 12)
  const rows = load<i32>(p, 16),
    depth = load<i32>(p, 20),
    columns = load<i32>(p, 24)
  const aRow = load<usize>(p, 28),
    aStep = load<usize>(p, 32),
    bRow = load<usize>(p, 36),
    bColumn = load<usize>(p, 40)
  const aMatrix = load<usize>(p, 44),
    bMatrix = load<usize>(p, 48)
  const blocks = load<i32>(p, 52),
    blockRows = load<i32>(p, 56)
  const relu = load<i32>(p, 60) !== 0
  const spare = load<usize>(p, 64) + <usize>thread * load<usize>(p, 68)
  const runs = spare + SPARE_BYTES
  const list = runs + 16
  const panel = (list + ((<usize>blockRows) << 3) + 15) & ~15
  const panels = (packedColumns(columns) + WIDE - 1) / WIDE
  let packed = -1
  for (let unit = from; unit < to; unit++) {
    const block = unit % blocks
    const which = unit / blocks
    const first = (which % panels) * WIDE
    const matrix = which / panels
    const width = panelWidth(columns, first)
    const here = min(columns - first, width)
    if (packed !== which) {
      packPanel(
        panel,
        b + <usize>matrix * bMatrix + <usize>first * bColumn,
        depth,
        here,
        width,
        bRow,
        bColumn,
      )
      packed = which
    }
    const firstRow = block * blockRows
    const count = min(blockRows, rows - firstRow)
    let aAt = a + <usize>matrix * aMatrix + <usize>firstRow * aRow
    let cAt = c + (((<usize>matrix * rows + firstRow) * columns) << 2)
    for (let i = 0; i < count; i++, aAt += aRow, cAt += (<usize>columns) << 2) {
      store<usize>(list + ((<usize>i) << 3), aAt)
      store<usize>(list + ((<usize>i) << 3), cAt, 4)
    }
    for (let k = 0; k < depth; k += DEPTH_BLOCK) {
      store<usize>(runs, <usize>k * aStep)
      store<i32>(runs, min(DEPTH_BLOCK, depth - k), 4)
      const part = panel + ((<usize>k * width) << 2)
      multiply(list, count, aStep, runs, 1, part, here, (<usize>first) << 2, k > 0, spare)
    }
    if (bias !== 0) finish(list, count, bias, first, here, relu)
  }
}

/** Bias and relu over one panel's columns; what is not a number stays so. */
function finish(list: usize, rows: i32, bias: usize, first: i32, columns: i32, relu: bool): void {
  const offset = (<usize>first) << 2
  const zero = f32x4.splat(0)
  for (let i = 0; i < rows; i++) {
    const at = load<usize>(list + ((<usize>i) << 3), 4) + offset
    let j = 0
    for (; j + 4 <= columns; j += 4) {
      const here = (<usize>j) << 2
      const z = f32x4.add(v128.load(at + here), v128.load(bias + offset + here))
      v128.store(at + here, relu ? v128.andnot(z, f32x4.lt(z, zero)) : z)
    }
    for (; j < columns; j++) {
      const here = (<usize>j) << 2
      const z = load<f32>(at + here) + load<f32>(bias + offset + here)
      store<f32>(at + here, relu && z < 0 ? <f32>0 : z)
    }
  }
}
