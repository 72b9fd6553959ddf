/** The picked groups side by side: the settings that differ above what came of them. */

import { flagText } from '../../core/config/flags'
import { fieldMeta } from '../../core/config/schema'
import { changesSince, intervalOf } from '../../worker/libraryProtocol'
import { type ComparedLine, ComparedTable } from '../compare/ComparedTable'
import { formatSeconds } from '../format'
import { intervalText, NUMBER_COLUMNS } from './columns'
import type { DrawnGroup } from './drawnGroups'

type Line = ComparedLine<DrawnGroup>

/** Beyond so many columns nobody compares. */
const MOST_COLUMNS = 40

export function ComparePicked({ groups: all }: { groups: readonly DrawnGroup[] }) {
  const groups = all.slice(0, MOST_COLUMNS)
  return (
    <>
      <ComparedTable
        title="Picked runs side by side"
        columns={groups}
        headOf={(group) => group}
        lines={[...settingLines(groups), ...LINES]}
      />
      {all.length > groups.length && (
        <p className="quiet">
          The first {MOST_COLUMNS} of {all.length}; the table above has them all.
        </p>
      )}
    </>
  )
}

const firstRecord = ({ runs: [{ record }] }: DrawnGroup) => record

/** One for each setting that they do not have in common. */
function settingLines(groups: readonly DrawnGroup[]): Line[] {
  const known = groups.filter((group) => !firstRecord(group).curvesOnly)
  const names = known.flatMap((group) =>
    changesSince(firstRecord(known[0]).config, firstRecord(group).config).map(({ name }) => name),
  )
  const byRun = groups.every(({ runs }) => runs.length === 1)
  return [...new Set(names)]
    .filter((name) => byRun || name !== 'run_seed')
    .map((name) => ({
      name: fieldMeta(name).label,
      note: name,
      text: (group) =>
        firstRecord(group).curvesOnly ? '–' : flagText(firstRecord(group).config[name]) || 'none',
    }))
}

const LINES: Line[] = [
  { name: 'Runs', note: 'N', text: ({ runs }) => String(runs.length) },
  ...NUMBER_COLUMNS.map(
    (column): Line => ({
      name: column.header,
      note: column.help,
      text: ({ runs }) => intervalText(runs, column),
    }),
  ),
  {
    name: 'Training time',
    note: 'mean',
    text: ({ runs }) => formatSeconds(intervalOf(runs, ({ record }) => record.last?.seconds)?.mean),
  },
]
