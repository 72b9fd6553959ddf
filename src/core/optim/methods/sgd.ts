/** Descend the gradient where you stand; now and then measure what SAM would have met. */
import { ascend } from './ascent'
import { gradientAt, lossAt, method } from './method'

export const sgd = method({
  id: 'sgd',
  title: 'SGD',
  help: 'Descends the gradient where it stands. One gradient a step.',
  takes: ({ sam_rho }) => sam_rho === 0,
  reads: ['perturbed_loss_every'],
  cost: () => 1,
  perGroup: false,
  held: 0,
  slots: [],
  scalars: (_, { probeRho }) => ({ ...(probeRho !== undefined && { rho: probeRho }) }),

  *step({ theta, scalars: { rho }, math }) {
    const here = yield* gradientAt(theta) // g = ∇L(θ)
    if (!rho) return here
    const point = ascend(math, theta, here.gradient, rho) // θ̂ = θ + ρ·g/‖g‖
    return { ...here, perturbedLoss: yield* lossAt(point) }
  },
})
