/** SGD with Nesterov momentum. Source: Sutskever et al. 2013, in the form the reference's library uses. */
import { flatProgram } from '../../../engine/ops/flat/flat'
import type { Slot } from '../slots'
import type { Optimizer } from './optimizer'

export const MOMENTUM = 0.9

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

export const nesterov: Optimizer = {
  id: 'nesterov',
  settings: { use_rmsprop: false },
  slots: [momentumSlot],
  update: ({ theta, momentum }, g, scalars) => step({ theta, momentum, g, ...scalars }, MOMENTUM),
}
