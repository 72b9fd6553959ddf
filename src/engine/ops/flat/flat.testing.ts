/** Flat programs on random vectors: what both forms make of them. */
import { expect, it } from 'vitest'
import { type RandomStream, randomStream } from '../../../base/random'
import * as tf from '../../tf'
import { normals, relativeError } from '../shared/convolution.testing'
import type { Value } from './expression'
import { type FlatProgram, flatProgram, flatPrograms } from './flat'
import { evaluate } from './forms'

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

/** How a backend runs a program. */
export type RunFlat = (
  backend: never,
  program: FlatProgram,
  inputs: Record<string, tf.TensorInfo>,
  constant: number,
) => tf.TensorInfo[]

/** Every result of the compiled kernel, as a backend runs it, and of the tfjs ops. */
export async function bothForms(run: RunFlat, program: FlatProgram, inputs: Inputs, constant: number) {
  const tensors: Record<string, tf.Tensor> = {}
  for (const name of program.vectors) tensors[name] = tf.tensor1d(inputs[name])
  for (const name of program.scalars) tensors[name] = tf.scalar(inputs[name][0])
  const compiled = run(tf.backend() as never, program, tensors, constant).map((info) =>
    tf.engine().makeTensorFromTensorInfo(info),
  )
  const evaluated = evaluate(program.results, tensors, constant)
  const read = (results: tf.Tensor[]) =>
    Promise.all(results.map(async (result) => (await result.data()) as Float32Array))
  const [ofKernel, ofOps] = await Promise.all([read(compiled), read(evaluated)])
  const both = { compiled: ofKernel, evaluated: ofOps }
  tf.dispose([...Object.values(tensors), ...compiled, ...evaluated])
  return both
}

/** A formula of some operations over what is there, with parts that are used again. */
function drawn(random: RandomStream, leaves: readonly Value[], operations: number): Value[] {
  const made = [...leaves]
  const any = () => made[random.int(made.length)]
  for (let k = 0; k < operations; k++) {
    const [a, b] = [any(), any()]
    const ways = [
      () => a.plus(b),
      () => a.minus(b),
      () => a.times(b),
      // Away from zero, where quotients and roots lose all precision.
      () => a.over(b.times(b).plus(1)),
      () => a.atLeast(b),
      () => a.times(a).plus(0.5).sqrt(),
      () => a.times(b.sign()),
      () => a.minus(b.abs()),
    ]
    made.push(ways[random.int(ways.length)]())
  }
  // Every input is read, as in every formula of ours: a kernel binds no other. A result differs from value to value.
  const [vector, other, scalar] = leaves
  return [made.at(-1)!.plus(vector).plus(other.times(scalar)), made.at(-2)!.minus(vector)]
}

/** @param runOf how the backend runs a program on the given turn */
export function flatTests(runOf: (turn: number, random: RandomStream) => RunFlat): void {
  it('agree on 60 formulas', async () => {
    const random = randomStream(51, 'init')
    for (let turn = 0; turn < 60; turn++) {
      const name = `formula ${turn} of the test`
      flatProgram({ name, vectors: ['a', 'b'], scalars: ['s'] }, ({ a, b, s }, k) => {
        const [one, other] = drawn(random, [a, b, s, k], 2 + random.int(6))
        return { one, other }
      })
      const program = flatPrograms.get(name)!
      for (const size of [1 + random.int(300), 4 * (1 + random.int(100)), 900 + random.int(3000)]) {
        const run = runOf(turn, random)
        const { compiled, evaluated } = await bothForms(run, program, inputsFor(random, program, size), 0.9)
        compiled.forEach((values, k) => {
          expect(relativeError(values, evaluated[k]), `${name}, ${size} values, result ${k}`).toBeLessThan(
            1e-5,
          )
        })
      }
    }
  })

  it('a result may be an input: a copy of its own', async () => {
    const copies = flatProgram({ name: 'copies of the test', vectors: ['x'] }, ({ x }) => ({
      same: x,
      root: x.sqrt(),
    }))
    const x = tf.tensor1d([1, 4, 9])
    const { same, root } = copies({ x })
    x.dispose()
    expect([...(await same.data())]).toEqual([1, 4, 9])
    expect([...(await root.data())]).toEqual([1, 2, 3])
    tf.dispose([same, root])
  })
}
