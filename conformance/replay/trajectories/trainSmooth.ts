/**
 * Kinds `train_smooth` and `variant_step`: the training step on a smooth net, where float32 has no chaos, as the
 * reference does it and by the methods that it has not; every vector after every step. Tensors: images, labels, and of
 * the case <group>/<name> with the steps in front (`state` keeps a replica axis behind).
 */
import { z } from '../../../src/core/zod'
import { type Tensors, Unsupported, within } from '../../golden'
import { backendFactor, type Checks } from '../checks'
import { type Beside, kind } from '../kind'
import { networkOf } from '../networks'
import { compareEntries, filled, needTensor, row } from '../vectors'
import {
  batchAt,
  compareStep,
  hyperOfSettings,
  replay,
  type StateArrays,
  stateArrays,
  stepFields,
  trainingFields,
} from './training'

/** Absolute, after every step. */
const TOLERANCE = 2e-6

const GROUPS: Record<string, { ofStats?: true; vector(state: StateArrays): Float32Array | undefined }> = {
  params: { vector: ({ theta }) => theta },
  momentum: { vector: ({ slots }) => slots.momentum },
  v: { vector: ({ slots }) => slots.meanSquare },
  fsam_mean: { vector: ({ slots }) => slots.gradientMean },
  look_direction: { vector: ({ slots }) => slots.lookDirection },
  state: { ofStats: true, vector: ({ batchStats }) => batchStats },
  ema: { vector: ({ ema }) => ema?.theta },
  ema_state: { ofStats: true, vector: ({ ema }) => ema?.batchStats },
}

const fields = z.strictObject({
  ...trainingFields,
  /** Of the fill rule. */
  gain: z.number().default(1),
  /** Of the run that these are the first of; needed where a method is on for a part of it. */
  total_steps: z.number().int().optional(),
  steps: z.array(stepFields),
})

export const trainSmooth = kind('train_smooth', fields, replayed)
export const variantStep = kind('variant_step', fields, replayed)

async function replayed(
  { steps, gain, total_steps: totalSteps, ...one }: z.output<typeof fields>,
  checks: Checks,
  { tensors }: Beside,
): Promise<void> {
  const network = networkOf(one.network)
  const images = needTensor(tensors, 'images')
  const labels = needTensor(tensors, 'labels')
  const groups = groupsOf(tensors)
  const hyper = hyperOfSettings(one)
  const replicas = hyper.replicas?.count ?? 1
  const tolerance = TOLERANCE * backendFactor()
  await replay({
    network,
    hyper,
    theta: filled(network.params, gain),
    batchStats: filled(network.stats),
    rates: steps.map(({ learning_rate }) => Number(learning_rate)),
    totalSteps,
    batch: (step) => batchAt({ images, labels }, step, network.numClasses),
    async after(step, numbers, state) {
      compareStep(checks, step, numbers, steps[step], () => tolerance)
      const arrays = await stateArrays(state)
      for (const [group, stored] of groups) {
        const { ofStats, vector: vectorOf } = GROUPS[group]
        const vector = vectorOf(arrays)
        if (!vector) throw new Unsupported(`${group}: this run keeps none`)
        const layout = ofStats ? network.stats : network.params
        const copies = ofStats ? replicas : 1
        for (let r = 0; r < copies; r++) {
          const compared = compareEntries(
            checks,
            `step ${step}/${group}${copies > 1 ? ` of replica ${r}` : ''}`,
            layout,
            part(vector, r, copies),
            (entry) => {
              const tensor = stored.get(entry)
              return tensor && part(row(tensor, step), r, copies)
            },
            tolerance,
          )
          if (compared !== stored.size) throw new Unsupported(`${group}: a tensor of unknown name`)
        }
      }
    },
  })
}

/** The case's tensors by group and entry name. */
function groupsOf(tensors: Tensors): [string, Tensors][] {
  for (const key of tensors.keys()) {
    const [group, entry] = key.split('/')
    if (entry !== undefined && !(group in GROUPS)) throw new Unsupported(`tensor group ${group}`)
  }
  return Object.keys(GROUPS)
    .map((group): [string, Tensors] => [group, within(tensors, `${group}/`)])
    .filter(([, stored]) => stored.size > 0)
}

/** The r-th of equally long parts. */
function part(values: Float32Array, r: number, parts: number): Float32Array {
  const size = values.length / parts
  return values.subarray(r * size, (r + 1) * size)
}
