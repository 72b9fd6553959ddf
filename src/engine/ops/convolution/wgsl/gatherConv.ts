/**
 * Convolution and its input gradient: each result pixel gathers, over the filter's taps, a source pixel times a
 * block of the filter. Both are the same walk, forwards or backwards; with strides the input gradient is split in
 * stride² phases of pixels that meet the same taps, so that no tap is visited in vain.
 *
 * Parallelism: an invocation owns `pixels` × `4·blocks` results in registers (a GEMM tile without workgroup memory
 * or barriers), since on a CPU adapter one load costs as much as ten to twenty multiplications.
 */
import { halfKey, isHalf } from '../../halves/webgpu'
import type { ConvKernel } from '../../shared/callKernels'
import {
  floatType,
  type Lanes,
  lanesOf,
  runFlat,
  subgroupSize,
  unroll,
  WORKGROUP,
  widened,
} from '../../shared/program'
import { backwardWalk, type Direction, forwardWalk, phaseSize, resultScale, walkFlops } from './convWalk'
import { filterText, sharedThreads, shareTiles } from './filterReads'

/** Results an invocation owns: pixels × (4·blocks) channels. */
export interface GatherTile {
  pixels: number
  blocks: number
}

/** y = x ∗ w, x [N, H, W, Ci], or ∂⟨dy, x ∗ w⟩/∂x, dy [N, H', W', Co]; w [kh, kw, Ci, Co]. */
export const gatherConv =
  (direction: Direction, tile: GatherTile): ConvKernel =>
  (backend, [source, filter], s) => {
    const walk = direction === 'forward' ? forwardWalk(s) : backwardWalk(s)
    const half = isHalf(source)
    const { batch, sourceChannels, targetChannels, ...vectors } = walk
    const { goal, phases } = walk
    // The filter's rows run over the output channels, which are the target's forwards and the source's backwards.
    const both = lanesOf(sourceChannels) === 4 && lanesOf(targetChannels) === 4
    const targetLanes = direction === 'forward' ? lanesOf(targetChannels) : both ? 4 : 1
    const sourceLanes = both ? 4 : 1
    const channelBlocks = Math.ceil(targetChannels / 4)
    const blocks = Math.min(tile.blocks, channelBlocks)
    const perPhase = phaseSize(walk)
    const tiles = Math.ceil((batch * perPhase[0] * perPhase[1]) / tile.pixels)
    const groups = Math.ceil(channelBlocks / blocks)
    const subgroup = subgroupSize(backend)
    return runFlat(backend, {
      key: `gather_${direction}_${tile.pixels}x${blocks}_${sourceLanes}${targetLanes}_${subgroup}${halfKey(half)}`,
      inputs: [
        { name: 'source', tensor: source, lanes: sourceLanes, half },
        { name: 'filter_', tensor: filter, lanes: both ? 4 : targetLanes, half },
      ],
      outShape: [batch, goal[0], goal[1], targetChannels],
      outLanes: targetLanes,
      uniforms: { ...vectors, phaseSize: perPhase, batch, sourceChannels, targetChannels, tiles, groups },
      scale: resultScale(half, direction, s),
      threads: phases[0] * phases[1] * sharedThreads(tiles, groups),
      flops: walkFlops(direction, walk),
      code: text(direction, tile.pixels, blocks, sourceLanes, targetLanes, subgroup, half),
    })
  }

function text(
  direction: Direction,
  pixels: number,
  blocks: number,
  source: Lanes,
  target: Lanes,
  subgroup: number,
  half: boolean,
): string {
  const eachPixel = (line: (p: number) => string) => unroll(pixels, line)
  const eachBlock = (line: (o: number) => string) => unroll(blocks, line)
  const step = direction === 'forward' ? '+' : '-'
  const targetChannels = 'uniforms.targetChannels'
  const filter = filterText({ direction, blocks, source, target, subgroup, targetChannels, half })
  return `
${filter.directives}
${writer(target)}
fn main(wholeThread : i32) {
  let perPhase = (uniforms.tiles + ${WORKGROUP - 1}) / ${WORKGROUP} * ${WORKGROUP} * uniforms.groups;
  let phaseIndex = wholeThread / perPhase;
  if (phaseIndex >= uniforms.phases.x * uniforms.phases.y) { return; }
  let thread = wholeThread % perPhase;
  let count = uniforms.tiles;
  let depth = uniforms.sourceChannels / ${source};
  ${shareTiles(blocks, subgroup)}
  ${filter.begin}
  let phase = vec2<i32>(phaseIndex / uniforms.phases.y, phaseIndex % uniforms.phases.y);
  let firstPixel = tile * ${pixels};
  let perImage = uniforms.phaseSize.x * uniforms.phaseSize.y;
  let pixels = uniforms.batch * perImage;
  let firstTap = (phase + uniforms.shift) % uniforms.phases;
  ${eachPixel(
    (p) => `
  let flat${p} = min(firstPixel + ${p}, pixels - 1);
  let image${p} = flat${p} / perImage;
  let pixel${p} = phase + uniforms.phases
    * vec2<i32>((flat${p} % perImage) / uniforms.phaseSize.y, flat${p} % uniforms.phaseSize.y);
  let corner${p} = (pixel${p} * uniforms.pace + uniforms.shift - firstTap) / uniforms.phases;`,
  )}
  ${eachPixel((p) => eachBlock((o) => `var sum${p}_${o} = vec4<f32>(0.0);`))}
  var walked = vec2<i32>(0, 0);
  for (var ky = firstTap.x; ky < uniforms.kernel.x; ky += uniforms.phases.x) {
    walked.y = 0;
    for (var kx = firstTap.y; kx < uniforms.kernel.y; kx += uniforms.phases.y) {
      let tap = ky * uniforms.kernel.y + kx;
      ${eachPixel(
        (p) => `
      let at${p} = corner${p} ${step} walked;
      let inside${p} = all(at${p} >= vec2<i32>(0)) && all(at${p} < uniforms.source);
      let start${p} = select(0,
        ((image${p} * uniforms.source.x + at${p}.x) * uniforms.source.y + at${p}.y) * depth, inside${p});`,
      )}
      for (var c = 0; c < depth; c++) {
        ${eachPixel(
          (p) =>
            `let v${p} = select(${floatType(source)}(0.0), ${widened(`source[start${p} + c]`, source, half)}, inside${p});`,
        )}
        ${filter.read('tap', 'c')}
        ${eachBlock((o) => eachPixel((p) => `sum${p}_${o} += ${filter.times(o, `v${p}`)};`))}
      }
      walked.y += 1;
    }
    walked.x += 1;
  }
  if (isSpare) { return; }
  ${eachPixel(
    (p) => `
  if (firstPixel + ${p} < pixels && all(pixel${p} < uniforms.goal)) {
    let row = (image${p} * uniforms.goal.x + pixel${p}.x) * uniforms.goal.y + pixel${p}.y;
    ${eachBlock((o) => `write(row, firstBlock + ${o}, sum${p}_${o}${half ? ' * uniforms.scale' : ''});`)}
  }`,
  )}
}`
}

function writer(target: Lanes): string {
  return target === 4
    ? `
fn write(row : i32, block : i32, values : vec4<f32>) {
  let blocks = uniforms.targetChannels / 4;
  if (block < blocks) { result[row * blocks + block] = values; }
}`
    : `
fn write(row : i32, block : i32, values : vec4<f32>) {
  for (var lane = 0; lane < 4; lane++) {
    let t = block * 4 + lane;
    if (t < uniforms.targetChannels) { result[row * uniforms.targetChannels + t] = values[lane]; }
  }
}`
}
