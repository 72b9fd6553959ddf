/**
 * What a run needs on the device, by arithmetic from the network's layout and shapes, before anything is allocated;
 * and whether it fits what the device offers.
 *
 *     state        copies held of θ and the optimizer's vectors (and the averages), statistics with them
 *     working      gradients, the perturbed weights and the state being made, during a step
 *     activations  what the backward pass needs of one replica's part of the batch
 *     evaluation   the maps that a forward pass holds at once
 *
 * The factors are measured (docs/cli.md): the peak of live tensors during a step over two batch sizes, whose
 * difference is the activations of an image and whose rest is counted in vectors of P.
 */

import { BasinError } from '../../base/errors'
import { bytesText } from '../../base/units'
import type { RunConfig } from '../config/schema'
import { EVALUATION_BATCH, evaluationBatch, mapBytes } from '../evaluation/evaluationBatch'
import type { Network } from '../models/network'
import { type MethodSettings, methodOf } from '../optim/methods'
import { optimizerOf } from '../optim/optimizers'
import { perturbationGroup, replicasOf, statCopies } from '../step/replicas'
import { slotsOf } from '../step/state'

export interface MemoryPlan {
  /** Bytes. */
  state: number
  working: number
  activations: number
  evaluation: number
  total: number
  /** Of those that kernels bind whole. */
  largestTensor: { bytes: number; what: string }
  /** Bytes of θ, which is worked on in ranges. */
  vector: number
  batchSize: number
  replicas: number
  /** More replicas would take less memory. */
  replicasHelp: boolean
}

/** Bytes that a device gives, and how sure that is. */
export interface MemoryOffer {
  budget: number
  /** set: by the settings. */
  source: 'measured' | 'assumed' | 'set'
  largestTensor: number
  largestBuffer: number
}

export type MemoryConfig = Pick<
  RunConfig,
  | 'batch_size'
  | 'full_batch'
  | 'num_train_examples'
  | 'num_replicas'
  | 'sync_perturbations'
  | 'inner_group_size'
  | 'use_rmsprop'
  | 'ema_decay'
  | 'weight_decay'
  | 'no_weight_decay_on_bn'
  | keyof MethodSettings
>

type Backend = 'webgpu' | 'wasm' | 'cpu'

const FLOAT = 4
/**
 * Bytes of a training pass over those of its layers' outputs (convolutions, norms, products): activations between
 * them, additions, and the gradients that are alive at once. What one more image adds to a recorded step's buffers on
 * WebGPU is 1.1 (WideResnet28x10) to 1.8 (efficientnet-b3) of them; the rest is room
 * for what a driver takes: WideResnet28x10 at batch 128 was 7.0 GiB of process on SwiftShader, planned 7.7 GiB. In
 * WebAssembly, recorded too, a test holds it against the arena's peak. In plain
 * JavaScript batch norm is made of a dozen operations, and all of them stay: up to 9.6.
 */
const ACTIVATION_FACTOR: Record<Backend, number> = { webgpu: 2.5, wasm: 2.5, cpu: 10 }
/**
 * Bytes of an evaluation over its largest map: a block's maps of different sizes. Recorded on WebGPU 1.5 (mlp) to 7.7
 * (Shake-Shake); as it is called elsewhere 6 (EfficientNet) to 13 (Shake-Shake).
 */
export const EVALUATION_FACTOR: Record<Backend, number> = { webgpu: 9, wasm: 14, cpu: 14 }
/**
 * Vectors of P beyond old and new state during a step: gradients, and the pieces that kernels read; fused on WebGPU, an
 * operation each elsewhere, which then also cover what a method holds.
 */
const WORKING: Record<Backend, number> = { webgpu: 3, wasm: 5, cpu: 8 }
/** A state is held as it is, as last proven, and as it was before the steps whose numbers are not read yet. */
const STATES_HELD = 3

export interface PlannedRun {
  network: Pick<Network, 'params' | 'stats' | 'layers' | 'inputShape' | 'crossReplica'>
  config: MemoryConfig
  /** Training images where the settings do not bound them: full-batch steps hold all. */
  numTrain?: number
}

/** What the runs of a session need: they are stepped in turn, keep their states and share what a step takes. */
export function planMemory(runs: readonly PlannedRun[], backend: Backend): MemoryPlan {
  const plans = runs.map((run) => planOne(run, backend))
  const most = (part: (plan: MemoryPlan) => number) => plans.reduce((a, b) => (part(b) > part(a) ? b : a))
  const state = plans.reduce((sum, plan) => sum + plan.state, 0)
  const working = most((plan) => plan.working).working
  const evaluation = most((plan) => plan.evaluation).evaluation
  const largest = most((plan) => plan.activations)
  const total = state + working + largest.activations + evaluation
  const { largestTensor } = most((plan) => plan.largestTensor.bytes)
  return {
    ...largest,
    state,
    working,
    evaluation,
    total,
    largestTensor,
    vector: most((p) => p.vector).vector,
  }
}

function planOne({ network, config, numTrain }: PlannedRun, backend: Backend): MemoryPlan {
  const { count, group } = replicasOf(config)
  const vector = FLOAT * network.params.size
  const stats = FLOAT * network.stats.size * statCopies(network, count)
  const average = config.ema_decay > 0 ? 1 : 0
  const vectors = 1 + slotsOf({ ...config, optimizer: optimizerOf(config) }).length + average
  const ofState = vectors * vector + (1 + average) * stats
  const method = methodOf(config)
  const decayMasks = config.weight_decay > 0 && config.no_weight_decay_on_bn ? 1 : 0
  const masks = decayMasks + Object.keys(method.masks ?? {}).length
  const state = STATES_HELD * ofState + masks * vector

  const groupSize = perturbationGroup({ count, group })
  // Batch norm that looks at all replicas needs the whole batch at once, and every group's weights beside it.
  const wholeBatch = network.crossReplica && method.perGroup && groupSize < count
  const copies = wholeBatch ? 4 * count : 0
  const held = backend === 'webgpu' || backend === 'wasm' ? method.held : 0
  const working = ofState + (WORKING[backend] + held + copies) * vector
  const batch = network.crossReplica ? config.batch_size : config.batch_size / count
  const perImage = network.layers.reduce((sum, { out }) => sum + size(out), 0)
  const image = FLOAT * size(network.inputShape)
  const all = Math.min(
    config.num_train_examples ?? Number.POSITIVE_INFINITY,
    numTrain ?? Number.POSITIVE_INFINITY,
  )
  const images = config.full_batch && Number.isFinite(all) ? all : config.batch_size
  const activations = ACTIVATION_FACTOR[backend] * FLOAT * perImage * batch + image * (images + 2 * batch)

  const evaluation =
    EVALUATION_FACTOR[backend] * mapBytes(network) * evaluationBatch(network, EVALUATION_BATCH) + 2 * vector
  return {
    state,
    working,
    activations,
    evaluation,
    total: state + working + activations + evaluation,
    largestTensor: largest(network, batch, wholeBatch ? count : 0),
    vector,
    batchSize: config.batch_size,
    replicas: count,
    replicasHelp: !network.crossReplica,
  }
}

const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1)

function largest(
  { params, layers }: Pick<Network, 'params' | 'layers'>,
  batch: number,
  /** Sets of weights in one tensor; 0 where they are a vector. */
  copies: number,
): MemoryPlan['largestTensor'] {
  let found = { bytes: FLOAT * params.size * copies, what: 'the weights of all replicas' }
  for (const { name, size: values } of params.entries) {
    if (FLOAT * values > found.bytes) found = { bytes: FLOAT * values, what: name }
  }
  for (const { path, kind, in: input, out } of layers) {
    const bytes = FLOAT * batch * Math.max(size(out), size(input))
    if (bytes > found.bytes) found = { bytes, what: `${path} (${kind})` }
  }
  return found
}

/**
 * @param again plans the same run with another batch or number of replicas
 * @returns why the run cannot fit and what would; undefined when it fits
 */
export function memoryProblem(
  plan: MemoryPlan,
  offer: MemoryOffer,
  again: (changes: Partial<MemoryConfig>) => MemoryPlan,
): BasinError | undefined {
  const fits = (other: MemoryPlan) => other.total <= offer.budget && tooLarge(other, offer) === undefined
  if (fits(plan)) return undefined
  const found = tooLarge(plan, offer)
  const what =
    found !== undefined
      ? `the largest tensor has at most ${bytesText(found.most)} on this device, got ${found.what} with ${bytesText(found.bytes)}`
      : `at most ${budgetText(offer)}, got ${bytesText(plan.total)}: ${partsText(plan)}`
  return new BasinError('device', `memory: ${what}`, remedyOf(plan, offer, again, fits))
}

function tooLarge({ largestTensor, vector }: MemoryPlan, offer: MemoryOffer) {
  if (vector > offer.largestBuffer)
    return { bytes: vector, what: 'the vector of all weights', most: offer.largestBuffer }
  return largestTensor.bytes > offer.largestTensor
    ? { ...largestTensor, most: offer.largestTensor }
    : undefined
}

/** `4 GiB (assumed for this device)` */
export const budgetText = ({ budget, source }: Pick<MemoryOffer, 'budget' | 'source'>): string =>
  `${bytesText(budget)} (${SOURCES[source]})`

const SOURCES = {
  measured: 'what is free now',
  assumed: 'assumed for this device',
  set: 'memory_budget_mib',
}

function remedyOf(
  plan: MemoryPlan,
  offer: MemoryOffer,
  again: (changes: Partial<MemoryConfig>) => MemoryPlan,
  fits: (plan: MemoryPlan) => boolean,
): string {
  const ways: string[] = []
  let batch = plan.batchSize
  while (batch > plan.replicas && !fits(again({ batch_size: batch }))) {
    batch = Math.floor(batch / 2 / plan.replicas) * plan.replicas
  }
  if (batch > 0 && fits(again({ batch_size: batch }))) ways.push(`batch_size ${batch}`)
  const replicas = plan.replicasHelp
    ? divisors(plan.batchSize).find((count) => fits(again({ num_replicas: count, inner_group_size: null })))
    : undefined
  if (replicas !== undefined) ways.push(`num_replicas ${replicas}`)
  ways.push('a smaller network')
  const text = `Choose ${ways.length > 1 ? `${ways.slice(0, -1).join(', ')} or ${ways.at(-1)}` : ways[0]}.`
  if (offer.source !== 'assumed' || tooLarge(plan, offer)) return text
  return `${text} If the device has more memory, say so with memory_budget_mib.`
}

const divisors = (n: number) => Array.from({ length: n }, (_, i) => i + 1).filter((d) => n % d === 0)

/** `weights and optimizer 12 MiB, a step 8 MiB, activations of 32 images 310 MiB, evaluation 90 MiB` */
export function partsText(plan: MemoryPlan): string {
  const { state, working, activations, evaluation, batchSize, replicas } = plan
  const split = replicas > 1 ? ` in ${replicas} replicas` : ''
  return `weights and optimizer ${bytesText(state)}, a step ${bytesText(working)}, activations of ${batchSize} images${split} ${bytesText(activations)}, evaluation ${bytesText(evaluation)}`
}
