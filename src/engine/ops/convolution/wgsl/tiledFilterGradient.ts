/**
 * A convolution's filter gradient as an implicit matrix product in tiles (tile.ts): rows are the filter's taps and
 * input channels, columns its output channels, and the inner sum runs over all result pixels of the batch. That sum
 * is long and the result small: it is split among workgroups, whose copies of the result a second kernel adds.
 */
import * as tf from '../../../tf'
import { halfKey, isHalf } from '../../halves/webgpu'
import type { ConvKernel } from '../../shared/callKernels'
import { type Lanes, lanesOf, runFlat, storedType, unroll, widened } from '../../shared/program'
import { mostCopies, sumCopies } from '../../shared/sumCopies'
import { columnsOf, eachCarried, rowsOf, type Tile, workgroupOf } from '../../shared/tile'
import { resultScale } from './convWalk'

/** Enough workgroups for a large GPU. */
const WORKGROUPS = 512
/** Loads of a block of pixels that a split must be worth. */
const LEAST_STEPS = 4

/** ∂⟨dy, x ∗ w⟩/∂w: x [N, H, W, Ci], dy [N, H', W', Co] → [kh, kw, Ci, Co]. */
export const tiledFilterGradient =
  (tile: Tile): ConvKernel =>
  (backend, [x, dy], s) => {
    const half = isHalf(x)
    const [inLanes, outLanes] = [lanesOf(s.inChannels), lanesOf(s.outChannels)]
    const filterShape = [s.filterHeight, s.filterWidth, s.inChannels, s.outChannels]
    const weights = tf.util.sizeFromShape(filterShape)
    const rows = s.filterHeight * s.filterWidth * s.inChannels
    const pixels = s.batch * s.outHeight * s.outWidth
    const tiles: [number, number] = [
      Math.ceil(rows / rowsOf(tile)),
      Math.ceil(s.outChannels / columnsOf(tile)),
    ]
    const perCopy = tiles[0] * tiles[1]
    const allSteps = Math.ceil(pixels / tile.depth)
    const wanted = Math.min(
      Math.ceil(WORKGROUPS / perCopy),
      mostCopies(backend, weights),
      Math.floor(allSteps / LEAST_STEPS),
    )
    const steps = Math.ceil(allSteps / Math.max(1, wanted))
    const copies = Math.ceil(allSteps / steps)
    const partial = runFlat(backend, {
      key: `tiledFilterGradient_${tile.threads.join('x')}_${tile.each.join('x')}x${tile.depth}_${inLanes}${outLanes}${halfKey(half)}`,
      inputs: [
        { name: 'x', tensor: x, lanes: inLanes, half },
        { name: 'dy', tensor: dy, lanes: outLanes, half },
      ],
      outShape: copies === 1 ? filterShape : [copies, weights],
      outLanes,
      uniforms: {
        inSize: [s.inHeight, s.inWidth],
        outSize: [s.outHeight, s.outWidth],
        channels: [s.inChannels, s.outChannels],
        stride: [s.strideHeight, s.strideWidth],
        pad: [s.padTop, s.padLeft],
        kernelWidth: s.filterWidth,
        tiles,
        rows,
        pixels,
        steps,
        copies,
      },
      scale: resultScale(half, 'backward', s),
      workgroup: workgroupOf(tile),
      threads: perCopy * copies * workgroupOf(tile),
      flops: 2 * pixels * weights,
      code: text(tile, inLanes, outLanes, half),
    })
    return copies === 1 ? partial : sumCopies(backend, partial, filterShape, copies)
  }

function text(tile: Tile, inLanes: Lanes, outLanes: Lanes, half: boolean): string {
  const { threads, each, depth } = tile
  const [rows, columns] = [rowsOf(tile), columnsOf(tile)]
  const [rowQuads, columnQuads] = [rows / 4, columns / 4]
  const [m4, n4] = [each[0] / 4, each[1] / 4]
  return `
// [pixel][quad of the filter's rows]
var<workgroup> left : array<${storedType(4, half)}, ${rowQuads * depth}>;
// [pixel][quad of output channels]
var<workgroup> right : array<${storedType(4, half)}, ${columnQuads * depth}>;
// What a row of the filter reads: its channel, and its tap's shift against a result pixel's corner.
struct Row { channel : i32, shift : vec2<i32> }
fn rowOf(row : i32) -> Row {
  let tap = row / uniforms.channels.x;
  return Row(row % uniforms.channels.x, vec2<i32>(tap / uniforms.kernelWidth, tap % uniforms.kernelWidth) - uniforms.pad);
}
struct Pixel { image : i32, corner : vec2<i32>, isThere : bool }
fn pixelOf(pixel : i32) -> Pixel {
  let perImage = uniforms.outSize.x * uniforms.outSize.y;
  let rest = pixel % perImage;
  let corner = uniforms.stride * vec2<i32>(rest / uniforms.outSize.y, rest % uniforms.outSize.y);
  return Pixel(pixel / perImage, corner, pixel < uniforms.pixels);
}
fn placeOf(pixel : Pixel, row : Row) -> i32 {
  let at = pixel.corner + row.shift;
  let isInside = pixel.isThere && all(at >= vec2<i32>(0)) && all(at < uniforms.inSize);
  let index = ((pixel.image * uniforms.inSize.x + at.x) * uniforms.inSize.y + at.y) * uniforms.channels.x;
  return select(-1, index + row.channel, isInside);
}
${inLanes === 4 ? quadOfX(storedType(4, half)) : valuesOfX(storedType(4, half))}
${outLanes === 4 ? quadOfDy(storedType(4, half)) : valuesOfDy(storedType(4, half))}
fn main(thread : i32) {
  let local = thread % ${workgroupOf(tile)};
  let group = thread / ${workgroupOf(tile)};
  let perCopy = uniforms.tiles.x * uniforms.tiles.y;
  let copy = group / perCopy;
  // Workgroups too many go through the same barriers.
  let isReal = copy < uniforms.copies;
  let firstRow = (group % perCopy) / uniforms.tiles.y * ${rows};
  let firstChannel = group % uniforms.tiles.y * ${columns};
  let row = local / ${threads[1]};
  let column = local % ${threads[1]};
  ${unroll(4 * m4, (m) => unroll(n4, (n) => `var sum${m}_${n} = vec4<f32>(0.0);`))}
  for (var step = 0; step < uniforms.steps; step++) {
    let first = select(uniforms.pixels, (copy * uniforms.steps + step) * ${depth}, isReal);
    ${eachCarried(
      tile,
      rowQuads * depth,
      `left[at] = readX(pixelOf(first + at / ${rowQuads}), firstRow + at % ${rowQuads} * 4);`,
    )}
    ${eachCarried(
      tile,
      columnQuads * depth,
      `right[at] = readGradient(first + at / ${columnQuads}, firstChannel + at % ${columnQuads} * 4);`,
    )}
    workgroupBarrier();
    for (var k = 0; k < ${depth}; k++) {
      ${unroll(m4, (m) => `let a${m} = ${widened(`left[k * ${rowQuads} + row + ${m * threads[0]}]`, 4, half)};`)}
      ${unroll(n4, (n) => `let b${n} = ${widened(`right[k * ${columnQuads} + column + ${n * threads[1]}]`, 4, half)};`)}
      ${unroll(m4, (m) => unroll(4, (lane) => unroll(n4, (n) => `sum${m * 4 + lane}_${n} += a${m}[${lane}] * b${n};`)))}
    }
    workgroupBarrier();
  }
  ${unroll(m4, (m) =>
    unroll(
      4,
      (lane) => `
  {
    let filterRow = firstRow + (row + ${m * threads[0]}) * 4 + ${lane};
    if (isReal && filterRow < uniforms.rows) {
      let at = (copy * uniforms.rows + filterRow) * uniforms.channels.y;
      ${unroll(n4, (n) => `write(at, firstChannel + (column + ${n * threads[1]}) * 4, sum${m * 4 + lane}_${n}${half ? ' * uniforms.scale' : ''});`)}
    }
  }`,
    ),
  )}
}`
}

const quadOfX = (quad: string) => `
fn readX(pixel : Pixel, row : i32) -> ${quad} {
  if (row >= uniforms.rows) { return ${quad}(0.0); }
  let at = placeOf(pixel, rowOf(row));
  if (at < 0) { return ${quad}(0.0); }
  return x[at / 4];
}`

const valuesOfX = (quad: string) => `
fn readX(pixel : Pixel, row : i32) -> ${quad} {
  var values = ${quad}(0.0);
  for (var lane = 0; lane < min(4, uniforms.rows - row); lane++) {
    let at = placeOf(pixel, rowOf(row + lane));
    if (at >= 0) { values[lane] = x[at]; }
  }
  return values;
}`

const quadOfDy = (quad: string) => `
fn readGradient(pixel : i32, channel : i32) -> ${quad} {
  if (pixel >= uniforms.pixels || channel >= uniforms.channels.y) { return ${quad}(0.0); }
  return dy[(pixel * uniforms.channels.y + channel) / 4];
}
fn write(at : i32, channel : i32, values : vec4<f32>) {
  if (channel < uniforms.channels.y) { result[(at + channel) / 4] = values; }
}`

const valuesOfDy = (quad: string) => `
fn readGradient(pixel : i32, channel : i32) -> ${quad} {
  var values = ${quad}(0.0);
  if (pixel >= uniforms.pixels) { return values; }
  let at = pixel * uniforms.channels.y + channel;
  for (var lane = 0; lane < min(4, uniforms.channels.y - channel); lane++) { values[lane] = dy[at + lane]; }
  return values;
}
fn write(at : i32, channel : i32, values : vec4<f32>) {
  for (var lane = 0; lane < min(4, uniforms.channels.y - channel); lane++) { result[at + channel + lane] = values[lane]; }
}`
