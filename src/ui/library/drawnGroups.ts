/** What the curves and tables of picked runs are of: a run each, or all of a group that are picked, with its look. */
import { type Change, changesSince, grouped, type ListedRun } from '../../worker/libraryProtocol'
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
  return groups.map((runs, i) => {
    const [{ record }] = runs
    if (runs.length === 1) return record.name
    const alike = groups.filter((others, j) => j !== i && others[0].record.label === record.label)
    const telling = alike.flatMap(([other]) => differences(other, runs[0]))
    const names = [...new Map(telling.map((change) => [change.name, change])).values()].slice(0, MOST_NAMED)
    return [record.label, ...names.map(({ name, value }) => `${name} ${value}`)].join(', ')
  })
}

/** Settings of `run` that `other` has not, but for the seed. */
const differences = (other: ListedRun, run: ListedRun): Change[] =>
  changesSince(other.record.config, run.record.config).filter(({ name }) => name !== 'run_seed')
