/**
 * A dense layer's three products without barriers or workgroup memory, for CPU adapters:
 *     y = act(x·W + b)      dx = dy·Wᵀ      dW = xᵀ·dy
 *
 * Parallelism: an invocation owns 4 × 8 results in registers. Four neighbouring invocations (a quad) own results that
 * need the same values of one operand: each loads a quarter of them and hands it round, since there a load costs as
 * much as tens of multiplications. Sizes are uniforms; small tiles keep the text short, so that it compiles fast.
 */
import type * as tf from '../../tf'
import { type Inputs, type Kernels, webGpuKernel } from '../../tf/kernels'
import { gradientScale } from '../halves/halves'
import { halfKey, isHalf } from '../halves/webgpu'
import { onePixel } from '../matMul/calls'
import { type Backend, type Lanes, lanesOf, runFlat, unroll, widened } from '../shared/program'
import { DENSE, DENSE_INPUT, DENSE_WEIGHTS, type DenseActivation, type DenseSizes } from './dense'

/** Rows of 4 values (or 4 rows), and quads of columns, an invocation. */
const ROWS = 4
const BLOCKS = 2

const eachRow = (line: (p: number) => string) => unroll(ROWS, line)
const eachBlock = (line: (o: number) => string) => unroll(BLOCKS, line)
const eachLane = (line: (lane: number) => string) => unroll(4, line)

/**
 * `NAME_at(row, quad)`: four neighbouring values of a row of the matrix [`height`, `width`]. Rows beyond the last and
 * values beyond the row read as others of the matrix, or as 0 where `zeros` says so.
 */
function reader(
  { name, lanes, half }: { name: string; lanes: Lanes; half: boolean },
  width: string,
  height: string,
  zeros: boolean,
): string {
  const clamped = (value: string) =>
    zeros ? `select(0.0, ${value}, row < ${height} && c < ${width})` : value
  const body =
    lanes === 4
      ? `let value = ${widened(`${name}[r * (${width} / 4) + quad]`, 4, half)};
  return ${zeros ? `select(vec4<f32>(0.0), value, row < ${height} && quad * 4 < ${width})` : 'value'};`
      : `var values : vec4<f32>;
  for (var lane = 0; lane < 4; lane++) {
    let c = quad * 4 + lane;
    values[lane] = ${clamped(widened(`${name}[r * ${width} + min(c, ${width} - 1)]`, 1, half))};
  }
  return values;`
  return `
fn ${name}_at(row : i32, quad : i32) -> vec4<f32> {
  let r = min(row, ${height} - 1);
  ${body}
}`
}

/** `write(row, quad, values)` into the result, [`height`, `width`]; what lies outside is dropped. */
function writer(lanes: Lanes, width: string, height: string): string {
  return `
fn write(row : i32, quad : i32, values : vec4<f32>) {
  if (row >= ${height}) { return; }
  ${
    lanes === 4
      ? `if (quad < ${width} / 4) { result[row * (${width} / 4) + quad] = values; }`
      : `for (var lane = 0; lane < 4; lane++) {
    let c = quad * 4 + lane;
    if (c < ${width}) { result[row * ${width} + c] = values[lane]; }
  }`
  }
}`
}

const DIRECTIVES = 'enable subgroups;\ndiagnostic(off, subgroup_uniformity);'

/**
 * Where an invocation's tile lies: `tile` counts along what differs within a quad, `block` along what all of it share.
 * Whole quads stay or go.
 */
const PLACE = `
  if (thread >= uniforms.tiles * uniforms.groups) { return; }
  let lane = thread % 4;
  let tile = thread % uniforms.tiles;
  let block = thread / uniforms.tiles * ${BLOCKS};`

/** Tiles in whole quads, and groups of blocks that make up `quads`. */
function geometry(tiles: number, quads: number) {
  const wholeTiles = Math.ceil(tiles / 4) * 4
  const groups = Math.ceil(quads / BLOCKS)
  return { uniforms: { tiles: wholeTiles, groups }, threads: wholeTiles * groups }
}

const quadsOf = (n: number) => Math.ceil(n / 4)

/** What undoes the scale of a gradient in halves. */
const gradientFactor = (half: boolean, rows: number) =>
  half ? 1 / gradientScale(onePixel(rows, 1, 1)) : undefined

/** x [N, I], w [I, O], bias [O] → act(x·w + bias) [N, O]. */
export function denseForward(
  backend: Backend,
  { x, w, bias }: Record<'x' | 'w' | 'bias', tf.TensorInfo>,
  { rows, depth, columns }: DenseSizes,
  activation: DenseActivation,
): tf.TensorInfo {
  const half = isHalf(x)
  const [xLanes, wLanes] = [lanesOf(depth), lanesOf(columns)]
  const { uniforms, threads } = geometry(Math.ceil(rows / ROWS), quadsOf(columns))
  return runFlat(backend, {
    key: `dense_${activation}_${xLanes}${wLanes}${halfKey(half)}`,
    inputs: [
      { name: 'x', tensor: x, lanes: xLanes, half },
      { name: 'w', tensor: w, lanes: wLanes, half },
      { name: 'bias', tensor: bias, lanes: wLanes },
    ],
    outShape: [rows, columns],
    outLanes: wLanes,
    uniforms: { ...uniforms, rows, depth, columns },
    threads,
    flops: 2 * rows * depth * columns,
    code: `
${DIRECTIVES}
${reader({ name: 'x', lanes: xLanes, half }, 'uniforms.depth', 'uniforms.rows', true)}
${reader({ name: 'w', lanes: wLanes, half }, 'uniforms.columns', 'uniforms.depth', false)}
${reader({ name: 'bias', lanes: wLanes, half: false }, 'uniforms.columns', '1', false)}
${writer(wLanes, 'uniforms.columns', 'uniforms.rows')}
fn main(thread : i32) {
  ${PLACE}
  let row = tile * ${ROWS};
  let quads = (uniforms.columns + 3) / 4;
  ${eachBlock((o) => `let column${o} = min(block + ${o}, quads - 1);`)}
  ${eachRow((p) => eachBlock((o) => `var sum${p}_${o} = vec4<f32>(0.0);`))}
  let depth = (uniforms.depth + 3) / 4;
  for (var k = 0; k < depth; k++) {
    ${eachRow((p) => `let v${p} = x_at(row + ${p}, k);`)}
    ${eachBlock(
      (o) => `
    let mine${o} = w_at(k * 4 + lane, column${o});
    ${eachLane(
      (lane) => `
    let w${o}_${lane} = quadBroadcast(mine${o}, ${lane}u);
    ${eachRow((p) => `sum${p}_${o} += w${o}_${lane} * v${p}[${lane}];`)}`,
    )}`,
    )}
  }
  ${eachBlock((o) =>
    eachRow((p) => {
      const value = `sum${p}_${o} + bias_at(0, column${o})`
      return `if (block + ${o} < quads) { write(row + ${p}, block + ${o}, ${
        activation === 'relu' ? `max(${value}, vec4<f32>(0.0))` : value
      }); }`
    }),
  )}
}`,
  })
}

/** dy [N, O], w [I, O] → dy·wᵀ [N, I]. */
export function denseInputGradient(
  backend: Backend,
  { dy, w }: Record<'dy' | 'w', tf.TensorInfo>,
  { rows, depth: columns, columns: depth }: DenseSizes,
): tf.TensorInfo {
  const half = isHalf(dy)
  const [lanes, outLanes] = [lanesOf(depth), lanesOf(columns)]
  const { uniforms, threads } = geometry(Math.ceil(rows / ROWS), quadsOf(columns))
  return runFlat(backend, {
    key: `denseInput_${lanes}${outLanes}${halfKey(half)}`,
    inputs: [
      { name: 'dy', tensor: dy, lanes, half },
      { name: 'w', tensor: w, lanes, half },
    ],
    outShape: [rows, columns],
    outLanes,
    uniforms: { ...uniforms, rows, depth, columns },
    scale: gradientFactor(half, rows),
    threads,
    flops: 2 * rows * depth * columns,
    code: `
${DIRECTIVES}
${reader({ name: 'dy', lanes, half }, 'uniforms.depth', 'uniforms.rows', true)}
${reader({ name: 'w', lanes, half }, 'uniforms.depth', 'uniforms.columns', false)}
${writer(outLanes, 'uniforms.columns', 'uniforms.rows')}
fn main(thread : i32) {
  ${PLACE}
  let row = tile * ${ROWS};
  let quads = (uniforms.columns + 3) / 4;
  ${eachRow((p) => eachBlock((o) => `var sum${p}_${o} = vec4<f32>(0.0);`))}
  let depth = (uniforms.depth + 3) / 4;
  for (var k = 0; k < depth; k++) {
    ${eachRow((p) => `let d${p} = dy_at(row + ${p}, k);`)}
    ${eachBlock(
      (o) => `
    let mine${o} = w_at((block + ${o}) * 4 + lane, k);
    ${eachLane(
      (lane) => `
    let w${o}_${lane} = quadBroadcast(mine${o}, ${lane}u);
    ${eachRow((p) => `sum${p}_${o}[${lane}] += dot(d${p}, w${o}_${lane});`)}`,
    )}`,
    )}
  }
  ${eachBlock((o) => eachRow((p) => `if (block + ${o} < quads) { write(row + ${p}, block + ${o}, sum${p}_${o}${half ? ' * uniforms.scale' : ''}); }`))}
}`,
  })
}

/** x [N, I], dy [N, O] → xᵀ·dy [I, O]. */
export function denseWeightGradient(
  backend: Backend,
  { x, dy }: Record<'x' | 'dy', tf.TensorInfo>,
  { rows, depth: height, columns }: DenseSizes,
): tf.TensorInfo {
  const half = isHalf(x)
  const [xLanes, dyLanes] = [lanesOf(height), lanesOf(columns)]
  const { uniforms, threads } = geometry(quadsOf(height), quadsOf(columns))
  return runFlat(backend, {
    key: `denseWeights_${xLanes}${dyLanes}${halfKey(half)}`,
    inputs: [
      { name: 'x', tensor: x, lanes: xLanes, half },
      { name: 'dy', tensor: dy, lanes: dyLanes, half },
    ],
    outShape: [height, columns],
    outLanes: dyLanes,
    uniforms: { ...uniforms, rows, height, columns },
    scale: gradientFactor(half, rows),
    threads,
    flops: 2 * rows * height * columns,
    code: `
${DIRECTIVES}
${reader({ name: 'x', lanes: xLanes, half }, 'uniforms.height', 'uniforms.rows', true)}
${reader({ name: 'dy', lanes: dyLanes, half }, 'uniforms.columns', 'uniforms.rows', true)}
${writer(dyLanes, 'uniforms.columns', 'uniforms.height')}
fn main(thread : i32) {
  ${PLACE}
  let quads = (uniforms.columns + 3) / 4;
  ${eachBlock((o) => `let column${o} = min(block + ${o}, quads - 1);`)}
  let place = min(tile, (uniforms.height + 3) / 4 - 1);
  ${eachRow((i) => eachBlock((o) => `var sum${i}_${o} = vec4<f32>(0.0);`))}
  for (var n = 0; n < uniforms.rows; n += 4) {
    ${eachLane((lane) => `let x${lane} = x_at(n + ${lane}, place);`)}
    ${eachBlock(
      (o) => `
    let mine${o} = dy_at(n + lane, column${o});
    ${eachLane(
      (lane) => `
    let d${o}_${lane} = quadBroadcast(mine${o}, ${lane}u);
    ${eachRow((i) => `sum${i}_${o} += d${o}_${lane} * x${lane}[${i}];`)}`,
    )}`,
    )}
  }
  ${eachBlock((o) =>
    eachRow(
      (i) =>
        `if (block + ${o} < quads) { write(tile * 4 + ${i}, block + ${o}, sum${i}_${o}${half ? ' * uniforms.scale' : ''}); }`,
    ),
  )}
}`,
  })
}

interface DenseAttrs {
  sizes: DenseSizes
  activation: DenseActivation
}

export const webgpu: Kernels = {
  [DENSE]: webGpuKernel((backend, inputs: Inputs<'x' | 'w' | 'bias'>, { sizes, activation }: DenseAttrs) =>
    denseForward(backend, inputs, sizes, activation),
  ),
  [DENSE_INPUT]: webGpuKernel((backend, inputs: Inputs<'dy' | 'w'>, { sizes }: DenseAttrs) =>
    denseInputGradient(backend, inputs, sizes),
  ),
  [DENSE_WEIGHTS]: webGpuKernel((backend, inputs: Inputs<'x' | 'dy'>, { sizes }: DenseAttrs) =>
    denseWeightGradient(backend, inputs, sizes),
  ),
}
