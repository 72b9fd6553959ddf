/** The list of runs as the form edits it: entries in, entries out, and what is said of each. */
import { flagText } from '../../core/config/flags'
import { MOST_RUNS, type RunEntry, readRuns, runsText } from '../../core/config/runList'
import { FIELD_NAMES, type FieldName, fieldMeta, type RunConfig } from '../../core/config/schema'
import { differingFields } from '../../core/config/validate'
import { sgdAtEqualCost } from '../../core/runs/equalCost'
import { soloConfig } from '../../core/runs/runSpec'
import { formRuns, type ShownRun, shownRuns } from '../runs/shownRuns'

/** One that stands for the settings as they are, where the list cannot be read. */
export function entriesOf({ runs }: Pick<RunConfig, 'runs'>): RunEntry[] {
  const reading = readRuns(runs)
  return reading.ok ? reading.runs : [{ changes: {} }]
}

/** A line of the list. */
export interface RunRow {
  entry: RunEntry
  /** What is trained for it. */
  run: ShownRun
  /** An earlier line asks for the same numbers, which are computed once. */
  isRepeat: boolean
  /** What it is called without a name of its own. */
  ownName: string
}

export function rowsOf(config: RunConfig): RunRow[] {
  const entries = entriesOf(config)
  const runs = shownRuns({ config })
  const taken = new Set<string>()
  return entries.map((entry, i) => {
    const run = runOf(config, entry, runs)
    const isRepeat = taken.has(run.key)
    taken.add(run.key)
    const unnamed = entries.map((other, k) => (k === i ? { changes: other.changes } : other))
    const named = formRuns({ ...config, runs: runsText(unnamed) })
    return { entry, run, isRepeat, ownName: runOf(config, entry, named).label }
  })
}

/** The run that an entry's settings are trained as. */
function runOf<Run extends { config: RunConfig }>(
  config: RunConfig,
  { changes }: RunEntry,
  runs: readonly Run[],
): Run {
  const solo = soloConfig(config, changes)
  return runs.find((run) => differingFields(run.config, solo).length === 0) ?? runs[0]
}

/** What sets a run apart, in words: its own settings, or that it has those of the form where others have their own. */
export function settingsText({ entry: { changes }, run, isRepeat }: RunRow): string {
  if (isRepeat) return `the same as ${run.label}: trained once`
  const words = (names: readonly FieldName[]) => names.map((name) => valueText(name, run.config)).join(', ')
  const own = FIELD_NAMES.filter((name) => name in changes)
  if (own.length > 0) return words(own)
  return run.differs.length > 0 ? `as set here: ${words(run.differs)}` : 'as set here'
}

/** `ρ 0.05`, `learning rate 0.02` */
function valueText(name: FieldName, config: RunConfig): string {
  const label = name === 'sam_rho' ? 'ρ' : fieldMeta(name).label.toLowerCase()
  return `${label} ${flagText(config[name]) || 'none'}`
}

/** The last run once more, at the next radius that no run has yet. */
export function withAnother(config: RunConfig): RunEntry[] {
  const entries = entriesOf(config)
  const rhoOf = ({ changes }: RunEntry) => changes.sam_rho ?? config.sam_rho
  const last = entries[entries.length - 1]
  const sam_rho = nextRadius(rhoOf(last), entries.map(rhoOf))
  return [...entries, { changes: { ...last.changes, sam_rho } }]
}

/**
 * The list with the control that a claim of SAM needs: SGD for as many gradients as its costliest run, under that run's
 * other settings.
 * @param stepsPerEpoch of a run; where its data set is not here yet, any number: costs are shares
 * @returns undefined where no run costs more than SGD does, or the control is there
 */
export function withEqualCost(
  config: RunConfig,
  stepsPerEpoch: (run: RunConfig) => number,
): RunEntry[] | undefined {
  const entries = entriesOf(config)
  const runs = entries.map(({ changes }) => soloConfig(config, changes))
  const controls = runs.map((run) => sgdAtEqualCost(run, stepsPerEpoch(run)))
  const dearest = controls.reduce((a, b) => (b.num_epochs > a.num_epochs ? b : a))
  const i = controls.indexOf(dearest)
  const control = { ...runs[i], ...dearest }
  const isThere = runs.some((run) => differingFields(run, control).length === 0)
  if (isThere || dearest.num_epochs === runs[i].num_epochs) return undefined
  const changes = { ...entries[i].changes, ...dearest }
  return [...entries, { label: 'SGD, equal cost', changes }]
}

const RADII = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10]

/** Upwards in steps of 1, 2, 5; then from the smallest. */
function nextRadius(last: number, taken: readonly number[]): number {
  const free = RADII.filter((radius) => !taken.includes(radius))
  return free.find((radius) => radius > last) ?? free[0]
}

export function withCopyOf(entries: readonly RunEntry[], i: number): RunEntry[] {
  return [...entries.slice(0, i + 1), { changes: entries[i].changes }, ...entries.slice(i + 1)]
}

export function without(entries: readonly RunEntry[], i: number): RunEntry[] {
  return entries.filter((_, k) => k !== i)
}

/** @param to where it stands then */
export function moved(entries: readonly RunEntry[], i: number, to: number): RunEntry[] {
  const others = without(entries, i)
  return [...others.slice(0, to), entries[i], ...others.slice(to)]
}

/** @param name its own name, or nothing for the one that its settings give it */
export function renamed(entries: readonly RunEntry[], i: number, name: string, ownName: string): RunEntry[] {
  const label = name.trim()
  const { changes } = entries[i]
  return entries.map((entry, k) =>
    k !== i ? entry : label === '' || label === ownName ? { changes } : { label, changes },
  )
}

/** @param value undefined: as in the form */
export function withSetting(
  entries: readonly RunEntry[],
  i: number,
  name: FieldName,
  value: RunConfig[FieldName] | undefined,
): RunEntry[] {
  const { [name]: _, ...others } = entries[i].changes
  const changes = value === undefined ? others : { ...others, [name]: value }
  return entries.map((entry, k) => (k === i ? { ...entry, changes } : entry))
}

export const isFull = (entries: readonly RunEntry[]): boolean => entries.length >= MOST_RUNS
