/** Kind `checkpoint layout`: names, shapes and their order in a file of the reference, which one of our networks must have. */
import { z } from '../../../src/core/zod'
import { kind } from '../kind'
import { networkFields, networkOf } from '../networks'

/** Names and shapes in the file's order. */
const listing = z.array(z.tuple([z.string(), z.array(z.number())]))

const fields = z.strictObject({ network: networkFields, params: listing, state: listing })

export const checkpointLayout = kind(
  'checkpoint layout',
  fields,
  async ({ network, params, state }, checks) => {
    const ours = networkOf(network)
    const what = `${params.length} parameters and ${state.length} statistics of one of our networks`
    checks.holds(what, isListed(ours.params.entries, params) && isListed(ours.stats.entries, state))
    checks.note = network.model_name
  },
)

const isListed = (
  entries: readonly { name: string; shape: readonly number[] }[],
  listed: z.infer<typeof listing>,
): boolean =>
  entries.map(({ name, shape }) => `${name} ${shape}`).join() === listed.map((one) => one.join(' ')).join()
