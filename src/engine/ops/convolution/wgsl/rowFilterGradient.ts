/**
 * A convolution's filter gradient where the kernel is three wide and the stride 1 (takesRows): an invocation owns all three taps
 * of a kernel row for 4·inBlocks × 4·outBlocks channel pairs and walks along image rows with three source columns in
 * registers. One new column a step serves three taps: half the loads of filterGradient, which takes every other shape.
 */
import * as tf from '../../../tf'
import { halfKey, isHalf } from '../../halves/webgpu'
import type { ConvKernel } from '../../shared/callKernels'
import { runFlat, unroll, widened } from '../../shared/program'
import { mostCopies, sumCopies } from '../../shared/sumCopies'
import { resultScale } from './convWalk'
import { copiesFor, type FilterGradientTile } from './filterGradient'

const WIDTH = 3

/** ∂⟨dy, x ∗ w⟩/∂w: x [N, H, W, Ci], dy [N, H', W', Co] → [kh, 3, Ci, Co]. */
export const rowFilterGradient =
  (tile: FilterGradientTile): ConvKernel =>
  (backend, [x, dy], s) => {
    const half = isHalf(x)
    const quads: [number, number] = [s.inChannels / 4, s.outChannels / 4]
    const inBlocks = Math.min(tile.inBlocks, quads[0])
    const outBlocks = Math.min(tile.outBlocks, quads[1])
    const groups: [number, number] = [Math.ceil(quads[0] / inBlocks), Math.ceil(quads[1] / outBlocks)]
    const filterShape = [s.filterHeight, WIDTH, s.inChannels, s.outChannels]
    const weights = tf.util.sizeFromShape(filterShape)
    const rows = s.batch * s.outHeight
    const perCopy = s.filterHeight * groups[0] * groups[1]
    const { copies, rowsPerCopy } = copiesFor(rows, tile.threads / perCopy, mostCopies(backend, weights))
    const partial = runFlat(backend, {
      key: `rowFilterGradient_${inBlocks}x${outBlocks}${halfKey(half)}`,
      inputs: [
        { name: 'x', tensor: x, lanes: 4, half },
        { name: 'dy', tensor: dy, lanes: 4, half },
      ],
      outShape: copies === 1 ? filterShape : [copies, weights],
      outLanes: 4,
      uniforms: {
        inSize: [s.inHeight, s.inWidth],
        outSize: [s.outHeight, s.outWidth],
        quads,
        pad: [s.padTop, s.padLeft],
        groups,
        rows: [rows, rowsPerCopy],
        kernelHeight: s.filterHeight,
        copies,
      },
      scale: resultScale(half, 'backward', s),
      threads: perCopy * copies,
      flops: 2 * rows * s.outWidth * weights,
      code: text(inBlocks, outBlocks, half),
    })
    return copies === 1 ? partial : sumCopies(backend, partial, filterShape, copies)
  }

function text(inBlocks: number, outBlocks: number, half: boolean): string {
  const eachIn = (line: (i: number) => string) => unroll(inBlocks, line)
  const eachOut = (line: (o: number) => string) => unroll(outBlocks, line)
  const eachTap = (line: (kx: number) => string) => unroll(WIDTH, line)
  const eachSum = (line: (kx: number, i: number, lane: number, o: number) => string) =>
    eachTap((kx) => eachIn((i) => unroll(4, (lane) => eachOut((o) => line(kx, i, lane, o)))))
  /** Source columns from `kx` taps right of the leftmost. */
  const load = (kx: number, column: string) => `
      let column${kx} = ${column};
      let inside${kx} = column${kx} >= 0 && column${kx} < uniforms.inSize.y;
      let at${kx} = select(0, (source + column${kx}) * uniforms.quads.x, inside${kx});`
  const value = (kx: number, i: number) =>
    `select(vec4<f32>(0.0), ${widened(`x[at${kx} + in${i}]`, 4, half)}, inside${kx})`
  return `
fn main(thread : i32) {
  let groups = uniforms.groups.x * uniforms.groups.y;
  let copy = thread / (groups * uniforms.kernelHeight);
  if (copy >= uniforms.copies) { return; }
  let ky = (thread / groups) % uniforms.kernelHeight;
  let firstIn = ((thread / uniforms.groups.y) % uniforms.groups.x) * ${inBlocks};
  let firstOut = (thread % uniforms.groups.y) * ${outBlocks};
  ${eachIn((i) => `let in${i} = min(firstIn + ${i}, uniforms.quads.x - 1);`)}
  ${eachOut((o) => `let out${o} = min(firstOut + ${o}, uniforms.quads.y - 1);`)}
  ${eachSum((kx, i, lane, o) => `var sum${kx}_${i}_${lane}_${o} = vec4<f32>(0.0);`)}
  let lastRow = min((copy + 1) * uniforms.rows.y, uniforms.rows.x);
  for (var row = copy * uniforms.rows.y; row < lastRow; row++) {
    let iy = row % uniforms.outSize.x + ky - uniforms.pad.x;
    if (iy < 0 || iy >= uniforms.inSize.x) { continue; }
    let source = (row / uniforms.outSize.x * uniforms.inSize.x + iy) * uniforms.inSize.y;
    ${unroll(WIDTH - 1, (kx) => load(kx, `${kx} - uniforms.pad.y`))}
    ${unroll(WIDTH - 1, (kx) => eachIn((i) => `var x${kx}_${i} = ${value(kx, i)};`))}
    for (var ox = 0; ox < uniforms.outSize.y; ox++) {
      ${load(WIDTH - 1, `ox + ${WIDTH - 1} - uniforms.pad.y`)}
      ${eachIn((i) => `let x${WIDTH - 1}_${i} = ${value(WIDTH - 1, i)};`)}
      let pixel = (row * uniforms.outSize.y + ox) * uniforms.quads.y;
      ${eachOut((o) => `let d${o} = ${widened(`dy[pixel + out${o}]`, 4, half)};`)}
      ${eachSum((kx, i, lane, o) => `sum${kx}_${i}_${lane}_${o} += x${kx}_${i}[${lane}] * d${o};`)}
      ${unroll(WIDTH - 1, (kx) => eachIn((i) => `x${kx}_${i} = x${kx + 1}_${i};`))}
    }
  }
  let filterRow = (copy * uniforms.kernelHeight + ky) * ${WIDTH};
  ${eachSum(
    (kx, i, lane, o) => `
  if (firstIn + ${i} < uniforms.quads.x && firstOut + ${o} < uniforms.quads.y) {
    result[(((filterRow + ${kx}) * uniforms.quads.x + firstIn + ${i}) * 4 + ${lane}) * uniforms.quads.y + firstOut + ${o}]
      = sum${kx}_${i}_${lane}_${o}${half ? ' * uniforms.scale' : ''};
  }`,
  )}
}`
}
