/** The runs of a sweep, each with an id that the same settings have everywhere: the same plan names the same runs. */
import { BasinError } from '../../base/errors'
import { randomStream } from '../../base/random'
import { sha256 } from '../../base/sha256'
import { VERSION } from '../../base/version'
import { flagOf } from '../../core/config/flags'
import { FIELD_NAMES, type FieldName, fieldMeta, type RunConfig } from '../../core/config/schema'
import { checkConfig } from '../../core/config/validate'
import {
  baseOf,
  type Changes,
  changesOf,
  type Range,
  readSetting,
  readSweep,
  type Sweep,
  settingName,
} from './sweepFile'

export interface PlannedRun {
  /** Of its settings and Basin's version, in hexadecimal. Also the name of its folder. */
  id: string
  config: RunConfig
}

export interface SweepPlan {
  sweep: Sweep
  /** The file. */
  text: string
  /** Runs that would give the same numbers are one. */
  runs: PlannedRun[]
  /** What the sweep is over, but for the seed. */
  over: FieldName[]
}

/** More runs than that are a slip of the hand. */
const MOST_RUNS = 100_000

/**
 * @param where of the file, for messages
 * @throws BasinError `file-format`, `config` naming what is wrong
 */
export async function planSweep(text: string, where: string): Promise<SweepPlan> {
  const sweep = readSweep(text, where)
  const base = baseOf(sweep)
  const axes = axesOf(sweep)
  const count = axes.reduce((product, axis) => product * axis.length, 1)
  if (count > MOST_RUNS) {
    throw new BasinError('config', `${where}: ${MOST_RUNS} runs at most, got ${count}`, 'Leave values out.')
  }
  const runs = new Map<string, PlannedRun>()
  for (const changes of product(axes)) {
    const config = { ...base, ...changes }
    const [problem] = checkConfig(config)
    if (problem) throw new BasinError('config', `${where}: ${JSON.stringify(changes)}: ${problem}`)
    const id = await runId(config)
    if (!runs.has(id)) runs.set(id, { id, config })
  }
  const names = new Set(axes.flatMap((axis) => axis.flatMap((changes) => Object.keys(changes))))
  const over = FIELD_NAMES.filter((name) => names.has(name) && name !== 'run_seed')
  return { sweep, text, runs: [...runs.values()], over }
}

const ID_LENGTH = 20

/** The same for all settings that give the same numbers in the same version. */
export async function runId(config: RunConfig): Promise<string> {
  const names = FIELD_NAMES.filter((name) => !fieldMeta(name).harmless)
  const text = JSON.stringify([VERSION, names.map((name) => [name, config[name]])])
  return (await sha256(new TextEncoder().encode(text))).slice(0, ID_LENGTH)
}

/** Lists of changes, one of each of which makes a run; the last varies fastest. */
function axesOf({ list, random, grid, seeds }: Sweep): Changes[][] {
  const axes: Changes[][] = []
  if (list) axes.push(list.map((values, i) => changesOf(values, `list.${i}`)))
  if (random) axes.push(drawn(random))
  for (const [name, values] of Object.entries(grid)) {
    const where = `grid.${name}`
    const field = settingName(name, where)
    axes.push(values.map((value) => ({ [field]: readSetting(field, value, where) })))
  }
  if (seeds !== undefined) {
    const named = typeof seeds === 'number' ? Array.from({ length: seeds }, (_, seed) => seed) : seeds
    axes.push(named.map((seed) => ({ run_seed: readSetting('run_seed', seed, 'seeds') }) as Changes))
  }
  return axes
}

/** Draws at random, by the seed; more of them begin with the same ones. */
function drawn({ count, seed, settings }: NonNullable<Sweep['random']>): Changes[] {
  const names = Object.keys(settings).sort()
  return Array.from({ length: count }, (_, i) => {
    const random = randomStream(seed, 'sweep', i)
    const entries = names.map((name) => {
      const where = `random.settings.${name}`
      const field = settingName(name, where)
      const from = settings[name]
      const value = Array.isArray(from)
        ? from[random.int(from.length)]
        : numberIn(from, random.uniform(), field, where)
      return [field, readSetting(field, value, where)]
    })
    return Object.fromEntries(entries) as Changes
  })
}

/** Four digits are enough to draw from, and can be read. */
const DIGITS = 4

function numberIn({ from, to, scale }: Range, part: number, field: FieldName, where: string): number {
  const kind = flagOf(field).kind
  if (kind !== 'integer' && kind !== 'number') {
    throw new BasinError('config', `${where}: a list of values, got a range`, `${field} is no number.`)
  }
  if (from > to || (scale === 'log' && from <= 0)) {
    const rule = scale === 'log' ? '0 < from ≤ to' : 'from ≤ to'
    throw new BasinError('config', `${where}: ${rule}, got from ${from} to ${to}`)
  }
  if (kind === 'integer' && scale === 'linear') return Math.floor(from + part * (to - from + 1))
  const number = scale === 'log' ? from * (to / from) ** part : from + part * (to - from)
  return kind === 'integer' ? Math.round(number) : Number(number.toPrecision(DIGITS))
}

function* product(axes: readonly Changes[][]): Generator<Changes> {
  const [first, ...others] = axes
  if (!first) {
    yield {}
    return
  }
  for (const changes of first) for (const more of product(others)) yield { ...changes, ...more }
}
