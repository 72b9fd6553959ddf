/**
 * Surrogate Gap Guided SAM: descends the perturbed loss, and climbs the part of the loss's own gradient that this does
 * not change, which narrows the gap between the two.
 * Source: Zhuang et al. 2022 (arXiv 2203.08065), Algorithm 1, with ρ_t following the learning rate.
 * Differs: ρ_t is a line of the rate from 0 to its base, without a schedule ρ stays `sam_rho`.
 */
import { formula } from '../../../engine/ops/flat/formula'
import { real, realOrNone } from '../../settingTypes'
import { across, ascend, perturbedBy } from './ascent'
import { field, gradientAt, method } from './method'

/** ρ_min + (ρ − ρ_min)·η_t/η */
const radiusAt = (share: number, rho: number, least: number) => least + (rho - least) * share

const narrowed = formula(
  { name: 'gapNarrowed', vectors: ['g', 's'], scalars: ['dot', 'norm'] },
  ({ g, s, dot, norm }, alpha) => s.minus(across(g, s, dot, norm).times(alpha)),
)

export const gsam = method({
  id: 'gsam',
  title: 'GSAM',
  help: 'SAM that also narrows the gap between the perturbed loss and the loss, by climbing the part of the loss’s gradient that lies across SAM’s. Two gradients a step.',
  paper: { title: 'Zhuang et al. 2022', url: 'https://arxiv.org/abs/2203.08065' },
  fields: {
    gsam_alpha: field(real(0, 10, 0.4), {
      label: 'GSAM’s α',
      step: 0.1,
      help: 'How strongly the gap between the perturbed loss and the loss is narrowed. 0 is SAM.',
    }),
    gsam_rho_min: field(realOrNone(0, 10, null), {
      label: 'GSAM’s smallest ρ',
      empty: 'ρ itself',
      step: 0.01,
      help: 'The radius falls with the learning rate, from ρ at the base rate to this at rate zero. Empty: it stays ρ.',
    }),
  },
  reads: ['sync_perturbations', 'inner_group_size'],
  refuses: ({ sam_rho, gsam_rho_min: least }) =>
    least !== null && least > sam_rho
      ? `gsam_rho_min: at most sam_rho (${sam_rho}), got ${least}. The radius falls from sam_rho to it; empty keeps it.`
      : undefined,
  cost: () => 2,
  perGroup: true,
  held: 2,
  slots: [],
  scalars: ({ sam_rho: rho, gsam_rho_min, learning_rate: base }, { learningRate }) => ({
    rho: radiusAt(base > 0 ? learningRate / base : 1, rho, gsam_rho_min ?? rho),
  }),

  *step({ theta, scalars: { rho }, settings: { gsam_alpha: alpha }, math }) {
    const clean = yield* gradientAt(theta, 'ascent') // ∇f(w)
    const point = ascend(math, theta, clean.gradient, rho) // w_adv = w + ρ_t·∇f/‖∇f‖
    const used = yield* gradientAt(point) // ∇f_p = ∇f(w_adv)
    const [g, s] = [clean.gradient, used.gradient]
    const between = { dot: math.dot(g, s), norm: math.norm(s) }
    const gradient = math.apply(narrowed, { g, s, ...between }, alpha) // ∇f_p − α·∇f_⊥
    return perturbedBy(clean, { ...used, gradient })
  },
})
