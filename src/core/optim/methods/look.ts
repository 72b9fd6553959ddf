/**
 * LookSAM: SAM at every k-th update; between them the part of SAM's gradient that lies across the plain one is used
 * again, because it changes slowly.
 * Source: Liu et al. 2022 (arXiv 2203.02714), Algorithm 1; the authors' code is not public.
 * Differs: where updates without SAM would come first (`sam_from` between two multiples of k), SAM comes first; with
 * groups of replicas the part that is kept is the mean of theirs.
 */
import { formula } from '../../../engine/ops/flat/formula'
import { real, whole } from '../../settingTypes'
import { across, ascend, perturbedBy, TINY } from './ascent'
import { field, gradientAt, method, type Place } from './method'

const part = formula(
  { name: 'partAcross', vectors: ['s', 'g'], scalars: ['dot', 'norm'] },
  ({ s, g, dot, norm }) => across(s, g, dot, norm),
)
const reused = formula(
  { name: 'reused', vectors: ['g', 'v'], scalars: ['norm', 'normOfPart'] },
  ({ g, v, norm, normOfPart }, alpha) => g.plus(v.times(norm.over(normOfPart.atLeast(TINY)).times(alpha))),
)

const looks = (every: number, { step, isFirst }: Place) => isFirst || step % every === 0

export const look = method({
  id: 'look',
  title: 'LookSAM',
  help: 'SAM at every k-th step; at the others the part of its gradient that lies across the plain one is added again to that step’s own. Two gradients at a k-th step, one at the others.',
  paper: { title: 'Liu et al. 2022', url: 'https://arxiv.org/abs/2203.02714' },
  fields: {
    look_every: field(whole(1, 1000, 5), {
      label: 'LookSAM’s k',
      step: 1,
      help: 'SAM’s second gradient is computed at every k-th step. 1 is SAM.',
    }),
    look_alpha: field(real(0, 10, 0.7), {
      label: 'LookSAM’s α',
      step: 0.1,
      help: 'Between them: the length at which the kept part is added, as a share of the gradient’s. 0 is SGD there.',
    }),
  },
  reads: ['sync_perturbations', 'inner_group_size'],
  cost: ({ look_every }, at) => (looks(look_every, at) ? 2 : 1),
  perGroup: true,
  held: 2,
  slots: [{ name: 'lookDirection', initial: 0, file: 'optimizer/look_direction/', flax: 'look_direction' }],
  scalars: ({ sam_rho }) => ({ rho: sam_rho }),
  phaseOf: ({ look_every }, at) => (looks(look_every, at) ? 'look' : 'reuse'),

  *step({ theta, scalars: { rho }, settings: { look_alpha: alpha }, slots, phase, math }) {
    const clean = yield* gradientAt(theta, phase === 'look' ? 'ascent' : 'descent') // g = ∇L(w)
    const g = clean.gradient
    const norm = math.norm(g)
    if (phase === 'reuse') {
      const v = slots.lookDirection
      const gradient = math.apply(reused, { g, v, norm, normOfPart: math.norm(v) }, alpha)
      return { ...clean, gradient } // g + α·(‖g‖/‖g_v‖)·g_v
    }
    const used = yield* gradientAt(ascend(math, theta, g, rho, norm)) // g_s = ∇L(w + ρ·g/‖g‖)
    const s = used.gradient
    const lookDirection = math.apply(part, { s, g, dot: math.dot(s, g), norm }) // g_v ⊥ g
    return { ...perturbedBy(clean, used), slots: { lookDirection } }
  },
})
