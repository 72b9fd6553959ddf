/** Every formula that training and landscapes are made of: both its forms against the same in double precision. */
import { expect, it } from 'vitest'
import { type RandomStream, randomStream } from '../../base/random'
import { flatPrograms } from '../../engine/ops/flat/flat'
import { bothForms, inputsFor, type RunFlat } from '../../engine/ops/flat/flat.testing'
import { relativeError } from '../../engine/ops/shared/convolution.testing'
import '../landscape/curvature/krylov'
import '../landscape/curvature/objective'
import '../landscape/measures/curve'
import '../landscape/slice'
import '../models/registry'
import '../step/accumulated'
import '../step/step'

/** T of ASAM */
const size = (theta: number, sized: number, eta: number) => sized * (Math.abs(theta) + eta) + 1 - sized
const bounded = (norm: number) => Math.max(norm, 1e-12)

/** What happens to one value; the results in their order. */
const EXPECTED: Record<string, (v: Record<string, number>, k: number) => number[]> = {
  accumulate: ({ sum, g, share }) => [sum + g * share],
  average: ({ average, now, d }) => [d * average + (1 - d) * now],
  bendUpdate: ({ bend, momentum, gradient, rate, share }) => {
    const m = 0.9 * momentum + share * gradient
    return [bend - rate * m, m]
  },
  blend: ({ before, batch }, k) => [k * before + (1 - k) * batch],
  climbedBySize: ({ theta, u, sized, rho, norm }, k) => [
    theta + ((u * rho) / bounded(norm)) * size(theta, sized, k),
  ],
  curvatureDecay: ({ v }, k) => [k * v],
  curvatureDecayWhere: ({ v, mask }, k) => [k * mask * v],
  curve: ({ from, bend, to, a, b, c }) => [a * from + b * bend + c * to],
  decayed: ({ g, theta }, k) => [g + k * theta],
  decayedWhere: ({ g, theta, mask }, k) => [g + k * theta * mask],
  gapNarrowed: ({ g, s, dot, norm }, k) => [s - k * (g - (dot / norm ** 2) * s)],
  gate: ({ dy, y }) => [y > 0 ? dy : 0],
  heavyBall: ({ theta, momentum, g, rate, factor }, k) => {
    const m = k * momentum + factor * g
    return [theta - rate * m, m]
  },
  krylovDiagonal: ({ diagonal, v, next, alpha, beta }) => [diagonal + alpha * v * v + 2 * beta * v * next],
  line: ({ theta, d, p }) => [theta + p * d],
  meanSquare: ({ v, g, factor }, k) => [k * v + (1 - k) * (factor * g) ** 2],
  movedBySize: ({ theta, v, sized }, k) => [theta + size(theta, sized, k) * v],
  nesterov: ({ theta, momentum, g, rate, factor }, k) => {
    const m = k * momentum + factor * g
    return [theta - rate * (factor * g + k * m), m]
  },
  only: ({ g, norms }) => [g * norms],
  partAcross: ({ s, g, dot, norm }) => [s - (dot / norm ** 2) * g],
  particular: ({ g, m, lambda }, k) => [g - k * m, lambda * m + (1 - lambda) * g],
  perturb: ({ theta, g, rho, norm }, k) => [theta + (rho * g) / Math.max(norm, k)],
  plane: ({ theta, d, e, p, q }) => [theta + p * d + q * e],
  reused: ({ g, v, norm, normOfPart }, k) => [g + ((k * norm) / bounded(normOfPart)) * v],
  rmsprop: ({ theta, momentum, v, g, rate, factor }, k) => {
    const m = k * momentum + (factor * g) / Math.sqrt(v + 1e-3)
    return [theta - rate * m, m]
  },
  scale: ({ a }, k) => [k * a],
  scaledBySize: ({ theta, g, sized }, k) => [size(theta, sized, k) * g],
  stride: ({ u, rho, norm }, k) => [(u * k * rho) / bounded(norm)],
  sum: ({ a, b }) => [a + b],
  walked: ({ a, b }) => [a + b],
  within: ({ delta, rho, norm }) => [(delta * rho) / Math.max(norm, rho)],
}

const mask = (x: Float32Array) => x.map((value) => (value > 0 ? 1 : 0))
const FIT = {
  mask,
  norms: mask,
  sized: mask,
  v: (x: Float32Array) => x.map(Math.abs),
  y: (x: Float32Array) => x.map((value) => Math.max(value, 0)),
}

/** @param runOf how the backend runs a program on the given turn */
export function formulaTests(runOf: (turn: number, random: RandomStream) => RunFlat): void {
  it('are all here', () => {
    const ours = [...flatPrograms.keys()].filter((name) => !name.endsWith(' of the test'))
    expect(ours.sort()).toEqual(Object.keys(EXPECTED))
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
