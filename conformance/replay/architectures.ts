/**
 * Kind `architectures`: names, shapes and counts of every network's parameters and statistics, without a weight.
 * Fields: `<model>|classes=<n>|input=<h>x<w>x<c>[|use_additional_skip_connections]` of {param_count,
 * batch_stat_count, params_flatten_order, state_flatten_order, …}.
 */
import type { Network } from '../../src/core/models/network'
import { type CaseResult, Checks, Unsupported } from './checks'
import { type Fields, type Golden, isFields } from './golden'
import { networkCalled } from './goldenNetworks'

const KEY = /^([^|]+)\|classes=(\d+)\|input=(\d+)x(\d+)x(\d+)((?:\|\w+)*)$/

type Listing = [name: string, shape: number[]][]

interface Architecture {
  param_count: number
  batch_stat_count: number
  num_param_tensors?: number
  num_state_tensors?: number
  params_flatten_order?: Listing
  state_flatten_order?: Listing
}

export function isArchitectures({ json }: Golden): boolean {
  if (!isFields(json)) return false
  const entries = Object.entries(json)
  return (
    entries.length > 0 &&
    entries.every(([key, one]) => KEY.test(key) && isFields(one) && 'param_count' in one)
  )
}

export async function* runArchitectures({ name, json }: Golden): AsyncGenerator<CaseResult> {
  for (const [key, golden] of Object.entries(json as Fields) as [string, Architecture][]) {
    const label = `${name}/${key}`
    try {
      const [, model, classes, height, width, channels, flags] = KEY.exec(key)!
      const kwargs = Object.fromEntries(
        flags
          .split('|')
          .filter(Boolean)
          .map((flag) => [flag, true]),
      )
      const input = [Number(height), Number(width), Number(channels)] as const
      yield compare(label, networkCalled(model, input, Number(classes), kwargs), golden)
    } catch (error) {
      if (!(error instanceof Unsupported)) throw error
      yield { name: label, unsupported: error.message }
    }
  }
}

function compare(name: string, network: Network, golden: Architecture): CaseResult {
  const checks = new Checks()
  const { params, stats } = network
  // Differs: the last pool of PyramidNet leaves nothing of a 7 × 7 map in the reference, so its dense kernel is empty.
  const empty = golden.params_flatten_order?.find(([, shape]) => shape.includes(0))?.[0]
  const ours = params.entries.find((entry) => entry.name === empty)?.size ?? 0
  checks.scalar('parameters', params.size, golden.param_count + ours, 0)
  checks.scalar('statistics', stats.size, golden.batch_stat_count, 0)
  if (golden.num_param_tensors !== undefined) {
    checks.scalar('parameter tensors', params.entries.length, golden.num_param_tensors, 0)
  }
  if (golden.num_state_tensors !== undefined) {
    checks.scalar('statistic tensors', stats.entries.length, golden.num_state_tensors, 0)
  }
  for (const [layout, listing] of [
    [params, golden.params_flatten_order],
    [stats, golden.state_flatten_order],
  ] as const) {
    if (!listing) continue
    listing.forEach(([entry, shape], i) => {
      const own = layout.entries[i]
      const same = String(own?.shape) === String(shape) || entry === empty
      checks.holds(`${entry} [${shape}]`, own?.name === entry && same)
    })
  }
  return { name, checks, note: empty && `Differs: ${empty} is empty in the reference` }
}
