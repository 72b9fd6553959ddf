/**
 * What a step of every method takes over SGD's, beside the gradients that it evaluates: what is left over is the
 * method's own arithmetic. All of them in turn in one process.
 */
import type { RunConfig } from '../../src/core/config/schema'
import { alternate, type Runner, within } from '../alternate'
import { type Arena, caseOf, withHost } from '../arena'
import { type Row, rowOf } from '../report'
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

/** What lies where in memory differs from process to process, and with it a short step's time by some percent. */
const PROCESSES = 3

export async function methods(arena: Arena): Promise<void> {
  for (const spec of CASES.filter(({ model }) => arena.options.models.includes(model))) {
    if (arena.secondsLeft() < 5) return
    arena.say(`methods on ${spec.model}, batch ${spec.batch}`)
    const names = Object.keys(METHODS).filter((name) => name !== 'norm_only' || spec.model !== 'mlp')
    const ratios = new Map(names.map((name) => [name, [] as number[]]))
    for (let turn = 0; turn < PROCESSES; turn++) await addRatios(arena, spec, ratios)
    arena.add(
      names.flatMap((name): Row[] => {
        const found = ratios.get(name)!
        const ratio = found.length > 0 ? figure(found).median : undefined
        const row = (what: string, unit: string, value: number | undefined) =>
          rowOf(caseOf(spec), `${name}_${what}`, unit, value ?? { error: 'not run' })
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

/**
 * Steps of every method over SGD's, round by round, in a process of their own: what else the machine does lasts longer
 * than a round, and cancels.
 */
async function addRatios(arena: Arena, spec: Spec, ratios: ReadonlyMap<string, number[]>): Promise<void> {
  const workload = arena.server.offer(spec)
  const names = ['sgd', ...ratios.keys()]
  const turns = new Map(names.map((name) => [name, [] as number[]]))
  await withHost(arena, 'basin', async (host) => {
    for (const name of names) {
      const [rho, changes] = name === 'sgd' ? [0, {}] : [RHO, METHODS[name].changes]
      await within(host.build({ id: name, workload, rho, changes }), arena.options.limit * 1000)
    }
    const runners = names.map(
      (name): Runner => ({
        name,
        async run(minMs) {
          const turn = await host.run(name, minMs)
          turns.get(name)!.push(turn.ms / turn.steps)
          return turn
        },
      }),
    )
    await alternate(runners, {
      seconds: Math.min(arena.options.seconds, arena.secondsLeft()),
      maxRounds: Number.POSITIVE_INFINITY,
      limitSeconds: arena.options.limit,
      endSeconds: arena.secondsLeft(),
    })
  })
  const sgd = turns.get('sgd')!
  for (const [name, found] of ratios) {
    const rounds = turns.get(name)!.slice(0, sgd.length)
    found.push(...rounds.map((ms, round) => ms / sgd[round]))
  }
}
