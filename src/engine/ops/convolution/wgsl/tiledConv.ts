/**
 * Convolution and its input gradient as implicit matrix products in tiles (tile.ts): rows are result pixels, columns
 * result channels, and the inner sum runs over the filter's taps and, for each, over the source's channels.
 *
 * Forwards the filter's rows run over the result's channels: a quad of them is multiplied by one source channel at a
 * time. Backwards they run over the source's: result and filter meet in dot products of quads.
 */
import { halfKey, isHalf } from '../../halves/webgpu'
import type { ConvKernel } from '../../shared/callKernels'
import { type Lanes, lanesOf, runFlat, storedType, unroll, widened } from '../../shared/program'
import { carried, columnsOf, eachCarried, rowsOf, type Tile, workgroupOf } from '../../shared/tile'
import { backwardWalk, type Direction, forwardWalk, phaseSize, resultScale, walkFlops } from './convWalk'

/** y = x ∗ w, x [N, H, W, Ci], or ∂⟨dy, x ∗ w⟩/∂x, dy [N, H', W', Co]; w [kh, kw, Ci, Co]. */
export const tiledConv =
  (direction: Direction, tile: Tile): ConvKernel =>
  (backend, [source, filter], s) => {
    const walk = direction === 'forward' ? forwardWalk(s) : backwardWalk(s)
    const half = isHalf(source)
    const { batch, sourceChannels, targetChannels, ...vectors } = walk
    const { goal, phases, kernel } = walk
    const sourceLanes = lanesOf(sourceChannels)
    const filterLanes = direction === 'forward' ? lanesOf(targetChannels) : sourceLanes
    const perPhase = phaseSize(walk)
    const count = batch * perPhase[0] * perPhase[1]
    const tiles: [number, number] = [
      Math.ceil(count / rowsOf(tile)),
      Math.ceil(targetChannels / columnsOf(tile)),
    ]
    const resultLanes = direction === 'forward' ? filterLanes : 1
    return runFlat(backend, {
      key: `tiled_${direction}_${tile.threads.join('x')}_${tile.each.join('x')}x${tile.depth}_${sourceLanes}${filterLanes}${halfKey(half)}`,
      inputs: [
        { name: 'source', tensor: source, lanes: sourceLanes, half },
        { name: 'filter_', tensor: filter, lanes: filterLanes, half },
      ],
      outShape: [batch, goal[0], goal[1], targetChannels],
      outLanes: resultLanes,
      uniforms: {
        ...vectors,
        phaseSize: perPhase,
        taps: [Math.ceil(kernel[0] / phases[0]), Math.ceil(kernel[1] / phases[1])],
        sourceChannels,
        targetChannels,
        count,
        tiles,
      },
      scale: resultScale(half, direction, s),
      workgroup: workgroupOf(tile),
      threads: phases[0] * phases[1] * tiles[0] * tiles[1] * workgroupOf(tile),
      flops: walkFlops(direction, walk),
      code: text(direction, tile, sourceLanes, filterLanes, half),
    })
  }

function text(direction: Direction, tile: Tile, source: Lanes, filter: Lanes, half: boolean): string {
  const isForward = direction === 'forward'
  const { threads, each, depth } = tile
  const [rows, columns] = [rowsOf(tile), columnsOf(tile)]
  const quads = depth / 4
  const step = isForward ? '+' : '-'
  const scaled = half ? ' * uniforms.scale' : ''
  return `
// [quad of source channels][pixel]
var<workgroup> left : array<${storedType(4, half)}, ${rows * quads}>;
// ${isForward ? '[source channel][quad of result channels]' : '[quad of source channels][result channel]'}
var<workgroup> right : array<${storedType(4, half)}, ${columns * quads}>;
${sourceReader(source, half)}
${filterReader(direction, filter, half)}
${isForward ? quadWriter(filter) : ''}
struct Place { image : i32, pixel : vec2<i32>, isThere : bool }
fn placeOf(flat : i32, phase : vec2<i32>) -> Place {
  let perImage = uniforms.phaseSize.x * uniforms.phaseSize.y;
  let rest = flat % perImage;
  let pixel = phase + uniforms.phases * vec2<i32>(rest / uniforms.phaseSize.y, rest % uniforms.phaseSize.y);
  return Place(flat / perImage, pixel, flat < uniforms.count && all(pixel < uniforms.goal));
}
fn main(thread : i32) {
  let local = thread % ${workgroupOf(tile)};
  let group = thread / ${workgroupOf(tile)};
  let perPhase = uniforms.tiles.x * uniforms.tiles.y;
  let phaseIndex = group / perPhase;
  let phase = vec2<i32>(phaseIndex / uniforms.phases.y, phaseIndex % uniforms.phases.y);
  // Workgroups too many go through the same barriers.
  let isReal = phaseIndex < uniforms.phases.x * uniforms.phases.y;
  let firstPixel = (group % perPhase) / uniforms.tiles.y * ${rows};
  let firstChannel = group % uniforms.tiles.y * ${columns};
  let firstTap = (phase + uniforms.shift) % uniforms.phases;
  let row = local / ${threads[1]};
  let column = local % ${threads[1]};
  // Of the pixels that this invocation carries: the image (−1: none) and where the walk over the taps begins.
  var images : array<i32, ${carried(tile, rows * quads)}>;
  var corners : array<vec2<i32>, ${carried(tile, rows * quads)}>;
  ${eachCarried(
    tile,
    rows * quads,
    `
    let place = placeOf(firstPixel + at / ${quads}, phase);
    images[i] = select(-1, place.image, isReal && place.isThere);
    corners[i] = (place.pixel * uniforms.pace + uniforms.shift - firstTap) / uniforms.phases;`,
  )}
  ${unroll(each[0], (m) => unroll(isForward ? each[1] / 4 : each[1], (n) => `var sum${m}_${n} = ${isForward ? 'vec4<f32>(0.0)' : '0.0'};`))}
  for (var ky = 0; ky < uniforms.taps.x; ky++) {
    for (var kx = 0; kx < uniforms.taps.y; kx++) {
      let tap = firstTap + vec2<i32>(ky, kx) * uniforms.phases;
      let isTap = isReal && all(tap < uniforms.kernel);
      let tapIndex = tap.x * uniforms.kernel.y + tap.y;
      for (var c = 0; c < uniforms.sourceChannels; c += ${depth}) {
        ${eachCarried(
          tile,
          rows * quads,
          `
          let tapAt = corners[i] ${step} vec2<i32>(ky, kx);
          let isInside = isTap && images[i] >= 0 && all(tapAt >= vec2<i32>(0)) && all(tapAt < uniforms.source);
          let pixel = (images[i] * uniforms.source.x + tapAt.x) * uniforms.source.y + tapAt.y;
          left[at % ${quads} * ${rows} + at / ${quads}] = readSource(isInside, pixel, c + at % ${quads} * 4);`,
        )}
        ${eachCarried(
          tile,
          columns * quads,
          isForward
            ? `right[at] = readFilter(isTap, tapIndex, c + at / ${columns / 4}, firstChannel + at % ${columns / 4} * 4);`
            : `right[at % ${quads} * ${columns} + at / ${quads}] = readFilter(isTap, tapIndex, c + at % ${quads} * 4, firstChannel + at / ${quads});`,
        )}
        workgroupBarrier();
        for (var k = 0; k < ${quads}; k++) {
          ${unroll(each[0], (m) => `let a${m} = ${widened(`left[k * ${rows} + row + ${m * threads[0]}]`, 4, half)};`)}
          ${isForward ? multiplyForward(tile, half) : multiplyBackward(tile, half)}
        }
        workgroupBarrier();
      }
    }
  }
  ${unroll(
    each[0],
    (m) => `
  {
    let place = placeOf(firstPixel + row + ${m * threads[0]}, phase);
    if (isReal && place.isThere) {
      let at = ((place.image * uniforms.goal.x + place.pixel.x) * uniforms.goal.y + place.pixel.y) * uniforms.targetChannels;
      ${isForward ? writeQuads(tile, m, scaled) : writeValues(tile, m, scaled)}
    }
  }`,
  )}
}`
}

/** Four source channels times a row of quads each. */
function multiplyForward({ threads, each }: Tile, half: boolean): string {
  const quads = threads[1] * (each[1] / 4)
  return unroll(
    4,
    (lane) => `
          {
            ${unroll(each[1] / 4, (n) => `let b${n} = ${widened(`right[(k * 4 + ${lane}) * ${quads} + column + ${n * threads[1]}]`, 4, half)};`)}
            ${unroll(each[0], (m) => unroll(each[1] / 4, (n) => `sum${m}_${n} += a${m}[${lane}] * b${n};`))}
          }`,
  )
}

function multiplyBackward(tile: Tile, half: boolean): string {
  const { threads, each } = tile
  return unroll(
    each[1],
    (n) => `
          {
            let b = ${widened(`right[k * ${columnsOf(tile)} + column + ${n * threads[1]}]`, 4, half)};
            ${unroll(each[0], (m) => `sum${m}_${n} += dot(a${m}, b);`)}
          }`,
  )
}

function writeQuads({ threads, each }: Tile, m: number, scaled: string): string {
  return unroll(
    each[1] / 4,
    (n) => `writeQuad(at, firstChannel + (column + ${n * threads[1]}) * 4, sum${m}_${n}${scaled});`,
  )
}

/** Results of a pixel that begins at `at`, from channel t on; those beyond the last channel are dropped. */
const quadWriter = (lanes: Lanes) =>
  lanes === 4
    ? `
fn writeQuad(at : i32, t : i32, values : vec4<f32>) {
  if (t < uniforms.targetChannels) { result[(at + t) / 4] = values; }
}`
    : `
fn writeQuad(at : i32, t : i32, values : vec4<f32>) {
  for (var lane = 0; lane < min(4, uniforms.targetChannels - t); lane++) { result[at + t + lane] = values[lane]; }
}`

function writeValues({ threads, each }: Tile, m: number, scaled: string): string {
  return unroll(each[1], (n) => {
    const channel = `firstChannel + column + ${n * threads[1]}`
    return `if (${channel} < uniforms.targetChannels) { result[at + ${channel}] = sum${m}_${n}${scaled}; }`
  })
}

/** A quad of a pixel's channels from channel c on; zeros beside the image and beyond the last channel. */
function sourceReader(lanes: Lanes, half: boolean): string {
  const quad = storedType(4, half)
  return lanes === 4
    ? `
fn readSource(isInside : bool, pixel : i32, c : i32) -> ${quad} {
  if (!isInside || c >= uniforms.sourceChannels) { return ${quad}(0.0); }
  return source[(pixel * uniforms.sourceChannels + c) / 4];
}`
    : `
fn readSource(isInside : bool, pixel : i32, c : i32) -> ${quad} {
  var values = ${quad}(0.0);
  if (!isInside) { return values; }
  let at = pixel * uniforms.sourceChannels + c;
  for (var lane = 0; lane < min(4, uniforms.sourceChannels - c); lane++) { values[lane] = source[at + lane]; }
  return values;
}`
}

/** A quad along the filter's rows at source channel c and result channel t; zeros beyond. */
function filterReader(direction: Direction, lanes: Lanes, half: boolean): string {
  const quad = storedType(4, half)
  const isForward = direction === 'forward'
  const at = isForward
    ? '(tap * uniforms.sourceChannels + c) * uniforms.targetChannels + t'
    : '(tap * uniforms.targetChannels + t) * uniforms.sourceChannels + c'
  const beyond = '!isTap || c >= uniforms.sourceChannels || t >= uniforms.targetChannels'
  const left = isForward ? 'uniforms.targetChannels - t' : 'uniforms.sourceChannels - c'
  return lanes === 4
    ? `
fn readFilter(isTap : bool, tap : i32, c : i32, t : i32) -> ${quad} {
  if (${beyond}) { return ${quad}(0.0); }
  return filter_[(${at}) / 4];
}`
    : `
fn readFilter(isTap : bool, tap : i32, c : i32, t : i32) -> ${quad} {
  var values = ${quad}(0.0);
  if (${beyond}) { return values; }
  let at = ${at};
  for (var lane = 0; lane < min(4, ${left}); lane++) { values[lane] = filter_[at + lane]; }
  return values;
}`
}
