/**
 * The arithmetic of optimizers and landscapes on flat vectors, a dispatch each, scalars read from the device.
 * The lines below say what happens to every value (or quad of values); `result` is the first output.
 */

import type * as tf from '../../tf'
import { rangeOf, valuesAtOnce } from '../../tf/buffers'
import { type Backend, floatType, lanesOf, runFlat, runFlatMany, runOf } from '../shared/program'

interface FlatProgram {
  vectors: readonly string[]
  /** One-element tensors, in the text a float each. */
  scalars: readonly string[]
  /** Further results beside `result`. */
  more?: readonly string[]
  line: string
}

/** `constant` is the one number a program may have baked in its uniforms. */
export const FLAT_PROGRAMS = {
  /** a + constant·b */
  addScaled: { vectors: ['a', 'b'], scalars: [], line: 'result[i] = a[i] + constant * b[i];' },
  /** a + constant·b where mask is 1 */
  addMasked: {
    vectors: ['a', 'b', 'mask'],
    scalars: [],
    line: 'result[i] = a[i] + constant * (b[i] * mask[i]);',
  },
  /** constant·a */
  scale: { vectors: ['a'], scalars: [], line: 'result[i] = a[i] * constant;' },
  /** constant·a + (1 − constant)·b */
  blend: { vectors: ['a', 'b'], scalars: [], line: 'result[i] = a[i] * constant + b[i] * (1.0 - constant);' },
  /** The same with a weight on the device. */
  average: { vectors: ['a', 'b'], scalars: ['d'], line: 'result[i] = b[i] * (1.0 - d) + a[i] * d;' },
  /** a + rho·g/max(norm, constant) */
  perturb: {
    vectors: ['a', 'g'],
    scalars: ['rho', 'norm'],
    line: 'result[i] = a[i] + g[i] * (rho / max(norm, constant));',
  },
  /** Nesterov's momentum, constant its coefficient, the gradient scaled by `factor` first. */
  nesterov: {
    vectors: ['theta', 'momentum', 'g'],
    scalars: ['rate', 'factor'],
    more: ['newMomentum'],
    line: `
    let clipped = g[i] * factor;
    let m = momentum[i] * constant + clipped;
    result[i] = theta[i] - (clipped + m * constant) * rate;
    newMomentum[i] = m;`,
  },
  /** constant·v + (1 − constant)·(factor·g)² */
  meanSquare: {
    vectors: ['v', 'g'],
    scalars: ['factor'],
    line: `
    let clipped = g[i] * factor;
    result[i] = v[i] * constant + clipped * clipped * (1.0 - constant);`,
  },
  /** m = constant·m + factor·g/√(v + 10⁻³), θ − rate·m */
  rmsprop: {
    vectors: ['theta', 'momentum', 'v', 'g'],
    scalars: ['rate', 'factor'],
    more: ['newMomentum'],
    line: `
    let m = momentum[i] * constant + g[i] * factor / sqrt(v[i] + 1e-3);
    result[i] = theta[i] - m * rate;
    newMomentum[i] = m;`,
  },
  /** relu's gradient, y = relu(z) ≥ 0: dy where y > 0 */
  gate: { vectors: ['dy', 'y'], scalars: [], line: 'result[i] = dy[i] * sign(y[i]);' },
  /** a + p·b */
  line: { vectors: ['a', 'b'], scalars: ['p'], line: 'result[i] = a[i] + b[i] * p;' },
  /** a + p·b + q·c */
  plane: {
    vectors: ['a', 'b', 'c'],
    scalars: ['p', 'q'],
    line: 'result[i] = a[i] + b[i] * p + c[i] * q;',
  },
} as const satisfies Record<string, FlatProgram>

export type FlatName = keyof typeof FLAT_PROGRAMS

/**
 * Runs one of the programs over vectors of one length.
 * @param atOnce how many values may be bound, a multiple of RANGE_STEP
 */
export function runFlatProgram(
  backend: Backend,
  name: FlatName,
  inputs: Record<string, tf.TensorInfo>,
  constant: number,
  atOnce = valuesAtOnce(backend),
): tf.TensorInfo[] {
  const program: FlatProgram = FLAT_PROGRAMS[name]
  const { shape } = inputs[program.vectors[0]]
  const size = shape.reduce((a, b) => a * b, 1)
  if (size <= atOnce) return launch(backend, name, program, inputs, constant, shape, size)
  const outputs = ['result', ...(program.more ?? [])].map(() => backend.makeTensorInfo(shape, 'float32'))
  for (let first = 0; first < size; first += atOnce) {
    const count = Math.min(atOnce, size - first)
    const part = (tensor: tf.TensorInfo) => rangeOf(backend, tensor, first, count)
    const parts = Object.fromEntries(program.vectors.map((vector) => [vector, part(inputs[vector])]))
    const into = outputs.map(part)
    launch(backend, name, program, { ...inputs, ...parts }, constant, [count], count, into)
    for (const view of [...Object.values(parts), ...into]) backend.disposeData(view.dataId)
  }
  return outputs
}

function launch(
  backend: Backend,
  name: FlatName,
  program: FlatProgram,
  inputs: Record<string, tf.TensorInfo>,
  constant: number,
  shape: number[],
  size: number,
  into: tf.TensorInfo[] = [],
): tf.TensorInfo[] {
  const lanes = lanesOf(size)
  const run = runOf(backend, lanes)
  return runFlatMany(backend, {
    key: `flat_${name}_${lanes}`,
    inputs: [
      ...program.vectors.map((vector) => ({ name: vector, tensor: inputs[vector], lanes })),
      ...program.scalars.map((scalar) => ({ name: `${scalar}_`, tensor: inputs[scalar], lanes: 1 as const })),
    ],
    outShape: shape,
    outLanes: lanes,
    into: into[0],
    moreOutputs: program.more?.map((output, i) => ({ name: output, shape, lanes, into: into[i + 1] })),
    uniforms: { count: size / lanes, run },
    scale: constant,
    threads: Math.ceil(size / lanes / run),
    code: `
fn main(thread : i32) {
  let constant = uniforms.scale;
  ${program.scalars.map((scalar) => `let ${scalar} = ${scalar}_[0];`).join('\n  ')}
  for (var i = thread * uniforms.run; i < min((thread + 1) * uniforms.run, uniforms.count); i++) {
    ${program.line}
  }
}`,
  })
}

/** The first stage of the norm: enough invocations for any device, few enough to be summed by one. */
const NORM_THREADS = 512

/**
 * ‖v‖₂ and what clipping to norm `limit` makes of it (0: no clipping): [norm, factor, norm after clipping], scalars.
 * factor = limit/max(norm, limit) is exactly 1 below the limit, so that a short gradient keeps its bits.
 */
export function clippedNorm(
  backend: Backend,
  v: tf.TensorInfo,
  limit: number,
  atOnce = valuesAtOnce(backend),
): tf.TensorInfo[] {
  const size = v.shape.reduce((a, b) => a * b, 1)
  const parts = Math.ceil(size / atOnce)
  const partial = backend.makeTensorInfo([parts * NORM_THREADS], 'float32')
  for (let part = 0; part < parts; part++) {
    const count = Math.min(atOnce, size - part * atOnce)
    const range = parts === 1 ? v : rangeOf(backend, v, part * atOnce, count)
    const lanes = lanesOf(count)
    runFlat(backend, {
      key: `squares_${lanes}`,
      inputs: [{ name: 'v', tensor: range, lanes }],
      outShape: partial.shape,
      outLanes: 1,
      into: partial,
      uniforms: { count: count / lanes, first: part * NORM_THREADS },
      threads: NORM_THREADS,
      code: `
fn main(thread : i32) {
  if (thread >= ${NORM_THREADS}) { return; }
  var sum = ${floatType(lanes)}(0.0);
  for (var i = thread; i < uniforms.count; i += ${NORM_THREADS}) { sum += v[i] * v[i]; }
  result[uniforms.first + thread] = ${lanes === 4 ? 'dot(sum, vec4<f32>(1.0))' : 'sum'};
}`,
    })
    if (range !== v) backend.disposeData(range.dataId)
  }
  const outputs = runFlatMany(backend, {
    key: 'clippedNorm',
    inputs: [{ name: 'partial', tensor: partial, lanes: 4 }],
    outShape: [],
    outLanes: 1,
    moreOutputs: [
      { name: 'factor', shape: [], lanes: 1 },
      { name: 'clipped', shape: [], lanes: 1 },
    ],
    uniforms: { count: (parts * NORM_THREADS) / 4 },
    scale: limit,
    threads: 1,
    code: `
fn main(thread : i32) {
  if (thread > 0) { return; }
  var sum = vec4<f32>(0.0);
  for (var i = 0; i < uniforms.count; i++) { sum += partial[i]; }
  let norm = sqrt(dot(sum, vec4<f32>(1.0)));
  let limit = uniforms.scale;
  // A norm that is not a number must not be clipped into one.
  let scale = select(1.0, limit / select(limit, norm, norm > limit), limit > 0.0);
  let isNumber = norm == norm;
  result[0] = norm;
  factor[0] = select(norm, scale, isNumber);
  clipped[0] = select(norm, norm * scale, isNumber);
}`,
  })
  backend.disposeData(partial.dataId)
  return outputs
}
