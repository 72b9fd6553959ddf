/** RMSProp with momentum in TensorFlow 1's flavour: mean square starts at one, ε = 10⁻³ inside the root. */
import { flatProgram, number } from '../../../engine/ops/flat/flat'
import { momentumSlot } from './nesterov'
import { type Optimizer, USUAL_MOMENTUM } from './optimizer'

const DECAY = 0.9
const EPSILON = 1e-3

/** g ← factor·g;  v ← d·v + (1 − d)·g² */
const average = flatProgram(
  { name: 'meanSquare', vectors: ['v', 'g'], scalars: ['factor'] },
  ({ v, g, factor }, d) => {
    const clipped = g.times(factor)
    return v.times(d).plus(clipped.times(clipped).times(number(1).minus(d)))
  },
)

/** m ← μ·m + factor·g/√(v + ε);  θ ← θ − η·m */
const step = flatProgram(
  { name: 'rmsprop', vectors: ['theta', 'momentum', 'v', 'g'], scalars: ['rate', 'factor'] },
  ({ theta, momentum, v, g, rate, factor }, mu) => {
    const m = momentum.times(mu).plus(g.times(factor).over(v.plus(EPSILON).sqrt()))
    return { theta: theta.minus(m.times(rate)), momentum: m }
  },
)

export const rmsprop: Optimizer = {
  id: 'rmsprop',
  settings: { use_rmsprop: true },
  slots: [{ name: 'meanSquare', initial: 1, file: 'optimizer/mean_square/', flax: 'v' }, momentumSlot],
  update({ theta, momentum, meanSquare }, g, { rate, factor }, settings = USUAL_MOMENTUM) {
    const v = average({ v: meanSquare, g, factor }, DECAY)
    return { ...step({ theta, momentum, v, g, rate, factor }, settings.momentum), meanSquare: v }
  },
}
