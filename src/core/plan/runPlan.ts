/** A run in numbers before it starts: parameters, operations, memory, and whether it fits the device. */

import type { BasinError } from '../../base/errors'
import type { RunConfig } from '../config/schema'
import type { Dataset } from '../data/dataset'
import { createNetwork } from '../models/registry'
import { type NetworkSummary, summaryOf } from '../models/summary'
import { type RunSpec, runSpecs } from '../runs/runSpec'
import { type MemoryConfig, type MemoryOffer, type MemoryPlan, memoryProblem, planMemory } from './memoryPlan'

/** Of all runs of a config; where their networks differ, counts and layers are the first one's. */
export interface RunPlan {
  numParams: number
  /** Floating-point operations of one image's forward pass. */
  flopsPerImage: number
  /** Layers and blocks with their shapes. */
  summary: NetworkSummary
  memory: MemoryPlan
  offer: MemoryOffer
  /** Why it cannot fit. */
  problem?: BasinError
}

/** What a device offers; see engine/device/memory. */
interface Offered {
  backend: 'webgpu' | 'wasm' | 'cpu'
  memory?: {
    largestTensor: number
    /** Absent: no larger than a tensor. */
    largestBuffer?: number
    budget: number
    source: 'measured' | 'assumed'
  }
}

/** What the network of a run is made for. */
export interface SeenImages {
  height: number
  width: number
  channels: number
  numClasses: number
  /** Training images, where it is known. */
  numTrain?: number
}

/**
 * @param seenBy images as the network of a run sees them
 * @throws BasinError `config` where the settings do not fit the images
 */
export function planRun(
  config: RunConfig,
  seenBy: (spec: RunSpec) => SeenImages,
  { backend, memory }: Offered,
): RunPlan {
  const runs = runSpecs(config).map((spec) => {
    const seen = seenBy(spec)
    const { numTrain } = seen
    return { network: createNetwork(spec.config, seen, seen.numClasses), config: spec.config, numTrain }
  })
  const again = (changes: Partial<MemoryConfig>) =>
    planMemory(
      runs.map((run) => ({ ...run, config: { ...run.config, ...changes } })),
      backend,
    )
  const plan = again({})
  const offer = offerOf(config, memory)
  const [{ network, config: first }] = runs
  return {
    numParams: network.params.size,
    flopsPerImage: network.layers.reduce((sum, { flops }) => sum + flops, 0),
    summary: summaryOf(network, first.model_name),
    memory: plan,
    offer,
    problem: memoryProblem(plan, offer, again),
  }
}

/** What a device offers to a run of these settings. */
export function offerOf(
  { memory_budget_mib: mib }: Pick<RunConfig, 'memory_budget_mib'>,
  memory: Offered['memory'],
): MemoryOffer {
  return {
    budget: mib === null ? (memory?.budget ?? Number.POSITIVE_INFINITY) : mib * 2 ** 20,
    source: mib === null ? (memory?.source ?? 'assumed') : 'set',
    largestTensor: memory?.largestTensor ?? Number.POSITIVE_INFINITY,
    largestBuffer: memory?.largestBuffer ?? memory?.largestTensor ?? Number.POSITIVE_INFINITY,
  }
}

/** Of a data set that is here. */
export const seenIn = ({ height, width, channels, classNames, train }: Dataset): SeenImages => ({
  height,
  width,
  channels,
  numClasses: classNames.length,
  numTrain: train.count,
})
