/**
 * Convolution and its input gradient where pixels of a row lie side by side in the source too (stride 1, kernels
 * three wide, whole quads of channels): an invocation owns rows × pixels × 4·blocks results in registers, and what
 * it loads of a source row serves all three taps. Half the loads of gatherConv, which takes every other shape.
 */
import { halfKey, isHalf } from '../../halves/webgpu'
import type { ConvKernel } from '../../shared/callKernels'
import type { ConvShape } from '../../shared/convShape'
import { runFlat, subgroupSize, unroll, widened } from '../../shared/program'
import { backwardWalk, type Direction, forwardWalk, resultScale, walkFlops } from './convWalk'
import { filterText, sharedThreads, shareTiles } from './filterReads'

/** Results an invocation owns: rows × pixels × (4·blocks) channels. */
export interface RowTile {
  rows: number
  pixels: number
  blocks: number
}

const WIDTH = 3

/** Whether the kernel takes this convolution. */
export function takesRows(s: ConvShape): boolean {
  return (
    s.filterWidth === WIDTH &&
    s.strideHeight === 1 &&
    s.strideWidth === 1 &&
    s.inChannels % 4 === 0 &&
    s.outChannels % 4 === 0
  )
}

/** y = x ∗ w, x [N, H, W, Ci], or ∂⟨dy, x ∗ w⟩/∂x, dy [N, H', W', Co]; w [kh, 3, Ci, Co]. */
export const rowConv =
  (direction: Direction, tile: RowTile): ConvKernel =>
  (backend, [source, filter], s) => {
    const walk = direction === 'forward' ? forwardWalk(s) : backwardWalk(s)
    const half = isHalf(source)
    const { batch, goal, shift } = walk
    const channels = [walk.sourceChannels, walk.targetChannels]
    const kernelHeight = walk.kernel[0]
    // Backwards tap k reads the source at p + shift − k: from the last tap on, columns rise as they do forwards.
    const first: [number, number] =
      direction === 'forward' ? shift : [shift[0] - (kernelHeight - 1), shift[1] - (WIDTH - 1)]
    const blocks = Math.min(tile.blocks, channels[1] / 4)
    const tiles: [number, number] = [Math.ceil(goal[0] / tile.rows), Math.ceil(goal[1] / tile.pixels)]
    const groups = Math.ceil(channels[1] / 4 / blocks)
    const count = batch * tiles[0] * tiles[1]
    const subgroup = subgroupSize(backend)
    return runFlat(backend, {
      key: `rowConv_${direction}_${tile.rows}x${tile.pixels}x${blocks}_${subgroup}${halfKey(half)}`,
      inputs: [
        { name: 'source', tensor: source, lanes: 4, half },
        { name: 'filter_', tensor: filter, lanes: 4, half },
      ],
      outShape: [batch, goal[0], goal[1], channels[1]],
      outLanes: 4,
      uniforms: {
        source: walk.source,
        goal,
        channels: [channels[0] / 4, channels[1] / 4],
        shift: first,
        tiles,
        kernelHeight,
        groups,
        count,
      },
      scale: resultScale(half, direction, s),
      threads: sharedThreads(count, groups),
      flops: walkFlops(direction, walk),
      code: text(direction, { ...tile, blocks }, subgroup, half),
    })
  }

function text(
  direction: Direction,
  { rows, pixels, blocks }: RowTile,
  subgroup: number,
  half: boolean,
): string {
  const span = pixels + WIDTH - 1
  const eachRow = (line: (r: number) => string) => unroll(rows, line)
  const eachPixel = (line: (p: number) => string) => unroll(pixels, line)
  const eachBlock = (line: (o: number) => string) => unroll(blocks, line)
  const tapRow = direction === 'forward' ? 'k' : 'uniforms.kernelHeight - 1 - k'
  const tapColumn = (kx: number) => (direction === 'forward' ? kx : WIDTH - 1 - kx)
  const filter = filterText({
    direction,
    blocks,
    source: 4,
    target: 4,
    subgroup,
    targetChannels: '(uniforms.channels.y * 4)',
    half,
  })
  return `
${filter.directives}
fn main(thread : i32) {
  let count = uniforms.count;
  let depth = uniforms.channels.x;
  ${shareTiles(blocks, subgroup)}
  ${filter.begin}
  let perImage = uniforms.tiles.x * uniforms.tiles.y;
  let image = tile / perImage;
  let corner = vec2<i32>((tile % perImage) / uniforms.tiles.y * ${rows}, tile % uniforms.tiles.y * ${pixels});
  let base = corner + uniforms.shift;
  ${unroll(span, (j) => `let inside${j} = base.y + ${j} >= 0 && base.y + ${j} < uniforms.source.y;`)}
  ${eachRow((r) => eachPixel((p) => eachBlock((o) => `var sum${r}_${p}_${o} = vec4<f32>(0.0);`)))}
  for (var k = 0; k < uniforms.kernelHeight; k++) {
    let firstTap = (${tapRow}) * ${WIDTH};
    ${eachRow(
      (r) => `
    let row${r} = base.x + ${r} + k;
    let isRow${r} = row${r} >= 0 && row${r} < uniforms.source.x;
    let start${r} = (image * uniforms.source.x + row${r}) * uniforms.source.y + base.y;
    ${unroll(
      span,
      (j) => `
    let is${r}_${j} = isRow${r} && inside${j};
    let at${r}_${j} = select(0, (start${r} + ${j}) * depth, is${r}_${j});`,
    )}`,
    )}
    for (var c = 0; c < depth; c++) {
      ${eachRow((r) =>
        unroll(
          span,
          (j) =>
            `let v${r}_${j} = select(vec4<f32>(0.0), ${widened(`source[at${r}_${j} + c]`, 4, half)}, is${r}_${j});`,
        ),
      )}
      ${unroll(
        WIDTH,
        (kx) => `
      {
        ${filter.read(`firstTap + ${tapColumn(kx)}`, 'c')}
        ${eachBlock((o) =>
          eachRow((r) => eachPixel((p) => `sum${r}_${p}_${o} += ${filter.times(o, `v${r}_${p + kx}`)};`)),
        )}
      }`,
      )}
    }
  }
  if (isSpare) { return; }
  ${eachRow((r) =>
    eachPixel(
      (p) => `
  if (corner.x + ${r} < uniforms.goal.x && corner.y + ${p} < uniforms.goal.y) {
    let row = ((image * uniforms.goal.x + corner.x + ${r}) * uniforms.goal.y + corner.y + ${p}) * uniforms.channels.y;
    ${eachBlock((o) => `if (firstBlock + ${o} < uniforms.channels.y) { result[row + firstBlock + ${o}] = sum${r}_${p}_${o}${half ? ' * uniforms.scale' : ''}; }`)}
  }`,
    ),
  )}
}`
}
