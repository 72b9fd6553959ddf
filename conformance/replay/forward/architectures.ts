/** Kind `architectures`: names, shapes and counts of a network's parameters and statistics, without a weight. */
import { z } from '../../../src/core/zod'
import { kind } from '../kind'
import { networkFields, networkOf } from '../networks'

/** Names and shapes in their order. */
const listing = z.array(z.tuple([z.string(), z.array(z.number())]))

const fields = z.strictObject({
  network: networkFields,
  param_count: z.number(),
  batch_stat_count: z.number(),
  num_param_tensors: z.number().optional(),
  num_state_tensors: z.number().optional(),
  params: listing.optional(),
  state: listing.optional(),
})

export const architectures = kind('architectures', fields, async (golden, checks) => {
  const { params, stats } = networkOf(golden.network)
  // Differs: the last pool of PyramidNet leaves nothing of a 7 × 7 map in the reference, so its dense kernel is empty.
  const empty = golden.params?.find(([, shape]) => shape.includes(0))?.[0]
  const ours = params.entries.find((entry) => entry.name === empty)?.size ?? 0
  const count = (what: string, own: number, wanted: number | undefined) => {
    if (wanted !== undefined) checks.scalar(what, own, wanted, 0)
  }
  count('parameters', params.size, golden.param_count + ours)
  count('statistics', stats.size, golden.batch_stat_count)
  count('parameter tensors', params.entries.length, golden.num_param_tensors)
  count('statistic tensors', stats.entries.length, golden.num_state_tensors)
  for (const [layout, list = []] of [
    [params, golden.params],
    [stats, golden.state],
  ] as const) {
    list.forEach(([entry, shape], i) => {
      const own = layout.entries[i]
      const same = String(own?.shape) === String(shape) || entry === empty
      checks.holds(`${entry} [${shape}]`, own?.name === entry && same)
    })
  }
  checks.note = empty && `Differs: ${empty} is empty in the reference`
})
