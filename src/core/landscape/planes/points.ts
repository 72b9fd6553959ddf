/** Points of weight space by their names: a run as it is evaluated, or as it was after a step. */
import { BasinError } from '../../../base/errors'
import type { FreshStart } from '../../models/init'
import type { MeasuredRun } from '../measures/measure'

export interface NamedPoint extends FreshStart {
  /** As it is shown: `sam`, `sam, step 0`. */
  name: string
}

/** The word for the weights that a run began with. */
export const INITIAL = 'initial'

const NAME = /^([a-z][a-z0-9_-]*)(?:@(\d{1,15}))?$/

/** A run as it is evaluated. */
export async function pointOf({ key, theta, batchStats }: MeasuredRun): Promise<NamedPoint> {
  return {
    name: key,
    theta: (await theta.data()) as Float32Array,
    batchStats: (await batchStats.data()) as Float32Array,
  }
}

/**
 * @param name `initial`: what `run` began with; `sam`: that run as it is evaluated; `sam@200`: as it was after step 200
 * @param setting for messages
 * @throws BasinError `unsupported` where there is no such point
 */
export async function namedPoint(
  name: string,
  setting: string,
  run: MeasuredRun,
  runs: readonly MeasuredRun[],
): Promise<NamedPoint> {
  if (name === INITIAL) return pointAt(run, 0, setting)
  const [, key, step] = NAME.exec(name) ?? []
  const named = runs.find((one) => one.key === key)
  if (!named) {
    const known = [INITIAL, ...runs.map((one) => one.key)].join(', ')
    throw new BasinError(
      'unsupported',
      `${setting}: one of ${known}, or one of them at a step (sam@200), got ${name}`,
    )
  }
  return step === undefined ? pointOf(named) : pointAt(named, Number(step), setting)
}

async function pointAt(run: MeasuredRun, step: number, setting: string): Promise<NamedPoint> {
  const { key, way } = run
  if (way?.steps.includes(step)) return { name: wayName(key, step), ...(await way.at(step)) }
  const known = way && way.steps.length > 0 ? way.steps.join(', ') : 'none'
  const what = step === 0 ? 'the weights it began with' : `its weights after step ${step}`
  throw new BasinError(
    'unsupported',
    `${setting}: of ${key} ${what}, got those of step ${known}`,
    'Train with trajectory_every to keep weights on the way.',
  )
}

export const wayName = (key: string, step: number): string => `${key}, step ${step}`
