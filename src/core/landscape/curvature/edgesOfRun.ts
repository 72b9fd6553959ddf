/** The edges of stability of what a run does at one of its steps. */
import type { RunConfig } from '../../config/schema'
import { turnAt } from '../../optim/methods'
import { type EdgeSettings, samEdge, stabilityEdge } from './edges'

export interface RunEdges {
  /** Of its optimizer without SAM. */
  stabilityEdge?: number
  /** Of SAM at this ‖g‖; with momentum no bound. */
  samEdge?: number
}

type EdgeConfig = Pick<RunConfig, 'use_rmsprop' | 'momentum' | 'nesterov'>

/** What the settings make of gradients; undefined where no edge is known: RMSProp's depends on its averages. */
export function edgeOptimizerOf(config: EdgeConfig): EdgeSettings['optimizer'] | undefined {
  const { use_rmsprop, momentum, nesterov } = config
  if (use_rmsprop) return undefined
  if (momentum === 0) return 'gd'
  return nesterov ? 'nesterov' : 'polyak'
}

/**
 * @param at the update that comes next: completed ones, of how many, and its rate
 * @param gradientNorm ‖g‖ of the objective at θ
 */
export function edgesOfRun(
  config: RunConfig,
  { step, totalSteps, learningRate }: { step: number; totalSteps: number; learningRate: number },
  gradientNorm: number,
): RunEdges {
  const optimizer = edgeOptimizerOf(config)
  if (!optimizer || learningRate <= 0) return {}
  const settings = { optimizer, learningRate, momentum: config.momentum }
  const edges = { stabilityEdge: stabilityEdge(settings) }
  // Its relatives climb elsewhere or descend something else; groups of replicas each have a ‖g‖ of their own.
  const isSam = turnAt(config, step, totalSteps).method.id === 'sam'
  const isWhole = config.num_replicas === 1 || (config.sync_perturbations && config.inner_group_size === null)
  return isSam && isWhole ? { ...edges, samEdge: samEdge(settings, config.sam_rho, gradientNorm) } : edges
}
