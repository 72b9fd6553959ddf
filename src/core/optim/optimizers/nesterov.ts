/**
 * SGD with momentum: Nesterov's (Sutskever et al. 2013, in the form the reference's library uses), or Polyak's heavy
 * ball (1964). With β = 0 both are gradient descent.
 */
import { flatProgram } from '../../../engine/ops/flat/flat'
import type { Slot } from '../slots'
import { type Optimizer, USUAL_MOMENTUM } from './optimizer'

export const momentumSlot: Slot = {
  name: 'momentum',
  initial: 0,
  file: 'optimizer/momentum/',
  flax: 'momentum',
}

/** g ← factor·g;  m ← μ·m + g;  θ ← θ − η·(g + μ·m) */
const step = flatProgram(
  { name: 'nesterov', vectors: ['theta', 'momentum', 'g'], scalars: ['rate', 'factor'] },
  ({ theta, momentum, g, rate, factor }, mu) => {
    const clipped = g.times(factor)
    const m = momentum.times(mu).plus(clipped)
    return { theta: theta.minus(clipped.plus(m.times(mu)).times(rate)), momentum: m }
  },
)

/** g ← factor·g;  m ← μ·m + g;  θ ← θ − η·m */
const heavyBall = flatProgram(
  { name: 'heavyBall', vectors: ['theta', 'momentum', 'g'], scalars: ['rate', 'factor'] },
  ({ theta, momentum, g, rate, factor }, mu) => {
    const m = momentum.times(mu).plus(g.times(factor))
    return { theta: theta.minus(m.times(rate)), momentum: m }
  },
)

export const nesterov: Optimizer = {
  id: 'nesterov',
  settings: { use_rmsprop: false },
  slots: [momentumSlot],
  update: ({ theta, momentum }, g, scalars, settings = USUAL_MOMENTUM) =>
    (settings.nesterov ? step : heavyBall)({ theta, momentum, g, ...scalars }, settings.momentum),
}
