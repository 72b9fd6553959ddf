/**
 * SAM and ASAM with n ascents in place of one: δ follows the gradient at w + δ in strides of c·ρ, and is brought back to
 * length ρ where it has become longer.
 * Source: Foret et al. 2020 (arXiv 2010.01412), appendix (inner ascent steps); Andriushchenko & Flammarion 2022
 * (arXiv 2206.06232) with their code, for the stride and the projection.
 * Differs: n steps of ASAM are ours: the same walk in ASAM's scaled space, T taken once, at w.
 */
import { formula } from '../../../engine/ops/flat/formula'
import type * as tf from '../../../engine/tf'
import { real, whole } from '../../settingTypes'
import { asam, moved, scaled } from './asam'
import { perturbedBy, stride } from './ascent'
import { field, gradientAt, type MethodInput, type MethodStep, method } from './method'
import { sam } from './sam'

const fields = {
  sam_steps: field(whole(1, 50, 1), {
    label: 'Ascents a step',
    step: 1,
    help: 'How many gradients SAM and ASAM climb on before the one that they descend; 1 is the papers’. A step costs one gradient more than this.',
  }),
  sam_step_size: field(real(0.001, 10, 1), {
    label: 'Length of an ascent',
    step: 0.05,
    help: 'Each ascent is this share of ρ long; where they lead further than ρ they are brought back to it.',
  }),
}

interface Settings {
  sam_steps: number
  sam_step_size: number
}

const isSeveral = ({ sam_steps, sam_step_size }: Settings) => sam_steps > 1 || sam_step_size !== 1

const added = formula({ name: 'walked', vectors: ['a', 'b'] }, ({ a, b }) => a.plus(b))
const within = formula(
  { name: 'within', vectors: ['delta'], scalars: ['rho', 'norm'] },
  ({ delta, rho, norm }) => delta.times(rho.over(norm.atLeast(rho))),
)

/**
 * @param gradientIn the space that δ walks in
 * @param pointAt the weights at δ
 */
function* walk<S extends Settings>(
  { theta, scalars: { rho }, settings: { sam_steps: n, sam_step_size: c }, math }: MethodInput<S>,
  gradientIn: (u: tf.Tensor1D) => tf.Tensor1D,
  pointAt: (delta: tf.Tensor1D) => tf.Tensor1D,
): MethodStep {
  const clean = yield* gradientAt(theta, 'ascent')
  let [used, delta]: [typeof clean, tf.Tensor1D | undefined] = [clean, undefined]
  for (let k = 1; k <= n; k++) {
    const u = gradientIn(used.gradient) // at w + δ
    const forth = math.apply(stride, { u, rho, norm: math.norm(u) }, c) // c·ρ·u/‖u‖
    delta = delta ? math.apply(added, { a: delta, b: forth }) : forth
    if (k * c > 1) delta = math.apply(within, { delta, rho, norm: math.norm(delta) }) // ‖δ‖ ≤ ρ
    used = yield* gradientAt(pointAt(delta), k < n ? 'ascent' : 'descent')
  }
  return perturbedBy(clean, used)
}

export const samSteps = method<typeof fields>({
  ...sam,
  fields,
  id: 'sam_steps',
  title: 'Multi-step SAM',
  takes: (settings) => sam.takes(settings) && isSeveral(settings),
  cost: ({ sam_steps }) => sam_steps + 1,
  held: 2,
  step: (input) =>
    walk(
      input,
      (u) => u,
      (delta) => input.math.apply(added, { a: input.theta, b: delta }),
    ),
})

const asamFields = { ...fields, ...asam.fields }

export const asamSteps = method<typeof asamFields>({
  ...asam,
  fields: asamFields,
  id: 'asam_steps',
  title: 'Multi-step ASAM',
  takes: (settings) => asam.takes(settings) && isSeveral(settings),
  cost: ({ sam_steps }) => sam_steps + 1,
  held: 3,
  step: (input) => {
    const {
      theta,
      settings: { asam_eta },
      masks: { sized },
      math,
    } = input
    return walk(
      input,
      (g) => math.apply(scaled, { theta, g, sized }, asam_eta),
      (v) => math.apply(moved, { theta, v, sized }, asam_eta),
    )
  },
})
