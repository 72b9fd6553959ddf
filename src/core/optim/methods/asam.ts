/**
 * Adaptive SAM: the neighbourhood in which the loss is to be low is as wide in every direction as the weight is large,
 * so that sharpness does not change when the weights of two layers are scaled against each other.
 * Source: Kwon et al. 2021 (arXiv 2102.11600), Algorithm 1; their code for T = |w| + η on weights and 1 on biases.
 */
import { number, type Value } from '../../../engine/ops/flat/expression'
import { formula } from '../../../engine/ops/flat/formula'
import { real } from '../../settingTypes'
import { perturbedBy, TINY } from './ascent'
import { field, gradientAt, method } from './method'

/** T: |w| + η on kernels and the scales of norms, 1 on biases. */
const size = (theta: Value, sized: Value, eta: Value) =>
  theta.abs().plus(eta).times(sized).plus(number(1).minus(sized))

/** T·g */
export const scaled = formula(
  { name: 'scaledBySize', vectors: ['theta', 'g', 'sized'] },
  ({ theta, g, sized }, eta) => g.times(size(theta, sized, eta)),
)

/** w + T·ρ·u/‖u‖, in one pass. */
const climbed = formula(
  { name: 'climbedBySize', vectors: ['theta', 'u', 'sized'], scalars: ['rho', 'norm'] },
  ({ theta, u, sized, rho, norm }, eta) =>
    theta.plus(u.times(rho.over(norm.atLeast(TINY))).times(size(theta, sized, eta))),
)

/** w + T·v */
export const moved = formula(
  { name: 'movedBySize', vectors: ['theta', 'v', 'sized'] },
  ({ theta, v, sized }, eta) => theta.plus(v.times(size(theta, sized, eta))),
)

export const asam = method({
  id: 'asam',
  title: 'ASAM',
  help: 'SAM in a neighbourhood that is wider where weights are larger, which makes its sharpness blind to how layers are scaled; good radii are about ten times SAM’s. Two gradients a step.',
  paper: { title: 'Kwon et al. 2021', url: 'https://arxiv.org/abs/2102.11600' },
  fields: {
    asam_eta: field(real(0, 10, 0.01), {
      label: 'ASAM’s η',
      step: 0.01,
      help: 'Added to the size of every weight, so that weights at zero are perturbed too.',
    }),
  },
  reads: ['sam_steps', 'sam_step_size', 'sync_perturbations', 'inner_group_size'],
  cost: () => 2,
  perGroup: true,
  held: 2,
  slots: [],
  masks: { sized: ({ role }) => role !== 'bias' },
  scalars: ({ sam_rho }) => ({ rho: sam_rho }),

  *step({ theta, scalars: { rho }, settings: { asam_eta: eta }, masks: { sized }, math }) {
    const clean = yield* gradientAt(theta, 'ascent') // g = ∇L(w)
    const steep = math.apply(scaled, { theta, g: clean.gradient, sized }, eta) // T·g
    const towards = { u: steep, rho, norm: math.norm(steep) }
    const point = math.apply(climbed, { theta, sized, ...towards }, eta) // w + ρ·T²·g/‖T·g‖
    const used = yield* gradientAt(point) // ∇L(w + ε)
    return perturbedBy(clean, used)
  },
})
