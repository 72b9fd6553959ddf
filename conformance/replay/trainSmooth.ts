/**
 * Kind `train_smooth`: the training step on a smooth net, where float32 has no chaos; every vector after every step.
 * Fields: `cases` of {flags, per_step}, tensors images, labels and `<case>/<group>/<name>` with the steps in front.
 */
import { backendFactor, type CaseResult, Checks, Unsupported } from './checks'
import { fillByName } from './fillRule'
import { hyperOfFlags, meanOf, NUMBER, numberOf, replicaCount } from './flags'
import { type Fields, type Golden, isFields, type Tensors } from './golden'
import { smoothNet } from './goldenNetworks'
import { batchAt, replay, type StateArrays, stateArrays } from './replay'
import { compareEntries, row } from './vectors'

/** Absolute, after every step. Source: issue 2 §3. */
const TOLERANCE = 2e-6

const GROUPS = ['params', 'momentum', 'v', 'state', 'ema', 'ema_state'] as const
type Group = (typeof GROUPS)[number]

export function isTrainSmooth({ json, tensors }: Golden): boolean {
  if (!isFields(json) || !isFields(json.cases) || !tensors.has('images')) return false
  const cases = Object.values(json.cases)
  return cases.length > 0 && cases.every((one) => isFields(one) && 'flags' in one && 'per_step' in one)
}

export async function* runTrainSmooth(golden: Golden): AsyncGenerator<CaseResult> {
  const json = golden.json as Fields & { cases: Record<string, Fields> }
  for (const [name, fields] of Object.entries(json.cases)) {
    const label = `${golden.name}/${name}`
    try {
      yield { name: label, checks: await runCase(name, fields, json, golden.tensors) }
    } catch (error) {
      if (!(error instanceof Unsupported)) throw error
      yield { name: label, unsupported: error.message }
    }
  }
}

async function runCase(name: string, fields: Fields, json: Fields, tensors: Tensors): Promise<Checks> {
  const replicas = replicaCount(fields)
  const groups = groupsOf(name, tensors)
  const shapes = new Map([...groups.params].map(([entry, tensor]) => [entry, tensor.shape.slice(1)]))
  const images = tensors.get('images')!
  const labels = tensors.get('labels')
  if (!labels) throw new Unsupported('tensor labels is missing')
  const [height, width, channels] = images.shape.slice(2)
  const network = smoothNet(shapes, [height, width, channels])
  const sentence = String(json.what ?? '')
  const weightDecay = numberOf(
    [fields, fields.flags as Fields, json],
    ['weight_decay'],
    sentence,
    new RegExp(`weight[ _]decay ${NUMBER}`),
  )
  const gain = typeof fields.gain === 'number' ? fields.gain : 1
  const perStep = fields.per_step as Record<string, number | number[]>[]
  const tolerance = TOLERANCE * backendFactor()
  const checks = new Checks()
  await replay({
    network,
    hyper: hyperOfFlags(
      fields.flags as Fields,
      weightDecay,
      fields.ema_warm ?? fields.ema_warmup_steps,
      replicas,
    ),
    theta: concat(network.params.entries.map((entry) => fillByName(entry, gain))),
    batchStats: concat(network.stats.entries.map((entry) => fillByName(entry))),
    rates: perStep.map((step) => Number(step.lr)),
    batch: (step) => batchAt({ images, labels }, step, network.numClasses),
    async after(step, numbers, state) {
      for (const [metric, value] of Object.entries(numbers)) {
        const expected = perStep[step][metric]
        if (expected !== undefined)
          checks.scalar(`step ${step}/${metric}`, value, meanOf(expected), tolerance)
      }
      const vectors = vectorsOf(await stateArrays(state))
      for (const group of GROUPS) {
        if (groups[group].size === 0) continue
        const vector = vectors[group]
        if (!vector) throw new Unsupported(`${group}: this optimizer has none`)
        const ofStats = group === 'state' || group === 'ema_state'
        const layout = ofStats ? network.stats : network.params
        const copies = ofStats ? replicas : 1
        for (let r = 0; r < copies; r++) {
          const compared = compareEntries(
            checks,
            `step ${step}/${group}${copies > 1 ? ` of replica ${r}` : ''}`,
            layout,
            vector.subarray(r * layout.size, (r + 1) * layout.size),
            (entry) => {
              const tensor = groups[group].get(entry)
              return tensor && part(row(tensor, step), r, copies)
            },
            tolerance,
          )
          if (compared !== groups[group].size) throw new Unsupported(`${group}: a tensor of unknown name`)
        }
      }
    },
  })
  return checks
}

/** Tensors of a case by group and entry name. `state` keeps a replica axis behind that of the steps. */
function groupsOf(name: string, tensors: Tensors): Record<Group, Tensors> {
  const groups = Object.fromEntries(GROUPS.map((group) => [group, new Map()])) as Record<
    Group,
    Map<string, NonNullable<ReturnType<Tensors['get']>>>
  >
  for (const [key, tensor] of tensors) {
    if (!key.startsWith(`${name}/`)) continue
    const [, group, entry] = /^([^/]+)\/(.*)$/.exec(key.slice(name.length + 1)) ?? []
    if (!(group in groups)) throw new Unsupported(`tensor group ${group}`)
    groups[group as Group].set(entry, tensor)
  }
  return groups
}

const vectorsOf = (state: StateArrays): Record<Group, Float32Array | undefined> => ({
  params: state.theta,
  momentum: state.slots.momentum,
  v: state.slots.meanSquare,
  state: state.batchStats,
  ema: state.ema?.theta,
  ema_state: state.ema?.batchStats,
})

/** The r-th of equally long parts. */
function part(values: Float32Array, r: number, parts: number): Float32Array {
  const size = values.length / parts
  return values.subarray(r * size, (r + 1) * size)
}

function concat(parts: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0))
  let offset = 0
  for (const part of parts) {
    out.set(part, offset)
    offset += part.length
  }
  return out
}
