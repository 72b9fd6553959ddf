/** The runs that settings ask for: what each is called, and the settings it is trained with. */
import { BasinError } from '../../base/errors'
import { flagText } from '../config/flags'
import { type RunEntry, readRuns } from '../config/runList'
import { FIELD_NAMES, type FieldName, fieldMeta, type RunConfig } from '../config/schema'
import { differingFields } from '../config/validate'
import { costOf, methodOf } from '../optim/methods'
import type { RunKey } from './metrics'

/** One run of a session. Plain data. */
export interface RunSpec {
  key: RunKey
  /** `SAM`, or where several are `SAM 0.05`. */
  label: string
  /** All settings of this run; of its list of runs nothing is left. */
  config: RunConfig
  /** The settings that are not the same in all runs of the session. */
  differs: FieldName[]
}

/**
 * The runs of a config, in its order; of runs that would give the same numbers the first.
 * @throws BasinError `config` where the list cannot be read
 */
export function runSpecs(config: RunConfig): RunSpec[] {
  const reading = readRuns(config.runs)
  if (!reading.ok) throw new BasinError('config', reading.message, 'Correct the list of runs.')
  const runs = distinct(reading.runs.map((entry) => ({ entry, config: soloConfig(config, entry.changes) })))
  const differs = FIELD_NAMES.filter((name) => runs.some((run) => differ(run.config, runs[0].config, name)))
  const keys = keysOf(runs.map((run) => methodOf(run.config).id))
  const labels = labelsOf(runs)
  return runs.map((run, i) => ({ key: keys[i], label: labels[i], config: run.config, differs }))
}

/** Settings of one run, as if it were trained alone. */
export const soloConfig = (config: RunConfig, changes: Partial<RunConfig> = {}): RunConfig => ({
  ...config,
  ...changes,
  runs: '',
})

/**
 * The radius at which a run that does not look uphill is told of its gap: the largest of the session's; undefined where
 * there is none.
 */
export function probeRadius(specs: readonly RunSpec[]): number | undefined {
  const radii = uphill(specs).map(({ config }) => config.sam_rho)
  return radii.length > 0 ? Math.max(...radii) : undefined
}

/** The run whose steps are shown: the first that looks uphill, else the first. */
export const steppedRun = <Run extends Pick<RunSpec, 'config'>>(runs: readonly Run[]): Run | undefined =>
  uphill(runs)[0] ?? runs[0]

/** Those that look uphill; by SAM itself, where any does: a radius of its relatives is another length. */
function uphill<Run extends Pick<RunSpec, 'config'>>(runs: readonly Run[]): Run[] {
  const all = runs.filter(({ config }) => config.sam_rho > 0)
  const own = all.filter(({ config }) => config.sam_variant === 'sam')
  return own.length > 0 ? own : all
}

/**
 * Gradient evaluations of the first `steps` updates of a run.
 * @param totalSteps of the run; absent: these
 */
export const gradientsOf = ({ config }: Pick<RunSpec, 'config'>, steps: number, totalSteps = steps): number =>
  costOf(config, steps, totalSteps)

interface Run {
  entry: RunEntry
  config: RunConfig
}

function distinct(runs: readonly Run[]): Run[] {
  return runs.filter((run, i) => {
    const first = runs.findIndex((other) => differingFields(other.config, run.config).length === 0)
    return first === i
  })
}

const differ = (a: RunConfig, b: RunConfig, name: FieldName) =>
  JSON.stringify(a[name]) !== JSON.stringify(b[name])

/** `sam`, `sam2`, `sam3` for the runs of one method. */
function keysOf(ids: readonly string[]): RunKey[] {
  return ids.map((id, i) => {
    const before = ids.slice(0, i).filter((other) => other === id).length
    return before === 0 ? id : `${id}${before + 1}`
  })
}

/** Names of their own where the list gives them; else the method's, with what it has of its own that tells it apart. */
function labelsOf(runs: readonly Run[]): string[] {
  const titles = runs.map(({ config }) => methodOf(config).title)
  const labels = runs.map(({ entry, config }, i) => {
    if (entry.label !== undefined) return entry.label
    const alike = runs.filter((_, j) => titles[j] === titles[i])
    const telling = FIELD_NAMES.filter(
      (name) =>
        (name === 'sam_rho' || name in entry.changes) &&
        alike.some((other) => differ(other.config, config, name)),
    )
    return [titles[i], ...telling.map((name) => valueText(name, config))].join(' ')
  })
  return labels.map((label, i) => {
    const before = labels.slice(0, i).filter((other) => other === label).length
    return before === 0 ? label : `${label} (${before + 1})`
  })
}

/** A radius goes without saying what it is. */
function valueText(name: FieldName, config: RunConfig): string {
  const text = flagText(config[name]) || 'none'
  return name === 'sam_rho' ? text : `${fieldMeta(name).label.toLowerCase()} ${text}`
}
