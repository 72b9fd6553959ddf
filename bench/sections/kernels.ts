/** Convolutions one by one: time against stock (and Basin's own on operands in halves), GFLOP/s, and the share of the fastest matrix product on the device. */
import type { MatmulPeak } from '../../src/engine/profile/matmulPeak'
import { alternate, messageOf, type Outcome } from '../alternate'
import { type Arena, opened } from '../arena'
import type { Host } from '../hosts/host'
import { type ConvCase, flopsOf, KERNELS, type KernelName } from '../peers/kernelCalls'
import { type Row, rowOf } from '../report'
import { against } from '../stats'

/** The convolutions of WideResnet_mini on 28 × 28, of the wide slice, a 1 × 1 and a 7 × 7. */
const CASES: readonly ConvCase[] = [
  { input: [32, 28, 28, 16], filter: [3, 3, 16, 16], stride: 1 },
  { input: [32, 14, 14, 32], filter: [3, 3, 32, 32], stride: 1 },
  { input: [32, 7, 7, 64], filter: [3, 3, 64, 64], stride: 1 },
  { input: [32, 28, 28, 16], filter: [3, 3, 16, 32], stride: 2 },
  { input: [32, 28, 28, 1], filter: [3, 3, 1, 16], stride: 1 },
  { input: [2, 32, 32, 160], filter: [3, 3, 160, 160], stride: 1 },
  { input: [4, 14, 14, 256], filter: [1, 1, 256, 64], stride: 1 },
  { input: [1, 112, 112, 3], filter: [7, 7, 3, 64], stride: 2 },
]

const TURN_MS = 30
/** Who answers calls of single kernels. */
const PEERS = ['tfjs', 'basin_f16'] as const
type Peer = (typeof PEERS)[number]

export async function kernels(arena: Arena): Promise<void> {
  const basin = await opened(arena, 'basin')
  const others: Partial<Record<Peer, Host>> = {}
  try {
    const peak = await basin.ask<MatmulPeak>('peak')
    arena.say(`peak ${peak.gflops.toFixed(1)} GFLOP/s (${peak.kernel}, ${peak.size})`)
    const square = { model: '', batch: 0, shape: `${peak.size}x${peak.size}` }
    arena.add([rowOf(square, 'matmul_peak', 'GFLOP/s', peak.gflops)])
    for (const name of PEERS) {
      if (arena.options.peers.includes(name)) others[name] = await opened(arena, name)
    }
    for (const shape of CASES) {
      for (const kernel of KERNELS) {
        if (arena.secondsLeft() < 5) return
        arena.add(await measure(arena, { basin, ...others }, kernel, shape, peak))
      }
    }
  } finally {
    await basin.close()
    for (const host of Object.values(others)) await host.close()
  }
}

async function measure(
  arena: Arena,
  hosts: { basin: Host } & Partial<Record<Peer, Host>>,
  kernel: KernelName,
  shape: ConvCase,
  peak: MatmulPeak,
): Promise<Row[]> {
  const runners = Object.entries(hosts).flatMap(([name, host]) =>
    host
      ? [{ name, run: (ms: number) => host.ask<{ steps: number; ms: number }>('kernel', kernel, shape, ms) }]
      : [],
  )
  // In turn with the kernels: a peak of another minute says little on a busy machine.
  runners.push({ name: 'peak', run: (ms) => hosts.basin.ask('repeatPeak', peak, ms) })
  const seconds = Math.min(2, arena.options.seconds)
  const outcomes = await alternate(runners, {
    seconds,
    turnMs: TURN_MS,
    limitSeconds: arena.options.limit,
  }).catch((error) => new Map<string, Outcome>([['basin', { error: messageOf(error) }]]))
  const name = `conv_${kernel}`
  const text = `${shape.input.slice(1).join('x')} * ${shape.filter.join('x')} /${shape.stride}`
  const [batch] = shape.input
  const own = outcomes.get('basin')!
  const of = { model: '', batch, shape: text }
  const row: Row = { name, ...of, unit: 'ms', basin: own, peers: {} }
  for (const peer of PEERS) {
    const other = outcomes.get(peer)
    if (!other) continue
    const compared = 'error' in other || 'error' in own ? undefined : against(own, other)
    row.peers[peer] = compared ?? ('error' in other ? other : { error: 'nothing to compare with' })
  }
  if ('error' in own) return [row]
  const gflops = flopsOf(shape) / own.median / 1e6
  const rows = [row, rowOf(of, `${name}_gflops`, 'GFLOP/s', gflops)]
  const now = outcomes.get('peak')!
  if ('error' in now) return rows
  const share = (gflops * now.median * 1e6) / (2 * peak.size ** 3)
  return [...rows, rowOf(of, `${name}_of_peak`, 'fraction', share)]
}
