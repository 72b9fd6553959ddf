/** What a training step holds on the device: bytes and number of buffers, now and at most, as WebGPU is asked for them. */
import { messageOf } from '../alternate'
import { type Arena, addMeasured, type ContestantName, caseOf, withHost } from '../arena'
import type { BufferUse } from '../contestants/gpuCalls'
import type { Host } from '../hosts/host'
import { type Row, rowOf } from '../report'
import { against, figure } from '../stats'
import type { Spec } from '../workload'

const CASES: readonly Spec[] = [
  { model: 'WideResnet_mini', shape: [28, 28, 1], batch: 32 },
  { model: 'mlp', shape: [28, 28, 1], batch: 64 },
  { model: 'cnn_small', shape: [28, 28, 1], batch: 64 },
]
const RHO = 0.05
const PEERS = ['tfjs', 'basin_f16'] as const
/** A leak would show between the first and the last. */
const STEPS_MS = 200

const FIGURES: readonly { name: string; unit: string; of(use: BufferUse): number }[] = [
  { name: 'gpu_bytes', unit: 'bytes', of: ({ bytes }) => bytes },
  { name: 'gpu_peak_bytes', unit: 'bytes', of: ({ peakBytes }) => peakBytes },
  { name: 'gpu_buffers', unit: 'count', of: ({ buffers }) => buffers },
]

/** Activations should take what one replica's part of the batch takes. */
const REPLICAS = [1, 2, 4, 8]
const REPLICAS_CASE: Spec = { model: 'WideResnet_mini', shape: [28, 28, 1], batch: 32 }

export async function memory(arena: Arena): Promise<void> {
  await ofSteps(arena)
  if (arena.options.models.includes(REPLICAS_CASE.model)) await ofReplicas(arena)
}

async function ofReplicas(arena: Arena): Promise<void> {
  arena.say(`memory of ${REPLICAS_CASE.model} in replicas`)
  const workload = arena.server.offer(REPLICAS_CASE)
  for (const count of REPLICAS) {
    const [of, name] = [caseOf(REPLICAS_CASE), `step_bytes_replicas_${count}`]
    await addMeasured(arena, of, name, 'bytes', async () => {
      const ask = (host: Host) => host.ask<number>('stepBytes', workload, RHO, count)
      return [rowOf(of, name, 'bytes', await withHost(arena, 'basin', ask))]
    })
  }
}

async function ofSteps(arena: Arena): Promise<void> {
  for (const spec of CASES.filter(({ model }) => arena.options.models.includes(model))) {
    arena.say(`memory of ${spec.model}`)
    const workload = arena.server.offer(spec)
    const use = async (name: ContestantName): Promise<BufferUse | { error: string }> => {
      try {
        return await withHost(arena, name, async (host) => {
          await host.build({ id: 'sam', workload, rho: RHO })
          await host.run('sam', STEPS_MS)
          return host.ask<BufferUse>('buffers')
        })
      } catch (error) {
        return { error: messageOf(error) }
      }
    }
    const own = await use('basin')
    const others = PEERS.filter((name) => arena.options.peers.includes(name))
    const used = new Map<(typeof PEERS)[number], BufferUse | { error: string }>()
    for (const name of others) used.set(name, await use(name))
    arena.add(
      FIGURES.map(({ name, unit, of }): Row => {
        const row = rowOf(caseOf(spec), name, unit, 'error' in own ? own : of(own))
        for (const [name, other] of used) {
          if ('error' in other) row.peers[name] = other
          else if (!('error' in row.basin)) row.peers[name] = against(row.basin, figure([of(other)]))
        }
        return row
      }),
    )
  }
}
