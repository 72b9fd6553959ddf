/** Short runs of the training step on a network with batch norm, compared bit by bit. */
import { randomStream } from '../../base/random'
import * as tf from '../../engine/tf'
import { DEFAULT_CONFIG, type RunConfig } from '../config/schema'
import { cnnSmall } from '../models/cnnSmall'
import { gatesOfStep } from '../models/gates'
import { initBatchStats, initTheta } from '../models/init'
import type { Network } from '../models/network'
import { cosineRate } from '../optim/schedule'
import { statCopies } from './replicas'
import { type StateArrays, stateFromSnapshot, stateToArrays } from './snapshot'
import { createTrainState, disposeState } from './state'
import { hyperOf, makeTrainStep, unpackStepMetrics } from './step'
import type { DeviceBatch } from './types'

const STEPS = 7
const BATCH = 8
const smallNet = cnnSmall([6, 6, 1], 3, [3], 5)

export type Changes = Partial<RunConfig>

/** Every method once, with settings at which each of its terms counts. */
export const VARIANTS: Record<string, Changes> = {
  sam: {},
  'sam, three ascents': { sam_steps: 3, sam_step_size: 0.6 },
  asam: { sam_variant: 'asam', sam_rho: 0.5 },
  'asam, two ascents': { sam_variant: 'asam', sam_rho: 0.5, sam_steps: 2 },
  gsam: { sam_variant: 'gsam', gsam_rho_min: 0.05 },
  friendly: { sam_variant: 'friendly', fsam_sigma: 0.8 },
  look: { sam_variant: 'look', look_every: 3 },
  norm_only: { sam_variant: 'norm_only' },
  random: { sam_variant: 'random' },
  'sam, late': { sam_from: 0.4, sam_until: 0.8 },
  'friendly, late': { sam_variant: 'friendly', sam_from: 0.4, sam_until: 0.8 },
  'look, late': { sam_variant: 'look', look_every: 4, sam_from: 0.4, sam_until: 0.9 },
}

const NONE: Changes = { sam_rho: 0 }
/** Settings at which a method is to the bit another one, and the settings of that one. */
export const NEUTRAL: [what: string, neutral: Changes, relative: Changes][] = [
  ['ρ = 0: SGD', { sam_rho: 0, sam_variant: 'friendly', sam_steps: 3, sam_from: 0.5 }, NONE],
  ['one whole ascent: SAM', { sam_steps: 1, sam_step_size: 1 }, {}],
  ['on throughout: SAM', { sam_from: 0, sam_until: 1 }, {}],
  ['GSAM, α = 0: SAM', { sam_variant: 'gsam', gsam_alpha: 0 }, {}],
  ['GSAM, ρ_min = ρ: a constant radius', { sam_variant: 'gsam', gsam_rho_min: 0.2 }, { sam_variant: 'gsam' }],
  ['F-SAM, σ = 0: SAM', { sam_variant: 'friendly', fsam_sigma: 0 }, {}],
  ['LookSAM, k = 1: SAM', { sam_variant: 'look', look_every: 1 }, {}],
  [
    'LookSAM, α = 0: SAM at the first step alone',
    { sam_variant: 'look', look_every: 7, look_alpha: 0 },
    { sam_until: 0.1 },
  ],
]

export const configOf = (changes: Changes): RunConfig => ({
  ...DEFAULT_CONFIG,
  sam_rho: 0.2,
  weight_decay: 0.01,
  gradient_clipping: 1,
  learning_rate: 0.1,
  ...changes,
})

function batchOf({ inputShape: [h, w, c], numClasses, gates }: Network, step: number): DeviceBatch {
  const random = randomStream(step, 'order')
  const images = Float32Array.from({ length: BATCH * h * w * c }, () => random.normal())
  const labels = new Float32Array(BATCH * numClasses)
  for (let i = 0; i < BATCH; i++) labels[i * numClasses + random.int(numClasses)] = 1
  return {
    images: tf.tensor4d(images, [BATCH, h, w, c]),
    labels: tf.tensor2d(labels, [BATCH, numClasses]),
    ...(gates.width > 0 && {
      gates: tf.tensor2d(gatesOfStep(gates, BATCH, 1, step), [BATCH, gates.width]),
    }),
  }
}

export interface Trained extends StateArrays {
  losses: number[]
  /** Recordings of the step; none where nothing is recorded. */
  recordings: number
  /** Tensors that were not freed. */
  left: number
}

/** @param resumeAt goes through arrays, as a checkpoint does, with a new step */
export async function trained(
  changes: Changes,
  {
    network = smallNet,
    steps = STEPS,
    resumeAt,
  }: { network?: Network; steps?: number; resumeAt?: number } = {},
): Promise<Trained> {
  const before = tf.memory().numTensors
  const config = configOf(changes)
  const hyper = { ...hyperOf(config), emaWarmupSteps: 2 }
  let step = makeTrainStep(network, hyper)
  let state = createTrainState(network, hyper, initTheta(network, 3), initBatchStats(network))
  const losses: number[] = []
  for (let i = 0; i < steps; i++) {
    if (i === resumeAt) {
      const arrays = await stateToArrays(state, network.stats.size)
      disposeState(state)
      step.dispose()
      step = makeTrainStep(network, hyper)
      state = stateFromSnapshot(arrays, statCopies(network, config.num_replicas))
    }
    const batch = batchOf(network, i)
    const learningRate = cosineRate(config.learning_rate, i, 1, steps)
    const { state: next, metrics } = step(state, batch, { learningRate, totalSteps: steps })
    losses.push(unpackStepMetrics(await metrics.data()).loss)
    disposeState(state)
    state = next
    tf.dispose([metrics, ...Object.values(batch)])
  }
  const arrays = await stateToArrays(state, network.stats.size)
  const { recordings } = step.report()
  disposeState(state)
  step.dispose()
  return { ...arrays, losses, recordings, left: tf.memory().numTensors - before }
}

/** θ, statistics, optimizer's and method's vectors of two runs. */
export const vectorsOf = ({ theta, batchStats, slots, ema }: StateArrays) => ({
  theta,
  batchStats,
  slots,
  ema,
})

/** What two runs of different methods can have in common. */
export const sharedOf = ({ theta, batchStats, slots: { momentum }, losses }: Trained) => ({
  theta,
  batchStats,
  momentum,
  losses,
})
