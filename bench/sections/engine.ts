/**
 * Training steps: Basin's session against its peers, SGD and SAM, on the same weights and the same batch. Peers that
 * do not compute the same first loss are refused.
 */
import { EVALUATION_BATCH } from '../../src/core/evaluation/evaluationBatch'
import { alternate, messageOf, type Outcome, OverTime, type Runner, within } from '../alternate'
import { type Arena, type ContestantName, caseOf, opened } from '../arena'
import type { Built, Facts } from '../contestants/protocol'
import type { Host } from '../hosts/host'
import { type PeerName, type Row, rowOf } from '../report'
import { against, figure, type PeerFigure } from '../stats'
import type { Spec } from '../workload'

/** SAM's radius. */
const RHO = 0.05
const LOSS_TOLERANCE = 1e-3

type Rule = 'sgd' | 'sam'
const RULES: readonly Rule[] = ['sgd', 'sam']

/** In the order of what matters, for a run that is cut short. */
const CASES: readonly Spec[] = [
  { model: 'WideResnet_mini', shape: [28, 28, 1], batch: 32 },
  { model: 'mlp', shape: [28, 28, 1], batch: 64 },
  { model: 'cnn_small', shape: [28, 28, 1], batch: 64 },
  { model: 'WideResnet_mini', shape: [28, 28, 1], batch: 128 },
  { model: 'WideResnet28x10_slice', shape: [32, 32, 3], batch: 8 },
  { model: 'WideResnet_mini', shape: [32, 32, 3], batch: 32 },
  { model: 'WideResnet_mini', shape: [32, 32, 3], batch: 128 },
]

export async function engine(arena: Arena): Promise<void> {
  for (const spec of casesOf(arena)) {
    arena.say(`${spec.model}, batch ${spec.batch}, ${spec.shape.join('x')}`)
    await runCase(arena, spec)
  }
  if (arena.options.device === 'wasm') await matmul(arena)
}

/** Side of the matrices. */
const SIDE = 512

/** One thread's rate at matrix products beside XNNPACK's (stock tfjs in WebAssembly), in turn. */
async function matmul(arena: Arena): Promise<void> {
  if (arena.secondsLeft() < 5) return
  const hosts: Host[] = []
  try {
    for (const name of ['basin_wasm_1', 'tfjs_wasm'] as const) hosts.push(await opened(arena, name))
    const runners = hosts.map(
      (host): Runner => ({ name: host.name, run: (minMs) => host.ask('matmul', SIDE, minMs) }),
    )
    const outcomes = await alternate(runners, { seconds: 4, limitSeconds: arena.options.limit })
    const [own, stock] = hosts.map(({ name }) => outcomes.get(name)!)
    if ('error' in own || 'error' in stock) throw new Error('a contestant gave no figure')
    const rate = ({ min }: { min: number }) => figure([(2 * SIDE ** 3) / min / 1e6])
    const ratio = stock.median / own.median
    arena.add([
      {
        ...{ name: 'matmul_gflops_a_thread', model: '', batch: 0, shape: `${SIDE}x${SIDE}x${SIDE}` },
        ...{ unit: 'GFLOP/s', basin: rate(own), peers: { tfjs_wasm: { ...rate(stock), ratio } } },
      },
    ])
  } finally {
    for (const host of hosts) await host.close()
  }
}

/** --batch with a size that no case has makes one. */
function casesOf({ options }: Arena): Spec[] {
  const wanted = CASES.filter(({ model }) => options.models.includes(model))
  if (!options.batches) return wanted
  return options.batches.flatMap((batch) => {
    const exact = wanted.filter((spec) => spec.batch === batch)
    if (exact.length > 0) return exact
    return options.models.flatMap((model) => {
      const like = wanted.find((spec) => spec.model === model)
      return like ? [{ ...like, batch }] : []
    })
  })
}

interface Entry {
  name: ContestantName
  host?: Host
  built: Partial<Record<Rule, Built>>
  errors: Partial<Record<Rule, string>>
}

async function runCase(arena: Arena, spec: Spec): Promise<void> {
  const workload = arena.server.offer(spec)
  const names: ContestantName[] = ['basin', ...arena.options.peers]
  const entries: Entry[] = []
  try {
    for (const name of names) entries.push(await enter(arena, name, workload, entries[0]))
    const runners = entries.flatMap(({ name, host, built }) =>
      RULES.filter((rule) => built[rule]).map(
        (rule): Runner => ({ name: `${name} ${rule}`, run: (minMs) => host!.run(rule, minMs) }),
      ),
    )
    const { seconds, limit } = arena.options
    const outcomes = await alternate(runners, {
      seconds: Math.min(seconds, arena.secondsLeft()),
      limitSeconds: limit,
      endSeconds: arena.secondsLeft(),
    })
    arena.add(RULES.map((rule) => stepRow(spec, rule, entries, outcomes)))
    const [basin] = entries
    const ended = { error: `left out: ${arena.options.minutes} min are over` }
    const facts = arena.secondsLeft() > 0 ? await factsOf(basin) : {}
    const rows = figureRows(spec, basin, outcomes, facts, ended.error)
    // WebAssembly computes when it is called: there are no dispatches, and no JavaScript apart from them.
    arena.add(arena.options.device === 'wasm' ? rows.slice(0, 1) : rows)
    arena.add(firstStepRows(spec, entries, await secondBatch(arena, basin, spec)))
    arena.add(await firstEvaluationRows(arena, basin, spec))
  } finally {
    for (const { host } of entries) await host?.close()
  }
}

/** Starts a contestant and builds both steps, each within the limit. */
async function enter(
  arena: Arena,
  name: ContestantName,
  workload: string,
  basin: Entry | undefined,
): Promise<Entry> {
  const entry: Entry = { name, built: {}, errors: {} }
  const { limit } = arena.options
  const rules: readonly Rule[] = arena.options.samPeers || name === 'basin' ? RULES : ['sgd']
  for (const rule of RULES) {
    if (!rules.includes(rule)) {
      entry.errors[rule] = 'not asked for: --no-sam-peers'
      continue
    }
    if (entry.errors.sgd) {
      entry.errors[rule] ??= entry.errors.sgd
      continue
    }
    const allowed = Math.min(limit, arena.secondsLeft())
    if (arena.secondsLeft() < 5) {
      entry.errors[rule] = `left out: ${arena.options.minutes} min are over`
      continue
    }
    try {
      entry.host ??= await opened(arena, name)
      const job = { id: rule, workload, rho: rule === 'sam' ? RHO : 0 }
      const built = await within(entry.host.build(job), allowed * 1000)
      const expected = basin?.built[rule]?.loss ?? built.loss
      if (!(Math.abs(built.loss - expected) <= LOSS_TOLERANCE * Math.abs(expected))) {
        throw new Error(`another network: first loss ${built.loss}, Basin’s ${expected}`)
      }
      entry.built[rule] = built
      arena.say(`  ${name} ${rule}: first step ${(built.firstStepMs / 1000).toFixed(1)} s`)
    } catch (error) {
      entry.errors[rule] = error instanceof OverTime ? `over ${allowed.toFixed(0)} s` : messageOf(error)
      arena.say(`  ${name} ${rule}: ${entry.errors[rule]}`)
      // What it was busy with cannot be stopped otherwise.
      if (error instanceof OverTime) {
        await entry.host?.close()
        entry.built = {}
        entry.errors.sgd ??= entry.errors[rule]
      }
    }
  }
  return entry
}

async function factsOf({ host, built }: Entry): Promise<Partial<Record<Rule, Facts>>> {
  const facts: Partial<Record<Rule, Facts>> = {}
  for (const rule of RULES) if (built[rule]) facts[rule] = await host!.facts(rule)
  return facts
}

/** The first SGD step of another batch size in a process that has seen one. */
async function secondBatch(arena: Arena, { host, built }: Entry, spec: Spec): Promise<Built | undefined> {
  if (!built.sgd || arena.secondsLeft() < 5) return undefined
  const batch = Math.ceil(spec.batch / 2) + 1
  const workload = arena.server.offer({ ...spec, batch })
  return within(host!.build({ id: 'other batch', workload, rho: 0 }), arena.options.limit * 1000).catch(
    () => undefined,
  )
}

/** What an evaluation costs when it is met first, in a process that trains, and what it takes from then on. */
async function firstEvaluationRows(arena: Arena, { host, built }: Entry, spec: Spec): Promise<Row[]> {
  if (!built.sgd || arena.secondsLeft() < 5) return []
  const evaluated = { ...spec, batch: EVALUATION_BATCH }
  const times = await within(
    host!.ask<[number, number]>('firstEvaluation', arena.server.offer(evaluated)),
    arena.options.limit * 1000,
  ).catch(messageOf)
  return ['first_evaluation_ms', 'evaluation_ms'].map((name, i) =>
    rowOf(caseOf(spec), name, 'ms', typeof times === 'string' ? { error: times } : times[i]),
  )
}

function stepRow(spec: Spec, rule: Rule, entries: Entry[], outcomes: Map<string, Outcome>): Row {
  const outcomeOf = ({ name, errors }: Entry): Outcome =>
    outcomes.get(`${name} ${rule}`) ?? { error: errors[rule] ?? 'not run' }
  const [basin, ...others] = entries
  const own = outcomeOf(basin)
  const peers: Partial<Record<PeerName, PeerFigure>> = {}
  for (const entry of others) {
    const outcome = outcomeOf(entry)
    // Without Basin's own figure the peer's still stands, with no ratio.
    const reference = 'error' in own ? { min: Number.NaN, median: Number.NaN } : own
    peers[entry.name as PeerName] = 'error' in outcome ? outcome : against(reference, outcome)
  }
  return { name: `${rule}_step`, ...caseOf(spec), unit: 'ms', basin: own, peers }
}

function figureRows(
  spec: Spec,
  basin: Entry,
  outcomes: Map<string, Outcome>,
  facts: Partial<Record<Rule, Facts>>,
  error: string,
): Row[] {
  const row = (name: string, unit: string, value: number | undefined) =>
    rowOf(caseOf(spec), name, unit, value ?? { error })
  const [sgd, sam] = RULES.map((rule) => outcomes.get(`${basin.name} ${rule}`))
  const both = sgd && sam && !('error' in sgd) && !('error' in sam)
  return [
    row('sam_over_sgd', 'ratio', both ? sam.median / sgd.median : undefined),
    ...RULES.map((rule) => row(`dispatches_${rule}`, 'count', facts[rule]?.dispatches)),
    ...RULES.map((rule) => row(`js_ms_${rule}`, 'ms', facts[rule]?.jsMs)),
  ]
}

function firstStepRows(spec: Spec, entries: Entry[], again: Built | undefined): Row[] {
  const [basin, ...others] = entries
  const own = basin.built.sgd && figure([basin.built.sgd.firstStepMs])
  const peers: Partial<Record<PeerName, PeerFigure>> = {}
  for (const { name, built, errors } of others) {
    peers[name as PeerName] =
      built.sgd && own ? against(own, figure([built.sgd.firstStepMs])) : { error: errors.sgd ?? 'not run' }
  }
  const missing = { error: basin.errors.sgd ?? 'not run' }
  return [
    { name: 'first_step_ms', ...caseOf(spec), unit: 'ms', basin: own ?? missing, peers },
    rowOf(caseOf(spec), 'second_batch_first_step_ms', 'ms', again?.firstStepMs ?? missing),
  ]
}
