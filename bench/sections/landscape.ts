/**
 * What a 21 × 21 pair of surfaces on 1,000 images costs, in training epochs (10,000 images) of the same SGD + SAM
 * pair. Both are rates, measured for as long as --seconds says and multiplied up: whole they take hours on a CPU.
 */
import { type Arena, addMeasured, caseOf, withHost } from '../arena'
import { rowOf } from '../report'
import type { Spec } from '../workload'

const POINTS = 21 * 21
const EPOCH_IMAGES = 10_000

const CASES: readonly Spec[] = [
  { model: 'WideResnet_mini', shape: [28, 28, 1], batch: 32 },
  { model: 'mlp', shape: [28, 28, 1], batch: 64 },
]

export interface LandscapeRates {
  /** ms a point of one surface on 1,000 images, and how many were timed. */
  pointMs: number
  points: number
  /** ms of a step of the pair, and how many were timed. */
  pairStepMs: number
  steps: number
}

export async function landscape(arena: Arena): Promise<void> {
  for (const spec of CASES.filter(({ model }) => arena.options.models.includes(model))) {
    arena.say(`landscape of ${spec.model}`)
    const of = caseOf(spec)
    await addMeasured(arena, of, 'surface_pair_21x21', 'epochs', async () => {
      const workload = arena.server.offer({ ...spec, batch: 1000 })
      const rates = await withHost(arena, 'basin', (host) =>
        host.ask<LandscapeRates>('landscape', workload, spec.batch, arena.options.seconds),
      )
      const surfacesMs = 2 * POINTS * rates.pointMs
      const epochMs = (EPOCH_IMAGES / spec.batch) * rates.pairStepMs
      return [
        rowOf(of, 'surface_pair_21x21', 'epochs', surfacesMs / epochMs),
        rowOf(of, 'surface_point_1000_images', 'ms', rates.pointMs),
        rowOf(of, 'pair_step', 'ms', rates.pairStepMs),
        rowOf(of, 'surface_points_timed', 'count', rates.points),
      ]
    })
  }
}
