/** A column's head for each run: its mark and its name. */
import { RunMark } from './RunMark'
import type { ShownRun } from './shownRuns'

export function RunHeads({ runs }: { runs: readonly ShownRun[] }) {
  return runs.map((run) => (
    <th key={run.key} scope="col">
      <RunMark run={run} /> {run.label}
    </th>
  ))
}
