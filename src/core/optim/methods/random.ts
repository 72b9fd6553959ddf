/**
 * The control of the family: as far away as SAM, but in a direction that knows nothing of the loss. What SAM owes to
 * its gradient, and not to the noise of being elsewhere, is what it has over this.
 * Source: a control of ours; averaged over directions it descends the loss smoothed by a Gaussian
 * (Duchi et al. 2012; Foret et al. 2020 compare with random perturbations in their appendix).
 */
import { randomKey } from '../../../base/random'
import { ascend } from './ascent'
import { gradientAt, method } from './method'

export const random = method({
  id: 'random',
  title: 'Random',
  help: 'The control: descends the gradient at a random point at distance ρ, drawn anew at every step. One gradient a step; its loss is the loss there.',
  reads: [],
  cost: () => 1,
  perGroup: false,
  held: 1,
  slots: [],
  scalars({ sam_rho, run_seed }, { step }) {
    // 24 bits: a float holds them exactly.
    return { rho: sam_rho, key: randomKey(run_seed, 'perturbation', step) >>> 8 }
  },

  *step({ theta, scalars: { rho, key }, math }) {
    const { z, norm } = math.normals(theta, key) // z ~ N(0, I)
    return yield* gradientAt(ascend(math, theta, z, rho, norm)) // ∇L(w + ρ·z/‖z‖)
  },
})
