/** The methods there are: a new one is a file beside this and a line in the list. */
import type { ChoiceMeta } from '../../fieldMeta'
import { choice, type z } from '../../settingTypes'
import { asam } from './asam'
import { friendly } from './friendly'
import { gsam } from './gsam'
import { look } from './look'
import { type CommonSettings, field, type Method, type NetworkFacts, type Place } from './method'
import { asamSteps, samSteps } from './multiStep'
import { normOnly } from './normOnly'
import { random } from './random'
import { sam } from './sam'
import { sgd } from './sgd'
import { isOn, windowFields, windowProblem } from './window'

/** Of those that take the same settings the first. */
const ALL = [sgd, samSteps, sam, asamSteps, asam, gsam, friendly, look, normOnly, random] as const

export const METHODS: readonly Method[] = ALL

const choices: Record<string, ChoiceMeta> = Object.fromEntries(
  METHODS.flatMap(({ variant, title, help, paper }) => (variant ? [[variant, { title, help, paper }]] : [])),
)

type Merged<U> = (U extends unknown ? (part: U) => void : never) extends (all: infer I) => void ? I : never

/** Settings that methods bring. */
export const methodFields = {
  sam_variant: field(choice(Object.keys(choices), sam.id), {
    label: 'Method',
    help: `What is done with the radius. ${METHODS.flatMap(({ variant, title }) => (variant ? [`${variant}: ${title}`] : [])).join(', ')}.`,
    choices,
  }),
  ...(Object.assign({}, ...ALL.map(({ fields }) => fields)) as Merged<(typeof ALL)[number]['fields']>),
  ...windowFields,
}

/** All that methods read of a run's settings. */
export type MethodSettings = CommonSettings & {
  [K in keyof typeof methodFields]: z.output<(typeof methodFields)[K]>
}

/** The one that the settings ask for. */
export function methodOf(settings: MethodSettings): Method {
  return METHODS.find((candidate) => candidate.takes(settings))!
}

/** Whose step an update takes, and which of its phases; while the method is off the step is SGD's. */
export interface Turn {
  method: Method
  place: Place
  phase: string
}

/** @param totalSteps of the run; undefined only where the method is on throughout */
export function turnAt(settings: MethodSettings, step: number, totalSteps?: number): Turn {
  const on = isOn(settings, step, totalSteps)
  const method = on ? methodOf(settings) : sgd
  const place = { step, isFirst: on && (step === 0 || !isOn(settings, step - 1, totalSteps)) }
  return { method, place, phase: method.phaseOf?.(settings, place) ?? '' }
}

/** Gradient evaluations of the update after `step` others. */
export function costAt(settings: MethodSettings, step: number, totalSteps?: number): number {
  const { method, place } = turnAt(settings, step, totalSteps)
  return method.cost(settings, place)
}

/** Gradient evaluations of the first `steps` updates of a run. */
export function costOf(settings: MethodSettings, steps: number, totalSteps: number): number {
  let sum = 0
  for (let step = 0; step < steps; step++) sum += costAt(settings, step, totalSteps)
  return sum
}

/** The settings that only methods read. */
export const METHOD_FLAGS = Object.keys(methodFields) as (keyof typeof methodFields)[]

/** Whether a setting that methods bring has a say in such a run, if only by making it impossible. */
export function methodReads(settings: MethodSettings, flag: keyof typeof methodFields): boolean {
  if (settings.sam_rho === 0) return false
  if (flag === 'sam_variant' || flag in windowFields || methodOf(settings).reads.includes(flag)) return true
  return UNREAD.some((name) => name === flag && settings[name] !== 1)
}

/** Settings that ask for something the method of such a run does not do. */
const UNREAD = ['sam_steps', 'sam_step_size'] as const

/** Sentences on what of a method's settings must be changed before such a run can start. */
export function methodProblems(settings: MethodSettings, network: NetworkFacts): string[] {
  if (settings.sam_rho === 0) return []
  const { title, reads, refuses } = methodOf(settings)
  const unread = UNREAD.filter((flag) => settings[flag] !== 1 && !reads.includes(flag))
  return [
    ...unread.map(
      (flag) => `${flag}: only 1 with ${title}, got ${settings[flag]}. Several ascents are SAM’s and ASAM’s.`,
    ),
    refuses?.(settings, network),
    windowProblem(settings),
  ].filter((problem) => problem !== undefined)
}

/** What of settings methods read. */
export function methodSettings({
  sam_rho,
  learning_rate,
  run_seed,
  ...settings
}: MethodSettings): MethodSettings {
  const own = Object.fromEntries(METHOD_FLAGS.map((flag) => [flag, settings[flag]]))
  return { sam_rho, learning_rate, run_seed, ...own } as MethodSettings
}
