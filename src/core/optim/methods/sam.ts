/**
 * Sharpness-Aware Minimization: descend the gradient of the highest loss within ρ, found to first order.
 * Source: Foret et al. 2020 (arXiv 2010.01412), Algorithm 1; §4.1 for groups of replicas (m-sharpness).
 */
import { ascend, perturbedBy } from './ascent'
import { gradientAt, method } from './method'

export const sam = method({
  id: 'sam',
  title: 'SAM',
  help: 'Climbs by ρ along the gradient and descends the gradient found there, so that the loss falls in a whole neighbourhood of the weights. Two gradients a step.',
  paper: { title: 'Foret et al. 2020', url: 'https://arxiv.org/abs/2010.01412' },
  reads: ['sam_steps', 'sam_step_size', 'sync_perturbations', 'inner_group_size'],
  cost: () => 2,
  perGroup: true,
  held: 1,
  slots: [],
  scalars: ({ sam_rho }) => ({ rho: sam_rho }),

  *step({ theta, scalars: { rho }, math }) {
    const clean = yield* gradientAt(theta, 'ascent') // g₁ = ∇L(θ)
    const point = ascend(math, theta, clean.gradient, rho) // θ̂ = θ + ρ·g₁/‖g₁‖
    const used = yield* gradientAt(point) // g = ∇L(θ̂)
    return perturbedBy(clean, used)
  },
})
