import { describe, expect, it } from 'vitest'
import { EDGE_OPTIMIZERS, type EdgeSettings, samEdge, stabilityEdge } from './edges'

/** |x| after some thousand steps on λx²/2, beside its start. */
function growth(lambda: number, { optimizer, learningRate: eta, momentum: beta }: EdgeSettings): number {
  let [x, m] = [1, 0]
  for (let i = 0; i < 4000 && Math.abs(x) < 1e6; i++) {
    const g = lambda * x
    m = optimizer === 'gd' ? g : beta * m + g
    x -= eta * (optimizer === 'nesterov' ? g + beta * m : m)
  }
  return Math.abs(x)
}

describe('the edge of stability', () => {
  it.each(EDGE_OPTIMIZERS)('is where a quadratic begins to grow: %s', (optimizer) => {
    for (const momentum of [0.5, 0.9]) {
      const settings = { optimizer, learningRate: 0.05, momentum }
      const edge = stabilityEdge(settings)
      expect(growth(0.98 * edge, settings)).toBeLessThan(1e-2)
      expect(growth(1.02 * edge, settings)).toBeGreaterThan(1e2)
    }
  })

  it('of SAM solves λ(1 + ρλ/‖g‖) = edge, below it, and goes to it as ρ goes to 0', () => {
    for (const optimizer of EDGE_OPTIMIZERS) {
      const settings = { optimizer, learningRate: 0.1, momentum: 0.9 }
      const s = stabilityEdge(settings)
      const [rho, norm] = [0.2, 0.7]
      const edge = samEdge(settings, rho, norm)
      expect(edge * (1 + (rho * edge) / norm)).toBeCloseTo(s, 9)
      expect(edge).toBeLessThan(s)
      expect(samEdge(settings, 1e-12, norm)).toBeCloseTo(s, 6)
      expect(samEdge(settings, 0, 0)).toBe(s)
    }
  })
})
