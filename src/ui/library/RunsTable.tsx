/**
 * The list as a grid of which only what is in sight is drawn. Rows are walked with the arrow keys: Space picks, → and ←
 * open and close a group, F2 renames, Delete deletes.
 */
import {
  getCoreRowModel,
  getExpandedRowModel,
  getSortedRowModel,
  type Row,
  type SortingState,
  useReactTable,
} from '@tanstack/react-table'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, useMemo, useRef, useState } from 'react'
import { deleteRuns, pick, useLibrary } from '../store/libraryStore'
import { RunLine } from './RunLine'
import type { ListRow } from './rows'
import { TableHead } from './TableHead'
import { HEADERS, TABLE_COLUMNS, useHiddenColumns } from './tableColumns'

const ROW_HEIGHT = 38
const PICK_WIDTH = 44
const OVERSCAN = 8
const PINNED_FIRST = { id: 'pinned', desc: true }
const NEWEST_FIRST: SortingState = [{ id: 'date', desc: true }]

export function RunsTable({ rows }: { rows: readonly ListRow[] }) {
  const without = useHiddenColumns()
  const columns = useMemo(() => HEADERS.filter(({ id }) => !without.includes(id)), [without])
  const [sorting, setSorting] = useState<SortingState>(NEWEST_FIRST)
  const [active, setActive] = useState(0)
  const [renaming, setRenaming] = useState<string>()
  const scroll = useRef<HTMLDivElement>(null)
  // Pinned rows stand first however the others are sorted. A new list would be sorted again, at every drawing.
  const sortedBy = useMemo(() => [PINNED_FIRST, ...sorting], [sorting])
  const table = useReactTable({
    data: rows as ListRow[],
    columns: TABLE_COLUMNS,
    state: { sorting: sortedBy },
    onSortingChange: (update) => {
      const next = typeof update === 'function' ? update(sortedBy) : update
      setSorting(next.filter(({ id }) => id !== PINNED_FIRST.id))
    },
    getRowId: ({ id }) => id,
    getSubRows: ({ members }) => members as ListRow[] | undefined,
    getCoreRowModel: getCoreRowModel(),
    getSortedRowModel: getSortedRowModel(),
    getExpandedRowModel: getExpandedRowModel(),
    autoResetAll: false,
  })
  const lines = table.getRowModel().rows
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: OVERSCAN,
    getItemKey: (index) => lines[index].id,
  })
  const items = virtual.getVirtualItems()
  const above = items[0]?.start ?? 0
  const below = virtual.getTotalSize() - (items.at(-1)?.end ?? 0)
  const at = Math.min(active, lines.length - 1)

  const go = (to: number) => {
    const next = Math.max(0, Math.min(lines.length - 1, to))
    setActive(next)
    virtual.scrollToIndex(next)
    // A line that was out of sight is drawn first.
    requestAnimationFrame(() =>
      scroll.current?.querySelector<HTMLElement>(`[aria-rowindex="${next + FIRST_ROW}"]`)?.focus(),
    )
  }
  const onKey = (event: KeyboardEvent, row: Row<ListRow>, index: number) => {
    if (event.target !== event.currentTarget) return
    const page = Math.max(1, Math.floor((scroll.current?.clientHeight ?? 0) / ROW_HEIGHT) - 2)
    const ids = row.original.runs.map(({ record }) => record.id)
    const keys: Record<string, () => void> = {
      ArrowDown: () => go(index + 1),
      ArrowUp: () => go(index - 1),
      PageDown: () => go(index + page),
      PageUp: () => go(index - page),
      Home: () => go(0),
      End: () => go(lines.length - 1),
      ArrowRight: () => row.toggleExpanded(true),
      ArrowLeft: () =>
        row.getIsExpanded() ? row.toggleExpanded(false) : row.getParentRow() && go(index - 1),
      ' ': () => pick(ids, !ids.every((id) => useLibrary.getState().view.picked.includes(id))),
      F2: () => setRenaming(ids.length === 1 ? ids[0] : undefined),
      Delete: () => void deleteRuns(ids),
    }
    const act = keys[event.key]
    if (!act) return
    event.preventDefault()
    act()
  }
  const width = columns.reduce((sum, column) => sum + column.width, PICK_WIDTH)
  return (
    <div ref={scroll} className="runs-scroll">
      <table
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: its rows are walked and picked
        role="grid"
        className="runs-table"
        style={{ width }}
        aria-label="Kept runs"
        aria-rowcount={lines.length + 1}
        aria-multiselectable
      >
        <colgroup>
          <col style={{ width: PICK_WIDTH }} />
          {columns.map(({ id, width }) => (
            <col key={id} style={{ width }} />
          ))}
        </colgroup>
        <TableHead table={table} columns={columns} rows={rows} />
        <tbody>
          {above > 0 && <Space height={above} />}
          {items.map(({ index, key }) => (
            <RunLine
              key={key}
              row={lines[index]}
              rowIndex={index + FIRST_ROW}
              height={ROW_HEIGHT}
              columns={columns}
              focusable={index === at}
              renaming={renaming === lines[index].id}
              setRenaming={setRenaming}
              onFocus={() => setActive(index)}
              onKey={(event) => onKey(event, lines[index], index)}
            />
          ))}
          {below > 0 && <Space height={below} />}
        </tbody>
      </table>
    </div>
  )
}

/** Rows count from 1, and the first is the head. */
const FIRST_ROW = 2

function Space({ height }: { height: number }) {
  return (
    <tr aria-hidden style={{ height }}>
      <td />
    </tr>
  )
}
