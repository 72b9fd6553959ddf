/**
 * A convolution's filter gradient: for each tap, xᵀ·dy summed over all result pixels.
 *
 * Parallelism: an invocation owns one tap, 4·inBlocks × 4·outBlocks channel pairs (in registers) and one part of
 * the image rows; a layer with few weights thus still fills the device. The parts write separate copies of the
 * gradient, which a second kernel sums. Their number follows from the layer's size and is bounded in memory.
 */
import * as tf from '../../../tf'
import { halfKey, isHalf } from '../../halves/webgpu'
import type { ConvKernel } from '../../shared/callKernels'
import { type Lanes, lanesOf, runFlat, unroll, widened } from '../../shared/program'
import { mostCopies, sumCopies } from '../../shared/sumCopies'
import { resultScale } from './convWalk'

export interface FilterGradientTile {
  inBlocks: number
  outBlocks: number
  /** Split the rows until there are so many invocations. */
  threads: number
}

/** ∂⟨dy, x ∗ w⟩/∂w: x [N, H, W, Ci], dy [N, H', W', Co] → [kh, kw, Ci, Co]. */
export const convFilterGradient =
  (tile: FilterGradientTile): ConvKernel =>
  (backend, [x, dy], s) => {
    const half = isHalf(x)
    const inLanes = lanesOf(s.inChannels)
    const outLanes = lanesOf(s.outChannels)
    const inBlocks = Math.min(tile.inBlocks, Math.ceil(s.inChannels / inLanes))
    const outBlocks = Math.min(tile.outBlocks, Math.ceil(s.outChannels / 4))
    const inGroups = Math.ceil(s.inChannels / inLanes / inBlocks)
    const outGroups = Math.ceil(s.outChannels / 4 / outBlocks)
    const perCopy = s.filterHeight * s.filterWidth * inGroups * outGroups
    const filterShape = [s.filterHeight, s.filterWidth, s.inChannels, s.outChannels]
    const weights = tf.util.sizeFromShape(filterShape)
    const rows = s.batch * s.outHeight
    const { copies, rowsPerCopy } = copiesFor(rows, tile.threads / perCopy, mostCopies(backend, weights))
    const partial = runFlat(backend, {
      key: `filterGradient_${inBlocks}x${outBlocks}_${inLanes}${outLanes}${halfKey(half)}`,
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
        kernel: [s.filterHeight, s.filterWidth],
        stride: [s.strideHeight, s.strideWidth],
        pad: [s.padTop, s.padLeft],
        groups: [inGroups, outGroups],
        rows: [rows, rowsPerCopy],
        copies,
      },
      scale: resultScale(half, 'backward', s),
      threads: perCopy * copies,
      flops: 2 * rows * s.outWidth * weights,
      code: text(inBlocks, outBlocks, inLanes, outLanes, half),
    })
    return copies === 1 ? partial : sumCopies(backend, partial, filterShape, copies)
  }

/** In how many parts the image rows are summed, and how many of them each takes. */
export function copiesFor(
  rows: number,
  enough: number,
  most: number,
): { copies: number; rowsPerCopy: number } {
  const wanted = Math.min(Math.ceil(enough), most, rows)
  const rowsPerCopy = Math.ceil(rows / Math.max(1, wanted))
  return { copies: Math.ceil(rows / rowsPerCopy), rowsPerCopy }
}

function text(inBlocks: number, outBlocks: number, inLanes: Lanes, outLanes: Lanes, half: boolean): string {
  const eachIn = (line: (i: number) => string) => unroll(inBlocks, line)
  const eachOut = (line: (o: number) => string) => unroll(outBlocks, line)
  const eachChannel = (line: (i: number, lane: number) => string) =>
    eachIn((i) => unroll(inLanes, (lane) => line(i, lane)))
  return `
${outLanes === 4 ? vectorAccess(half) : scalarAccess(half)}
fn main(thread : i32) {
  let groups = uniforms.groups.x * uniforms.groups.y;
  let taps = uniforms.kernel.x * uniforms.kernel.y;
  let copy = thread / (groups * taps);
  if (copy >= uniforms.copies) { return; }
  let tap = (thread / groups) % taps;
  let firstIn = ((thread / uniforms.groups.y) % uniforms.groups.x) * ${inBlocks};
  let firstOut = (thread % uniforms.groups.y) * ${outBlocks};
  let ky = tap / uniforms.kernel.y;
  let kx = tap % uniforms.kernel.y;
  let depth = uniforms.channels.x / ${inLanes};
  ${eachIn((i) => `let in${i} = min(firstIn + ${i}, depth - 1);`)}
  ${eachOut((o) => `let out${o} = min(firstOut + ${o}, (uniforms.channels.y + 3) / 4 - 1);`)}
  ${eachChannel((i, lane) => eachOut((o) => `var sum${i}_${lane}_${o} = vec4<f32>(0.0);`))}
  // Result columns whose source column lies inside the image.
  let offset = kx - uniforms.pad.y;
  let begin = (max(0, -offset) + uniforms.stride.y - 1) / uniforms.stride.y;
  let room = uniforms.inSize.y - 1 - offset;
  let end = select(min(uniforms.outSize.y, room / uniforms.stride.y + 1), 0, room < 0);
  let lastRow = min((copy + 1) * uniforms.rows.y, uniforms.rows.x);
  for (var row = copy * uniforms.rows.y; row < lastRow; row++) {
    let iy = (row % uniforms.outSize.x) * uniforms.stride.x + ky - uniforms.pad.x;
    if (iy < 0 || iy >= uniforms.inSize.x) { continue; }
    let source = (row / uniforms.outSize.x * uniforms.inSize.x + iy) * uniforms.inSize.y + offset;
    for (var ox = begin; ox < end; ox++) {
      let at = (source + ox * uniforms.stride.y) * depth;
      let pixel = row * uniforms.outSize.y + ox;
      ${eachIn((i) => `let x${i} = ${widened(`x[at + in${i}]`, inLanes, half)};`)}
      ${eachOut((o) => `let d${o} = readGradient(pixel, out${o});`)}
      ${eachChannel((i, lane) =>
        eachOut((o) => `sum${i}_${lane}_${o} += x${i}${inLanes === 4 ? `[${lane}]` : ''} * d${o};`),
      )}
    }
  }
  let filterRow = (copy * taps + tap) * uniforms.channels.x;
  ${eachIn(
    (i) => `
  if (firstIn + ${i} < depth) {
    ${unroll(inLanes, (lane) =>
      eachOut(
        (o) =>
          `write(filterRow + (firstIn + ${i}) * ${inLanes} + ${lane}, firstOut + ${o}, sum${i}_${lane}_${o}${half ? ' * uniforms.scale' : ''});`,
      ),
    )}
  }`,
  )}
}`
}

const vectorAccess = (half: boolean) => `
fn readGradient(pixel : i32, block : i32) -> vec4<f32> {
  return ${widened('dy[pixel * (uniforms.channels.y / 4) + block]', 4, half)};
}
fn write(row : i32, block : i32, values : vec4<f32>) {
  let blocks = uniforms.channels.y / 4;
  if (block < blocks) { result[row * blocks + block] = values; }
}`

const scalarAccess = (half: boolean) => `
fn readGradient(pixel : i32, block : i32) -> vec4<f32> {
  var values = vec4<f32>(0.0);
  for (var lane = 0; lane < 4; lane++) {
    let co = block * 4 + lane;
    if (co < uniforms.channels.y) { values[lane] = ${widened('dy[pixel * uniforms.channels.y + co]', 1, half)}; }
  }
  return values;
}
fn write(row : i32, block : i32, values : vec4<f32>) {
  for (var lane = 0; lane < 4; lane++) {
    let co = block * 4 + lane;
    if (co < uniforms.channels.y) { result[row * uniforms.channels.y + co] = values[lane]; }
  }
}`
