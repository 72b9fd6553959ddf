/** A flat program as a dispatch, scalars read from the device; vectors longer than a binding in ranges. */

import type * as tf from '../../tf'
import { rangeOf, valuesAtOnce } from '../../tf/buffers'
import { type Backend, lanesOf, runFlatMany, runOf } from '../shared/program'
import type { FlatProgram } from './flat'
import { arrayName, outputName, valueName, wgslOf } from './forms'

type Inputs = Record<string, tf.TensorInfo>

/**
 * Runs a program over vectors of one length.
 * @param atOnce how many values may be bound, a multiple of RANGE_STEP
 * @returns the results in their order
 */
export function runFlatProgram(
  backend: Backend,
  program: FlatProgram,
  inputs: Inputs,
  constant: number,
  atOnce = valuesAtOnce(backend),
): tf.TensorInfo[] {
  const { vectors, results } = program
  const { shape } = inputs[vectors[0]]
  const size = shape.reduce((a, b) => a * b, 1)
  if (size <= atOnce) return launch(backend, program, inputs, constant, shape, size)
  const outputs = results.map(() => backend.makeTensorInfo(shape, 'float32'))
  for (let first = 0; first < size; first += atOnce) {
    const count = Math.min(atOnce, size - first)
    const part = (tensor: tf.TensorInfo) => rangeOf(backend, tensor, first, count)
    const parts = Object.fromEntries(vectors.map((vector) => [vector, part(inputs[vector])]))
    const into = outputs.map(part)
    launch(backend, program, { ...inputs, ...parts }, constant, [count], count, into)
    for (const view of [...Object.values(parts), ...into]) backend.disposeData(view.dataId)
  }
  return outputs
}

function launch(
  backend: Backend,
  { name, vectors, scalars, results }: FlatProgram,
  inputs: Inputs,
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
      ...vectors.map((vector) => ({ name: arrayName(vector), tensor: inputs[vector], lanes })),
      ...scalars.map((scalar) => ({ name: arrayName(scalar), tensor: inputs[scalar], lanes: 1 as const })),
    ],
    outShape: shape,
    outLanes: lanes,
    into: into[0],
    moreOutputs: results
      .slice(1)
      .map((_, k) => ({ name: outputName(k + 1), shape, lanes, into: into[k + 1] })),
    uniforms: { count: size / lanes, run },
    scale: constant,
    threads: Math.ceil(size / lanes / run),
    code: `
fn main(thread : i32) {
  let constant = uniforms.scale;
  ${scalars.map((scalar) => `let ${valueName(scalar)} = ${arrayName(scalar)}[0];`).join('\n  ')}
  for (var i = thread * uniforms.run; i < min((thread + 1) * uniforms.run, uniforms.count); i++) {
    ${wgslOf(results, lanes)}
  }
}`,
  })
}
