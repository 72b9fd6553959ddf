/** Every formula that training and landscapes are made of: both its forms against the same in double precision. */
import { expect, it } from 'vitest'
import { type RandomStream, randomStream } from '../../base/random'
import { flatPrograms } from '../../engine/ops/flat/flat'
import { bothForms, inputsFor, type RunFlat } from '../../engine/ops/flat/flat.testing'
import { relativeError } from '../../engine/ops/shared/convolution.testing'
import '../landscape/slice'
import '../models/registry'
import '../step/step'

/** What happens to one value; the results in their order. */
const EXPECTED: Record<string, (v: Record<string, number>, k: number) => number[]> = {
  average: ({ average, now, d }) => [d * average + (1 - d) * now],
  blend: ({ before, batch }, k) => [k * before + (1 - k) * batch],
  decayed: ({ g, theta }, k) => [g + k * theta],
  decayedWhere: ({ g, theta, mask }, k) => [g + k * theta * mask],
  gate: ({ dy, y }) => [y > 0 ? dy : 0],
  line: ({ theta, d, p }) => [theta + p * d],
  meanSquare: ({ v, g, factor }, k) => [k * v + (1 - k) * (factor * g) ** 2],
  nesterov: ({ theta, momentum, g, rate, factor }, k) => {
    const m = k * momentum + factor * g
    return [theta - rate * (factor * g + k * m), m]
  },
  perturb: ({ theta, g, rho, norm }, k) => [theta + (rho * g) / Math.max(norm, k)],
  plane: ({ theta, d, e, p, q }) => [theta + p * d + q * e],
  rmsprop: ({ theta, momentum, v, g, rate, factor }, k) => {
    const m = k * momentum + (factor * g) / Math.sqrt(v + 1e-3)
    return [theta - rate * m, m]
  },
  scale: ({ a }, k) => [k * a],
  sum: ({ a, b }) => [a + b],
}

const FIT = {
  mask: (x: Float32Array) => x.map((value) => (value > 0 ? 1 : 0)),
  v: (x: Float32Array) => x.map(Math.abs),
  y: (x: Float32Array) => x.map((value) => Math.max(value, 0)),
}

/** @param runOf how the backend runs a program on the given turn */
export function formulaTests(runOf: (turn: number, random: RandomStream) => RunFlat): void {
  it('are all here', () => {
    expect([...flatPrograms.keys()].sort()).toEqual(Object.keys(EXPECTED))
  })

  it.each(Object.keys(EXPECTED))('%s at 60 lengths', async (name) => {
    const program = flatPrograms.get(name)!
    const random = randomStream(51, 'init')
    for (let turn = 0; turn < 60; turn++) {
      const size = 1 + random.int(turn % 10 === 0 ? 3000 : 300)
      const inputs = inputsFor(random, program, size, FIT)
      const run = runOf(turn, random)
      const { compiled, evaluated } = await bothForms(run, program, inputs, 0.9)
      const expected = compiled.map(() => new Float64Array(size))
      for (let i = 0; i < size; i++) {
        const at = Object.fromEntries(
          Object.entries(inputs).map(([key, v]) => [key, program.scalars.includes(key) ? v[0] : v[i]]),
        )
        EXPECTED[name](at, 0.9).forEach((value, k) => {
          expected[k][i] = value
        })
      }
      for (const results of [compiled, evaluated]) {
        results.forEach((values, k) => {
          expect(relativeError(values, expected[k]), `${size} values, result ${k}`).toBeLessThan(1e-5)
        })
      }
    }
  })
}
