/**
 * sweep.json: the runs of a sweep in a few lines. Settings have the names and values that `train` takes. Whatever is
 * given is multiplied out: every entry of the list with every draw, every point of the grid and every seed.
 */
import { BasinError } from '../../base/errors'
import { readFlag } from '../../core/config/flags'
import { findPreset, PRESETS } from '../../core/config/presets'
import { REFERENCE_DEFAULTS } from '../../core/config/reference'
import {
  DEFAULT_CONFIG,
  FIELD_NAMES,
  type FieldName,
  fieldMeta,
  type RunConfig,
} from '../../core/config/schema'
import { MEASURES } from '../../core/landscape/measures'
import type { Measure } from '../../core/landscape/measures/measure'
import { z } from '../../core/zod'
import { settingsFrom } from '../terminal/settingOptions'

const value = z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.number())])
const settings = z.record(z.string(), value)
const range = z.strictObject({
  from: z.number(),
  to: z.number(),
  scale: z.enum(['linear', 'log']).default('linear'),
})
const MOST_SEEDS = 1000

const sweepSchema = z.strictObject({
  /** Also a folder's name, and a part of names in Redis. */
  name: z
    .string()
    .regex(/^[a-z][a-z0-9_-]{0,39}$/, 'a name of a-z, 0-9, _ and -, a letter first, 40 at most'),
  /** A preset of the page; without one flags start from the reference's defaults, as those of `train`. */
  preset: z.string().optional(),
  base: settings.default({}),
  grid: z.record(z.string(), z.array(value).min(1)).default({}),
  list: z.array(settings).min(1).optional(),
  random: z
    .strictObject({
      count: z.number().int().min(1).max(100_000),
      seed: z.number().int().min(0).default(0),
      settings: z.record(z.string(), z.union([range, z.array(value).min(1)])),
    })
    .optional(),
  /** How many, from 0, or which. */
  seeds: z
    .union([z.number().int().min(1).max(MOST_SEEDS), z.array(z.number().int().min(0)).min(1)])
    .optional(),
  /** Measures of the landscape that each run gets at its end, by name, with settings. */
  measure: z.record(z.string(), settings).default({}),
})

export type Sweep = z.infer<typeof sweepSchema>
export type Range = z.infer<typeof range>
export type Value = z.infer<typeof value>
export type Changes = Partial<RunConfig>

/**
 * @param where of the file, for messages
 * @throws BasinError `file-format` naming what is wrong
 */
export function readSweep(text: string, where: string): Sweep {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw new BasinError('file-format', `${where}: JSON, got something else (${(error as Error).message})`)
  }
  const parsed = sweepSchema.safeParse(json)
  if (!parsed.success) {
    const [{ path, message }] = parsed.error.issues
    throw new BasinError('file-format', `${where}: ${path.join('.') || 'sweep'}: ${message}`, REMEDY)
  }
  for (const [name, values] of Object.entries(parsed.data.measure)) {
    settingsFrom(measureOf(name).settings, values)
  }
  return parsed.data
}

const REMEDY = 'docs/sweeps.md says what a sweep file holds.'

/** What every run of the sweep begins with. @throws BasinError `config` */
export function baseOf({ preset, base }: Sweep): RunConfig {
  const found = preset === undefined ? undefined : findPreset(preset)
  if (preset !== undefined && !found) {
    const known = PRESETS.map(({ id }) => id).join(', ')
    throw new BasinError('config', `preset: one of ${known}, got ${preset}`)
  }
  const from = found ? { ...DEFAULT_CONFIG, ...found.values, runs: '' } : REFERENCE_DEFAULTS
  return { ...from, ...changesOf(base, 'base') }
}

/** Settings as `train` reads them. @throws BasinError `config` naming where the first wrong one stands */
export function changesOf(values: Readonly<Record<string, Value>>, where: string): Changes {
  const entries = Object.entries(values).map(([name, given]) => [name, readSetting(name, given, where)])
  return Object.fromEntries(entries) as Changes
}

export function readSetting(name: string, given: Value, where: string): RunConfig[FieldName] {
  const field = settingName(name, where)
  const reading = readFlag(field, given === null ? 'none' : String(given))
  if (reading.ok) return reading.value
  throw new BasinError('config', `${where}: ${reading.message}`, REMEDY)
}

/** What a sweep decides by itself. */
const ITS_OWN: readonly FieldName[] = ['runs', 'output_dir']

/** @throws BasinError `config` where there is no such setting, or none of a single run */
export function settingName(name: string, where: string): FieldName {
  const field = FIELD_NAMES.find((candidate) => candidate === name)
  if (!field) throw new BasinError('config', `${where}: ${name}: no such setting`, REMEDY)
  if (ITS_OWN.includes(field)) {
    const remedy = 'Every job of a sweep is one run; name several by list or grid.'
    throw new BasinError(
      'config',
      `${where}: ${fieldMeta(field).label}: the sweep’s own, got ${name}`,
      remedy,
    )
  }
  return field
}

/** A measure that can be made of one run. @throws BasinError `config` */
export function measureOf(id: string): Measure {
  const ofEach = (MEASURES as readonly Measure[]).filter(({ runs }) => runs === 'each')
  const found = ofEach.find((measure) => measure.id === id)
  if (found) return found
  throw new BasinError(
    'config',
    `measure: one of ${ofEach.map((one) => one.id).join(', ')}, got ${id}`,
    REMEDY,
  )
}
