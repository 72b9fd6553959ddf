/** From the dispatches of a step to a table: one row per kernel, the dearest first. */

/** One dispatch as it was timed. */
export interface TimedDispatch {
  kernel: string
  /** On the device; undefined where the adapter has no timestamps. */
  ms?: number
  /** Floating-point operations, where known. */
  flops?: number
}

export interface KernelRow {
  kernel: string
  /** Dispatches. */
  count: number
  /** All of them together, on the device. */
  ms?: number
  /** Of the step's time on the device, 0 to 1. */
  share?: number
  /** GFLOP/s over the dispatches whose work is known. */
  gflops?: number
}

export interface StepProfile {
  /** False where the adapter has no timestamp-query: then only dispatches are counted. */
  timed: boolean
  dispatches: number
  /** Sum over the kernels; undefined when not timed. */
  deviceMs?: number
  /** From the first call to the last result, with the cost of timing every dispatch apart. */
  wallMs: number
  rows: KernelRow[]
}

/** @param wallMs how long the step took from outside */
export function aggregate(dispatches: readonly TimedDispatch[], timed: boolean, wallMs: number): StepProfile {
  const groups = new Map<string, TimedDispatch[]>()
  for (const dispatch of dispatches) {
    const group = groups.get(dispatch.kernel)
    if (group) group.push(dispatch)
    else groups.set(dispatch.kernel, [dispatch])
  }
  const deviceMs = timed ? sum(dispatches.map(({ ms = 0 }) => ms)) : undefined
  const rows = [...groups].map(([kernel, group]): KernelRow => {
    if (deviceMs === undefined) return { kernel, count: group.length }
    const ms = sum(group.map((dispatch) => dispatch.ms ?? 0))
    const share = deviceMs > 0 ? ms / deviceMs : 0
    return { kernel, count: group.length, ms, share, gflops: rate(group) }
  })
  rows.sort((a, b) => (b.ms ?? 0) - (a.ms ?? 0) || b.count - a.count)
  return { timed, dispatches: dispatches.length, deviceMs, wallMs, rows }
}

/** Operations over time, of the dispatches whose operations are known. */
function rate(group: readonly TimedDispatch[]): number | undefined {
  const known = group.filter(({ flops, ms }) => flops !== undefined && ms !== undefined)
  const ms = sum(known.map((dispatch) => dispatch.ms!))
  return ms > 0 ? sum(known.map((dispatch) => dispatch.flops!)) / ms / 1e6 : undefined
}

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0)
