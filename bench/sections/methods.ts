/**
 * What a step of every method takes over SGD's, beside the gradients that it evaluates: what is left over is the
 * method's own arithmetic. All of them in turn in one process.
 */
import type { RunConfig } from '../../src/core/config/schema'
import { alternate, type Runner, within } from '../alternate'
import { type Arena, caseOf, withHost } from '../arena'
import type { Row } from '../report'
import { figure } from '../stats'
import type { Spec } from '../workload'

const CASES: readonly Spec[] = [
  { model: 'mlp', shape: [28, 28, 1], batch: 64 },
  { model: 'cnn_small', shape: [28, 28, 1], batch: 64 },
  { model: 'WideResnet_mini', shape: [28, 28, 1], batch: 32 },
]
const RHO = 0.05

interface Timed {
  changes: Partial<RunConfig>
  /** A step's, on average. */
  gradients: number
}

const METHODS: Record<string, Timed> = {
  sam: { changes: {}, gradients: 2 },
  sam_steps_3: { changes: { sam_steps: 3 }, gradients: 4 },
  asam: { changes: { sam_variant: 'asam' }, gradients: 2 },
  gsam: { changes: { sam_variant: 'gsam' }, gradients: 2 },
  friendly: { changes: { sam_variant: 'friendly' }, gradients: 2 },
  look_2: { changes: { sam_variant: 'look', look_every: 2 }, gradients: 1.5 },
  norm_only: { changes: { sam_variant: 'norm_only' }, gradients: 2 },
  random: { changes: { sam_variant: 'random' }, gradients: 1 },
}

export async function methods(arena: Arena): Promise<void> {
  for (const spec of CASES.filter(({ model }) => arena.options.models.includes(model))) {
    if (arena.secondsLeft() < 5) return
    arena.say(`methods on ${spec.model}, batch ${spec.batch}`)
    const names = Object.keys(METHODS).filter((name) => name !== 'norm_only' || spec.model !== 'mlp')
    const workload = arena.server.offer(spec)
    const outcomes = await withHost(arena, 'basin', async (host) => {
      const build = (id: string, rho: number, changes: Partial<RunConfig>) =>
        within(host.build({ id, workload, rho, changes }), arena.options.limit * 1000)
      await build('sgd', 0, {})
      for (const name of names) await build(name, RHO, METHODS[name].changes)
      const runners = ['sgd', ...names].map(
        (name): Runner => ({ name, run: (minMs) => host.run(name, minMs) }),
      )
      const { seconds, limit } = arena.options
      return alternate(runners, {
        seconds: Math.min(3 * seconds, arena.secondsLeft()),
        limitSeconds: limit,
        endSeconds: arena.secondsLeft(),
      })
    })
    const sgd = outcomes.get('sgd')!
    arena.add(
      names.flatMap((name): Row[] => {
        const own = outcomes.get(name)!
        const ratio = 'error' in own || 'error' in sgd ? undefined : own.median / sgd.median
        const row = (what: string, unit: string, value: number | undefined): Row => ({
          name: `${name}_${what}`,
          ...caseOf(spec),
          unit,
          basin: value === undefined ? { error: 'not run' } : figure([value]),
          peers: {},
        })
        const { gradients } = METHODS[name]
        return [
          row('over_sgd', 'ratio', ratio),
          row('gradients', 'count', gradients),
          row('beyond_gradients', '%', ratio && 100 * (ratio / gradients - 1)),
        ]
      }),
    )
  }
}
