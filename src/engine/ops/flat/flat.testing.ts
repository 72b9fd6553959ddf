/** Flat programs on random vectors: what both forms make of them. */
import type { RandomStream } from '../../../base/random'
import * as tf from '../../tf'
import { normals } from '../shared/convolution.testing'
import type { Backend } from '../shared/program'
import type { FlatProgram } from './flat'
import { evaluate } from './forms'
import { runFlatProgram } from './webgpu'

export type Inputs = Record<string, Float32Array>

/** Vectors of this length and scalars; `draw` makes the values of a vector where normal ones are not fit for it. */
export function inputsFor(
  random: RandomStream,
  { vectors, scalars }: FlatProgram,
  size: number,
  draw: Record<string, (drawn: Float32Array) => Float32Array> = {},
): Inputs {
  const inputs: Inputs = {}
  for (const vector of vectors) {
    const drawn = normals(random, size)
    inputs[vector] = draw[vector]?.(drawn) ?? drawn
  }
  for (const scalar of scalars) inputs[scalar] = new Float32Array([0.1 + random.uniform()])
  return inputs
}

/**
 * Every result of the compiled kernel and of the tfjs ops.
 * @param atOnce values that the kernel may bind; absent: all
 */
export async function bothForms(program: FlatProgram, inputs: Inputs, constant: number, atOnce?: number) {
  const tensors: Record<string, tf.Tensor> = {}
  for (const name of program.vectors) tensors[name] = tf.tensor1d(inputs[name])
  for (const name of program.scalars) tensors[name] = tf.scalar(inputs[name][0])
  const compiled = runFlatProgram(tf.backend() as Backend, program, tensors, constant, atOnce).map((info) =>
    tf.engine().makeTensorFromTensorInfo(info),
  )
  const evaluated = evaluate(program.results, tensors, constant)
  const read = async (results: tf.Tensor[]) => {
    const values: Float32Array[] = []
    for (const result of results) values.push((await result.data()) as Float32Array)
    return values
  }
  const both = { compiled: await read(compiled), evaluated: await read(evaluated) }
  tf.dispose([...Object.values(tensors), ...compiled, ...evaluated])
  return both
}
