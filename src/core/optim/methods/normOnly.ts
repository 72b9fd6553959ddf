/**
 * SAM-ON: perturbs the scales and shifts of normalisation layers alone.
 * Source: Mueller et al. 2023 (arXiv 2306.04226), §3, with the elementwise ℓ₂ ball of SAM.
 */
import { formula } from '../../../engine/ops/flat/formula'
import { ascend, perturbedBy } from './ascent'
import { gradientAt, method, type Piece } from './method'

/** A scale, or the shift beside one. */
export function isOfNorm({ name, role }: Piece, all: readonly Piece[]): boolean {
  const layer = (path: string) => path.slice(0, path.lastIndexOf('/') + 1)
  const besideScale = all.some((other) => other.role === 'scale' && layer(other.name) === layer(name))
  return role === 'scale' || (role === 'bias' && besideScale)
}

const only = formula({ name: 'only', vectors: ['g', 'norms'] }, ({ g, norms }) => g.times(norms))

export const normOnly = method({
  id: 'norm_only',
  title: 'SAM-ON',
  help: 'SAM that perturbs the scales and shifts of normalisation layers alone, a thousandth of the weights; all weights descend the gradient found there. Two gradients a step.',
  paper: { title: 'Mueller et al. 2023', url: 'https://arxiv.org/abs/2306.04226' },
  reads: ['sync_perturbations', 'inner_group_size'],
  refuses: (_, { name, hasNorms }) =>
    hasNorms
      ? undefined
      : `sam_variant: norm_only with a network that normalises, got ${name}. It perturbs scales and shifts, and there are none.`,
  cost: () => 2,
  perGroup: true,
  held: 1,
  slots: [],
  masks: { norms: isOfNorm },
  scalars: ({ sam_rho }) => ({ rho: sam_rho }),

  *step({ theta, scalars: { rho }, masks: { norms }, math }) {
    const clean = yield* gradientAt(theta, 'ascent') // g = ∇L(w)
    const ofNorms = math.apply(only, { g: clean.gradient, norms }) // g_N, 0 elsewhere
    const used = yield* gradientAt(ascend(math, theta, ofNorms, rho)) // ∇L(w + ρ·g_N/‖g_N‖)
    return perturbedBy(clean, used)
  },
})
