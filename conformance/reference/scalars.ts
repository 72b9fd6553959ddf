/** Goldens of single formulas: losses, optimizers, schedules, the average's decay. */
import { USUAL_MOMENTUM } from '../../src/core/optim/optimizers/optimizer'
import type { Stored } from '../files'
import { type Fields, type GoldenCase, isFields, type Tensors, Unsupported } from '../golden'
import { caseOf, fieldsOf, maybe, NUMBER, numberOf } from './words'

// ---- losses: `results` keyed `ls=<smoothing>,<nomask|zeromask|a tensor>,<label tensor>`

export const isLosses = ({ json, tensors }: Stored): boolean =>
  tensors.has('logits') &&
  Object.values(fieldsOf(fieldsOf(json).results)).some((one) => 'ce' in fieldsOf(one))

export function losses({ name, json }: Stored): GoldenCase[] {
  const results = Object.entries(fieldsOf((json as Fields).results)).map(([key, expected]) => {
    const [, smoothing, mask, labels] = /^ls=([^,]+),([^,]+),([^,]+)$/.exec(key) ?? []
    if (!labels) throw new Unsupported(`result ${key}: ls=…,mask,labels expected`)
    const values = fieldsOf(expected)
    const unknown = Object.keys(values).find((quantity) => !/^(ce|err|top\d+)$/.test(quantity))
    if (unknown) throw new Unsupported(`quantity ${unknown}`)
    const masks: Fields = { nomask: undefined, zeromask: 'zeros' }
    const masked = mask in masks ? masks[mask] : { tensor: mask }
    return { name: key, label_smoothing: Number(smoothing), labels, mask: masked, values }
  })
  return [{ name, results }]
}

// ---- optimizers: one with `v` is RMSProp, one without is Nesterov SGD

const namesIn = (tensors: Tensors): string[] =>
  [...tensors.keys()].filter((key) => key.endsWith('/w')).map((key) => key.slice(0, -2))

export const isOptimizers = ({ json, tensors }: Stored): boolean =>
  isFields(json) && tensors.has('w0') && tensors.has('grads') && namesIn(tensors).length > 0

export function optimizers({ name, json, tensors }: Stored): GoldenCase[] {
  const fields = fieldsOf(json)
  return namesIn(tensors).map((optimizer) =>
    caseOf(`${name}/${optimizer}`, () => {
      const own = [fields[optimizer], fields]
      const number = (names: string[], pattern: string) =>
        numberOf(own, names, `${fields.what ?? ''}, beta ${USUAL_MOMENTUM.momentum}`, pattern)
      const learning_rate = number(['lr', 'learning_rate'], `\\blr ${NUMBER}`)
      const momentum = number(['beta', 'momentum'], `\\bbeta ${NUMBER}`)
      if (momentum !== USUAL_MOMENTUM.momentum)
        throw new Unsupported(`momentum ${momentum}; the reference has ${USUAL_MOMENTUM.momentum}`)
      const rms = tensors.has(`${optimizer}/v`)
      return { tensors: `${optimizer}/`, optimizer: rms ? 'rmsprop' : 'nesterov', learning_rate }
    }),
  )
}

// ---- lr_schedules: a list of schedules, or one

const schedulesIn = (json: unknown): Fields[] => {
  const list = Array.isArray(json) ? json : [json]
  return list.every(isFields) ? list : []
}

export function isSchedules({ json }: Stored): boolean {
  const list = schedulesIn(json)
  return list.length > 0 && list.every((entry) => 'steps' in entry && 'lr' in entry && 'kind' in entry)
}

export function schedules({ name, json }: Stored): GoldenCase[] {
  const list = schedulesIn(json)
  return list.map((entry, i) =>
    caseOf(list.length > 1 ? `${name}[${i}] ${entry.kind}` : `${name} ${entry.kind}`, () =>
      scheduleOf(entry),
    ),
  )
}

function scheduleOf(entry: Fields): Fields {
  const number = (...names: string[]) => {
    const found = names.map((name) => maybe(entry[name])).find((value) => value !== undefined)
    if (found === undefined) throw new Unsupported(`field ${names[0]} is missing`)
    return found
  }
  const kind = String(entry.kind)
  const typed = () => {
    const type = (['cosine', 'exponential', 'constant'] as const).find((candidate) =>
      kind.includes(candidate),
    )
    if (type === 'exponential' && maybe(entry.num_epochs) === undefined) {
      return {
        type: 'decay',
        lambda: number('lamba', 'lambda'),
        warmup_epochs: maybe(entry.warmup_epochs) ?? 0,
      }
    }
    if (!type) throw new Unsupported(`schedule ${kind}`)
    return type === 'constant' ? { type } : { type, num_epochs: number('num_epochs') }
  }
  const schedule = typed()
  return {
    schedule,
    learning_rate: number('learning_rate', 'base', 'base_learning_rate'),
    steps_per_epoch:
      maybe(entry.steps_per_epoch) ?? Math.floor(number('num_training_obs') / number('batch_size')),
    num_training_obs: maybe(entry.num_training_obs),
    batch_size: maybe(entry.batch_size),
    steps: entry.steps,
    rates: entry.lr,
  }
}

// ---- ema_decay: `warmup=<n>,decay=<d>` with the decays; `…constant_<c>_warm<n>…` with [step, average]

export const isEmaDecay = ({ json }: Stored): boolean =>
  Object.values(fieldsOf(json)).some((value) => 'effective_decay' in fieldsOf(value))

export function emaDecay({ name, json }: Stored): GoldenCase[] {
  const series = Object.entries(json as Fields).flatMap(([key, value]) => {
    if (typeof value === 'string') return []
    if (isFields(value)) {
      const [, warmup, decay] = /warmup=(\d+),decay=([^,]+)/.exec(key) ?? []
      if (!decay) throw new Unsupported(`${key}: warmup=…,decay=… expected`)
      const { steps, effective_decay } = value
      return { name: key, warmup_steps: Number(warmup), decay: Number(decay), steps, effective_decay }
    }
    const [, constant, warmup] = /constant_([^_]+)_warm(\d+)/.exec(key) ?? []
    if (!warmup) throw new Unsupported(`${key}: …constant_<c>_warm<n>… expected`)
    return { name: key, warmup_steps: Number(warmup), constant: Number(constant), averages: value }
  })
  return [{ name, series }]
}
