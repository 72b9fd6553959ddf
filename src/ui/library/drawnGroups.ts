/** What the curves and tables of picked runs are of: a run each, or all of a group that are picked, with its look. */
import { flagText } from '../../core/config/flags'
import type { FieldName } from '../../core/config/schema'
import { changesSince, grouped, type ListedRun } from '../../worker/libraryProtocol'
import { lookOf, PAINTS, type RunLook } from '../runs/runColors'

export interface DrawnGroup extends RunLook {
  /** File- and CSS-safe. */
  key: string
  label: string
  runs: readonly ListedRun[]
}

/** @param picked in the order of picking, which the looks go by */
export function drawnGroups(picked: readonly ListedRun[], byGroup: boolean): DrawnGroup[] {
  const groups = byGroup ? grouped(picked) : picked.map((run) => ({ runs: [run] }))
  const labels = labelsOf(groups.map(({ runs }) => runs))
  return groups.map(({ runs }, i) => ({
    key: `picked${i}`,
    label: labels[i],
    runs,
    ...lookOf(i % PAINTS.length),
  }))
}

/** So many settings are named in a label. */
const MOST_NAMED = 2

/** Names of single runs; of groups the run's label, with the settings that tell it from others of that label. */
function labelsOf(groups: readonly (readonly ListedRun[])[]): string[] {
  const telling = new Map<string, readonly FieldName[]>()
  for (const label of new Set(groups.map(([{ record }]) => record.label))) {
    telling.set(label, tellingApart(groups.filter(([{ record }]) => record.label === label)))
  }
  return groups.map((runs) => {
    const [{ record }] = runs
    if (runs.length === 1) return record.name
    const values = telling
      .get(record.label)!
      .map((name) => `${name} ${flagText(record.config[name]) || 'none'}`)
    return [record.label, ...values].join(', ')
  })
}

/** Settings in which groups differ, but for the seed. */
function tellingApart(groups: readonly (readonly ListedRun[])[]): FieldName[] {
  const [[first]] = groups
  const names = groups.flatMap(([{ record }]) =>
    changesSince(first.record.config, record.config).map(({ name }) => name),
  )
  return [...new Set(names)].filter((name) => name !== 'run_seed').slice(0, MOST_NAMED)
}
