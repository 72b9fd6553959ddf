/** A run in numbers before it starts: parameters, operations, memory, and whether it fits the device. */

import type { BasinError } from '../../base/errors'
import type { RunConfig } from '../config/schema'
import type { Network } from '../models/network'
import { createNetwork } from '../models/registry'
import { type NetworkSummary, summaryOf } from '../models/summary'
import { runSpecs } from '../runs/runSpecs'
import { type MemoryConfig, type MemoryOffer, type MemoryPlan, memoryProblem, planMemory } from './memoryPlan'

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
  backend: 'webgpu' | 'webgl' | 'cpu'
  memory?: {
    largestTensor: number
    /** Absent: no larger than a tensor. */
    largestBuffer?: number
    budget: number
    source: 'measured' | 'assumed'
  }
}

/**
 * @param image shape of what the network sees
 * @throws BasinError `config` where the settings do not fit the image
 */
export function planRun(
  config: RunConfig,
  image: { height: number; width: number; channels: number },
  numClasses: number,
  device: Offered,
): RunPlan {
  return planOf(createNetwork(config, image, numClasses), config, device)
}

export function planOf(network: Network, config: RunConfig, { backend, memory }: Offered): RunPlan {
  const rhos = runSpecs(config).map(({ rho }) => rho)
  const again = (changes: Partial<MemoryConfig>) =>
    planMemory(network, { ...config, ...changes }, rhos, backend)
  const plan = again({})
  const mib = config.memory_budget_mib
  const offer: MemoryOffer = {
    budget: mib === null ? (memory?.budget ?? Number.POSITIVE_INFINITY) : mib * 2 ** 20,
    source: mib === null ? (memory?.source ?? 'assumed') : 'set',
    largestTensor: memory?.largestTensor ?? Number.POSITIVE_INFINITY,
    largestBuffer: memory?.largestBuffer ?? memory?.largestTensor ?? Number.POSITIVE_INFINITY,
  }
  return {
    numParams: network.params.size,
    flopsPerImage: network.layers.reduce((sum, { flops }) => sum + flops, 0),
    summary: summaryOf(network, config.model_name),
    memory: plan,
    offer,
    problem: memoryProblem(plan, offer, again),
  }
}
