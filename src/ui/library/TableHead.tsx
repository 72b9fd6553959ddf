/** The head of the list: a box that picks all, and a button a column that sorts by it. */
import { Checkbox } from '@mantine/core'
import type { Table } from '@tanstack/react-table'
import { pick, useLibrary } from '../store/libraryStore'
import type { ListRow } from './rows'
import type { HEADERS } from './tableColumns'

interface TableHeadProps {
  table: Table<ListRow>
  columns: typeof HEADERS
  rows: readonly ListRow[]
}

export function TableHead({ table, columns, rows }: TableHeadProps) {
  const picked = useLibrary(({ view }) => view.picked)
  const ids = rows.flatMap(({ runs }) => runs.map(({ record }) => record.id))
  const chosen = new Set(picked)
  const some = ids.some((id) => chosen.has(id))
  const all = some && ids.every((id) => chosen.has(id))
  return (
    <thead>
      <tr aria-rowindex={1}>
        <td className="pick-cell">
          <Checkbox
            size="xs"
            aria-label="Pick all"
            checked={all}
            indeterminate={some && !all}
            onChange={() => pick(ids, !all)}
          />
        </td>
        {columns.map(({ id, header, help, numeric }) => {
          const column = table.getColumn(id)
          const sorted = column?.getIsSorted()
          return (
            <th
              key={id}
              scope="col"
              data-column={id}
              data-numeric={numeric}
              aria-sort={sorted ? (sorted === 'asc' ? 'ascending' : 'descending') : undefined}
            >
              <button type="button" title={help} onClick={() => column?.toggleSorting(undefined, false)}>
                {header}
                <span aria-hidden>{sorted ? (sorted === 'asc' ? ' ↑' : ' ↓') : ''}</span>
              </button>
            </th>
          )
        })}
      </tr>
    </thead>
  )
}
