/**
 * A convolution's three products over the one tile: patches are never written out, a row of A is the place where a
 * pixel's window begins in a strip of the image with its padding around it, a run one row of the filter.
 *
 * Parameters of all three: x (or dy), filter packed (or dy), result, batch, height, width, channels of x, height, width,
 * channels of y, filter's height, width, strides, padding above, left, images of a unit, rows of a unit, scratch, bytes
 * of a thread's. A unit has several whole images, or some rows of one.
 */
import { DEPTH_BLOCK } from './matMul'
import { copyValues, zeroValues } from './simd'
import { multiply, packedColumns, packPanel, panelWidth, SPARE_BYTES, WIDE } from './tile'

/** Rows and columns of an image from (`row`, `column`) on, zeros outside of it. */
function gather(
  to: usize,
  image: usize,
  height: i32,
  width: i32,
  channels: i32,
  row: i32,
  rows: i32,
  column: i32,
  columns: i32,
): void {
  const before = min(max(0, -column), columns)
  const inside = max(0, min(columns, width - column) - before)
  const behind = columns - before - inside
  for (let y = row; y < row + rows; y++) {
    if (y < 0 || y >= height || inside === 0) {
      zeroValues(to, columns * channels)
      to += (<usize>(columns * channels)) << 2
      continue
    }
    zeroValues(to, before * channels)
    to += (<usize>(before * channels)) << 2
    copyValues(to, image + ((<usize>((y * width + column + before) * channels)) << 2), inside * channels)
    to += (<usize>(inside * channels)) << 2
    zeroValues(to, behind * channels)
    to += (<usize>(behind * channels)) << 2
  }
}

/**
 * The runs of a window, cut into blocks of DEPTH_BLOCK rows of B at most: at `runs` the runs, at `blocks` triples
 * (runs of the block, rows of B before it, rows of B in it). @returns how many blocks
 */
function planRuns(runs: usize, blocks: usize, count: i32, length: i32, pitch: usize): i32 {
  let block = 0
  let inBlock = 0,
    depth = 0,
    before = 0
  for (let i = 0; i < count; i++) {
    for (let first = 0; first < length; first += DEPTH_BLOCK) {
      const part = min(DEPTH_BLOCK, length - first)
      if (depth > 0 && depth + part > DEPTH_BLOCK) {
        endBlock(blocks, block++, inBlock, before, depth)
        before += depth
        inBlock = 0
        depth = 0
      }
      store<usize>(runs, <usize>i * pitch + ((<usize>first) << 2))
      store<i32>(runs, part, 4)
      runs += 8
      inBlock++
      depth += part
    }
  }
  endBlock(blocks, block++, inBlock, before, depth)
  return block
}

function endBlock(blocks: usize, block: i32, runs: i32, before: i32, depth: i32): void {
  const at = blocks + <usize>block * 12
  store<i32>(at, runs)
  store<i32>(at, before, 4)
  store<i32>(at, depth, 8)
}

/** All columns of a result, panel by panel, block by block. @param depth rows of B altogether */
function multiplyAll(
  rows: usize,
  rowCount: i32,
  runs: usize,
  blocks: usize,
  blockCount: i32,
  packed: usize,
  depth: i32,
  columns: i32,
  spare: usize,
): void {
  for (let first = 0; first < columns; first += WIDE) {
    const width = panelWidth(columns, first)
    const panel = packed + ((<usize>first * depth) << 2)
    let run = runs
    for (let k = 0; k < blockCount; k++) {
      const at = blocks + <usize>k * 12
      const count = load<i32>(at)
      const part = panel + ((<usize>load<i32>(at, 4) * width) << 2)
      multiply(
        rows,
        rowCount,
        4,
        run,
        count,
        part,
        min(width, columns - first),
        (<usize>first) << 2,
        k > 0,
        spare,
      )
      run += (<usize>count) << 3
    }
  }
}

/** Unit: a panel. Parameters: filter, packed, depth (height·width·channels of x), channels of y. */
export function packFilter(p: usize, from: i32, to: i32): void {
  const w = load<usize>(p),
    packed = load<usize>(p, 4)
  const depth = load<i32>(p, 8),
    columns = load<i32>(p, 12)
  for (let unit = from; unit < to; unit++) {
    const first = unit * WIDE
    const width = panelWidth(columns, first)
    packPanel(
      packed + ((<usize>first * depth) << 2),
      w + ((<usize>first) << 2),
      depth,
      min(width, columns - first),
      width,
      (<usize>columns) << 2,
      4,
    )
  }
}

export function convForward(p: usize, from: i32, to: i32, thread: i32): void {
  const x = load<usize>(p),
    packed = load<usize>(p, 4),
    y = load<usize>(p, 8),
    batch = load<i32>(p, 12)
  const height = load<i32>(p, 16),
    width = load<i32>(p, 20),
    ci = load<i32>(p, 24)
  const outHeight = load<i32>(p, 28),
    outWidth = load<i32>(p, 32),
    co = load<i32>(p, 36)
  const kh = load<i32>(p, 40),
    kw = load<i32>(p, 44),
    sh = load<i32>(p, 48),
    sw = load<i32>(p, 52)
  const top = load<i32>(p, 56),
    left = load<i32>(p, 60)
  const perUnit = load<i32>(p, 64),
    unitRows = load<i32>(p, 68)
  const spare = load<usize>(p, 72) + <usize>thread * load<usize>(p, 76)
  const isInside =
    top === 0 && left === 0 && (outHeight - 1) * sh + kh <= height && (outWidth - 1) * sw + kw <= width
  const columns = isInside ? width : (outWidth - 1) * sw + kw
  const pitch = (<usize>(columns * ci)) << 2
  const strips = (outHeight + unitRows - 1) / unitRows
  const depth = kh * kw * ci
  const runs = spare + SPARE_BYTES
  const mostRuns = kh * ((kw * ci + DEPTH_BLOCK - 1) / DEPTH_BLOCK)
  const blocks = runs + ((<usize>mostRuns) << 3)
  const list = (blocks + <usize>mostRuns * 12 + 15) & ~15
  const strip = (list + ((<usize>(perUnit * unitRows * outWidth)) << 3) + 15) & ~15
  const blockCount = planRuns(runs, blocks, kh, kw * ci, pitch)
  for (let unit = from; unit < to; unit++) {
    const firstImage = (unit / strips) * perUnit
    const images = min(perUnit, batch - firstImage)
    const firstRow = (unit % strips) * unitRows
    const rows = min(unitRows, outHeight - firstRow)
    const stripRows = isInside ? height : (rows - 1) * sh + kh
    let count = 0
    for (let n = 0; n < images; n++) {
      const image = x + ((<usize>(firstImage + n) * (height * width * ci)) << 2)
      let source = image + <usize>(firstRow * sh) * pitch
      if (!isInside) {
        source = strip + <usize>(n * stripRows) * pitch
        gather(source, image, height, width, ci, firstRow * sh - top, stripRows, -left, columns)
      }
      let target = y + ((<usize>((firstImage + n) * outHeight + firstRow) * (outWidth * co)) << 2)
      for (let oy = 0; oy < rows; oy++) {
        let at = source + <usize>(oy * sh) * pitch
        for (
          let ox = 0;
          ox < outWidth;
          ox++, count++, at += (<usize>(sw * ci)) << 2, target += (<usize>co) << 2
        ) {
          store<usize>(list + ((<usize>count) << 3), at)
          store<usize>(list + ((<usize>count) << 3), target, 4)
        }
      }
    }
    multiplyAll(list, count, runs, blocks, blockCount, packed, depth, co, spare)
  }
}

/** Taps of the filter along one side that meet pixels of residue `r`. */
function tapsOf(length: i32, stride: i32, r: i32): i32 {
  return r < length ? (length - r + stride - 1) / stride : 0
}

/**
 * The filter as the input's gradient reads it: for each residue of rows and columns the taps that meet it, last to
 * first, channels of y as rows, those of x as columns.
 * Unit: a panel of one residue. Parameters: filter, packed, height, width, channels of x and of y, strides.
 */
export function packFilterTurned(p: usize, from: i32, to: i32): void {
  const w = load<usize>(p)
  const kh = load<i32>(p, 8),
    kw = load<i32>(p, 12),
    ci = load<i32>(p, 16),
    co = load<i32>(p, 20)
  const sh = load<i32>(p, 24),
    sw = load<i32>(p, 28)
  const panels = (packedColumns(ci) + WIDE - 1) / WIDE
  let packed = load<usize>(p, 4)
  let unit = 0
  for (let ry = 0; ry < sh; ry++) {
    for (let rx = 0; rx < sw; rx++) {
      const ny = tapsOf(kh, sh, ry),
        nx = tapsOf(kw, sw, rx)
      const depth = ny * nx * co
      for (let panel = 0; panel < panels; panel++, unit++) {
        if (unit < from || unit >= to) continue
        const first = panel * WIDE
        const width = panelWidth(ci, first)
        let target = packed + ((<usize>first * depth) << 2)
        for (let ty = 0; ty < ny; ty++) {
          const ky = ry + sh * (ny - 1 - ty)
          for (let tx = 0; tx < nx; tx++, target += (<usize>(co * width)) << 2) {
            const kx = rx + sw * (nx - 1 - tx)
            const source = w + ((<usize>(((ky * kw + kx) * ci + first) * co)) << 2)
            packPanel(target, source, co, min(width, ci - first), width, 4, (<usize>co) << 2)
          }
        }
      }
      packed += (<usize>(depth * packedColumns(ci))) << 2
    }
  }
}

/** Parameters as above: dy, filter packed by packFilterTurned, dx. Rows of a unit are rows of x. */
export function convInput(p: usize, from: i32, to: i32, thread: i32): void {
  const dy = load<usize>(p),
    packedAll = load<usize>(p, 4),
    dx = load<usize>(p, 8),
    batch = load<i32>(p, 12)
  const height = load<i32>(p, 16),
    width = load<i32>(p, 20),
    ci = load<i32>(p, 24)
  const outHeight = load<i32>(p, 28),
    outWidth = load<i32>(p, 32),
    co = load<i32>(p, 36)
  const kh = load<i32>(p, 40),
    kw = load<i32>(p, 44),
    sh = load<i32>(p, 48),
    sw = load<i32>(p, 52)
  const top = load<i32>(p, 56),
    left = load<i32>(p, 60)
  const perUnit = load<i32>(p, 64),
    unitRows = load<i32>(p, 68)
  const spare = load<usize>(p, 72) + <usize>thread * load<usize>(p, 76)
  const strips = (height + unitRows - 1) / unitRows
  const mostY = tapsOf(kh, sh, 0),
    mostX = tapsOf(kw, sw, 0)
  const firstColumn = left / sw - (mostX - 1)
  const columns = (width - 1 + left) / sw + 1 - firstColumn
  const pitch = (<usize>(columns * co)) << 2
  const runs = spare + SPARE_BYTES
  const mostRuns = mostY * ((mostX * co + DEPTH_BLOCK - 1) / DEPTH_BLOCK)
  const blocks = runs + ((<usize>mostRuns) << 3)
  const list = (blocks + <usize>mostRuns * 12 + 15) & ~15
  const strip = (list + ((<usize>(perUnit * unitRows * width)) << 3) + 15) & ~15
  for (let unit = from; unit < to; unit++) {
    const firstImage = (unit / strips) * perUnit
    const images = min(perUnit, batch - firstImage)
    const firstRow = (unit % strips) * unitRows
    const endRow = min(firstRow + unitRows, height)
    const begin = (firstRow + top) / sh - (mostY - 1)
    const stripRows = (endRow - 1 + top) / sh + 1 - begin
    for (let n = 0; n < images; n++) {
      const image = dy + ((<usize>(firstImage + n) * (outHeight * outWidth * co)) << 2)
      const target = strip + <usize>(n * stripRows) * pitch
      gather(target, image, outHeight, outWidth, co, begin, stripRows, firstColumn, columns)
    }
    let packed = packedAll
    for (let ry = 0; ry < sh; ry++) {
      for (let rx = 0; rx < sw; rx++) {
        const ny = tapsOf(kh, sh, ry),
          nx = tapsOf(kw, sw, rx)
        const depth = ny * nx * co
        let count = 0
        for (let n = 0; n < images; n++) {
          for (let iy = firstRow; iy < endRow; iy++) {
            if ((iy + top) % sh !== ry) continue
            const row = n * stripRows + (iy + top) / sh - (ny - 1) - begin
            const out = ((firstImage + n) * height + iy) * width
            for (let ix = 0; ix < width; ix++) {
              if ((ix + left) % sw !== rx) continue
              const target = dx + ((<usize>(out + ix) * ci) << 2)
              if (depth === 0) {
                zeroValues(target, ci)
                continue
              }
              const column = (ix + left) / sw - (nx - 1) - firstColumn
              store<usize>(
                list + ((<usize>count) << 3),
                strip + <usize>row * pitch + ((<usize>(column * co)) << 2),
              )
              store<usize>(list + ((<usize>count) << 3), target, 4)
              count++
            }
          }
        }
        if (count > 0) {
          const blockCount = planRuns(runs, blocks, ny, nx * co, pitch)
          multiplyAll(list, count, runs, blocks, blockCount, packed, depth, ci, spare)
        }
        packed += (<usize>(depth * packedColumns(ci))) << 2
      }
    }
  }
}

/**
 * Unit: two rows of the gradient (taps and channels of x), over all pixels. Images and rows are those that are worked
 * on at a time: of them x with its padding and dy in panels lie in scratch.
 */
export function convFilter(p: usize, from: i32, to: i32, thread: i32): void {
  const x = load<usize>(p),
    dy = load<usize>(p, 4),
    dw = load<usize>(p, 8),
    batch = load<i32>(p, 12)
  const height = load<i32>(p, 16),
    width = load<i32>(p, 20),
    ci = load<i32>(p, 24)
  const outHeight = load<i32>(p, 28),
    outWidth = load<i32>(p, 32),
    co = load<i32>(p, 36)
  const kh = load<i32>(p, 40),
    kw = load<i32>(p, 44),
    sh = load<i32>(p, 48),
    sw = load<i32>(p, 52)
  const top = load<i32>(p, 56),
    left = load<i32>(p, 60)
  const perBlock = load<i32>(p, 64),
    blockRows = load<i32>(p, 68)
  const spare = load<usize>(p, 72) + <usize>thread * load<usize>(p, 76)
  const columns = (outWidth - 1) * sw + kw
  const pitch = (<usize>(columns * ci)) << 2
  const first = 2 * from
  const count = min(2 * to, kh * kw * ci) - first
  const runs = spare + SPARE_BYTES
  const list = runs + ((<usize>(perBlock * blockRows)) << 3)
  const strip = (list + ((<usize>count) << 3) + 15) & ~15
  const panels = (strip + <usize>(perBlock * ((blockRows - 1) * sh + kh)) * pitch + 15) & ~15
  for (let i = 0; i < count; i++) {
    const ky = (first + i) / (kw * ci),
      rest = (first + i) % (kw * ci)
    store<usize>(list + ((<usize>i) << 3), strip + <usize>ky * pitch + ((<usize>rest) << 2))
    store<usize>(list + ((<usize>i) << 3), dw + ((<usize>(first + i) * co) << 2), 4)
  }
  let add = false
  for (let firstImage = 0; firstImage < batch; firstImage += perBlock) {
    const images = min(perBlock, batch - firstImage)
    for (let firstRow = 0; firstRow < outHeight; firstRow += blockRows, add = true) {
      const rows = min(blockRows, outHeight - firstRow)
      const stripRows = (rows - 1) * sh + kh
      for (let n = 0; n < images; n++) {
        const image = x + ((<usize>(firstImage + n) * (height * width * ci)) << 2)
        const target = strip + <usize>(n * stripRows) * pitch
        gather(target, image, height, width, ci, firstRow * sh - top, stripRows, -left, columns)
        for (let oy = 0; oy < rows; oy++) {
          const run = runs + ((<usize>(n * rows + oy)) << 3)
          store<usize>(run, <usize>(n * stripRows + oy * sh) * pitch)
          store<i32>(run, outWidth, 4)
        }
      }
      const pixels = images * rows * outWidth
      const source = dy + ((<usize>(firstImage * outHeight + firstRow) * (outWidth * co)) << 2)
      for (let column = 0; column < co; column += WIDE) {
        const wide = panelWidth(co, column)
        const here = min(wide, co - column)
        const panel = panels + ((<usize>column * pixels) << 2)
        packPanel(panel, source + ((<usize>column) << 2), pixels, here, wide, (<usize>co) << 2, 4)
        multiply(
          list,
          count,
          (<usize>(sw * ci)) << 2,
          runs,
          images * rows,
          panel,
          here,
          (<usize>column) << 2,
          add,
          spare,
        )
      }
    }
  }
}
