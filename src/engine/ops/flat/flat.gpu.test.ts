/** The two forms of flat programs, compiled and by tfjs ops, on formulas drawn at random. */
import { expect, it } from 'vitest'
import { type RandomStream, randomStream } from '../../../base/random'
import { onWebGpu } from '../../gpu.testing'
import * as tf from '../../tf'
import { relativeError } from '../shared/convolution.testing'
import type { Value } from './expression'
import { flatProgram, flatPrograms } from './flat'
import { bothForms, inputsFor } from './flat.testing'

onWebGpu()

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
    ]
    made.push(ways[random.int(ways.length)]())
  }
  // A result differs from value to value.
  return [made.at(-1)!.plus(leaves[0]), made.at(-2)!.minus(leaves[0])]
}

it('agree on 60 formulas, whole and in ranges', async () => {
  const random = randomStream(51, 'init')
  for (let turn = 0; turn < 60; turn++) {
    const name = `drawn${turn}`
    flatProgram({ name, vectors: ['a', 'b'], scalars: ['s'] }, ({ a, b, s }, k) => {
      const [one, other] = drawn(random, [a, b, s, k], 2 + random.int(6))
      return { one, other }
    })
    const program = flatPrograms.get(name)!
    for (const size of [1 + random.int(300), 4 * (1 + random.int(100))]) {
      const atOnce = turn % 3 === 0 ? 64 * (1 + random.int(3)) : undefined
      const { compiled, evaluated } = await bothForms(program, inputsFor(random, program, size), 0.9, atOnce)
      compiled.forEach((values, k) => {
        expect(relativeError(values, evaluated[k]), `${name}, ${size} values, result ${k}`).toBeLessThan(1e-5)
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
