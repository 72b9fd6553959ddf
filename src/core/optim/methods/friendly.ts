/**
 * Friendly SAM: climbs on what is particular to the batch, its gradient less the running mean of all gradients.
 * Source: Li et al. 2024 (arXiv 2403.12350), Algorithm 1 and eq. 12; their code begins with m = g.
 * Differs: the mean rests outside [sam_from, sam_until); with groups of replicas they share one mean.
 */

import { number } from '../../../engine/ops/flat/expression'
import { formula } from '../../../engine/ops/flat/formula'
import { real } from '../../settingTypes'
import { ascend, perturbedBy } from './ascent'
import { field, gradientAt, method } from './method'

const particular = formula(
  { name: 'particular', vectors: ['g', 'm'], scalars: ['lambda'] },
  ({ g, m, lambda }, sigma) => ({
    particulars: g.minus(m.times(sigma)),
    gradientMean: m.times(lambda).plus(g.times(number(1).minus(lambda))),
  }),
)

export const friendly = method({
  id: 'friendly',
  title: 'F-SAM',
  help: 'Friendly SAM climbs on what is particular to the batch, its gradient less the running mean of earlier ones, and descends as SAM does. Two gradients a step and one vector more to keep.',
  paper: { title: 'Li et al. 2024', url: 'https://arxiv.org/abs/2403.12350' },
  fields: {
    fsam_sigma: field(real(0, 10, 1), {
      label: 'Friendly SAM’s σ',
      step: 0.1,
      help: 'How much of the running mean is taken off the gradient before climbing on it. 0 is SAM.',
    }),
    fsam_lambda: field(real(0, 0.999999, 0.6), {
      label: 'Friendly SAM’s λ',
      step: 0.05,
      help: 'How slowly the running mean of the gradients changes: m ← λ·m + (1 − λ)·g.',
    }),
  },
  reads: ['sync_perturbations', 'inner_group_size'],
  cost: () => 2,
  perGroup: true,
  held: 2,
  slots: [{ name: 'gradientMean', initial: 0, file: 'optimizer/gradient_mean/', flax: 'gradient_mean' }],
  // m begins as the first gradient.
  scalars: ({ sam_rho, fsam_lambda }, { isFirst }) => ({ rho: sam_rho, lambda: isFirst ? 0 : fsam_lambda }),

  *step({ theta, scalars: { rho, lambda }, settings: { fsam_sigma: sigma }, slots, math }) {
    const clean = yield* gradientAt(theta, 'ascent') // g = ∇L(w)
    const [g, m] = [clean.gradient, slots.gradientMean]
    // d = g − σ·m, m ← λ·m + (1 − λ)·g
    const { particulars, gradientMean } = math.apply(particular, { g, m, lambda }, sigma)
    const used = yield* gradientAt(ascend(math, theta, particulars, rho)) // ∇L(w + ρ·d/‖d‖)
    return { ...perturbedBy(clean, used), slots: { gradientMean } }
  },
})
