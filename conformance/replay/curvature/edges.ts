/** Kind `edges`: the edge of stability, a closed form. */
import { EDGE_OPTIMIZERS, samEdge } from '../../../src/core/landscape/curvature/edges'
import { z } from '../../../src/core/zod'
import { kind } from '../kind'

const fields = z.strictObject({
  optimizer: z.enum(EDGE_OPTIMIZERS),
  learning_rate: z.number(),
  momentum: z.number(),
  sam_rho: z.number(),
  /** Needed with sam_rho alone. */
  gradient_norm: z.number().optional(),
  edge: z.number(),
  relative_tolerance: z.number().default(1e-9),
})

export const edges = kind('edges', fields, async (one, checks) => {
  const { optimizer, learning_rate: learningRate, momentum, edge } = one
  const found = samEdge({ optimizer, learningRate, momentum }, one.sam_rho, one.gradient_norm ?? Number.NaN)
  checks.scalar('edge', found, edge, one.relative_tolerance * edge)
})
