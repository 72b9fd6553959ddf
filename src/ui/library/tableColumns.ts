/** The columns of the list in their order, how each is sorted by, and which a person has put away. */
import type { ColumnDef, SortingFn } from '@tanstack/react-table'
import { create } from 'zustand'
import { intervalOf } from '../../worker/libraryProtocol'
import { NUMBER_COLUMNS, rowText, TEXT_COLUMNS } from './columns'
import type { ListRow } from './rows'

interface Header {
  id: string
  header: string
  help?: string
  /** Pixels. */
  width: number
  numeric?: true
}

const WIDTHS: Record<string, number> = {
  status: 112,
  data: 176,
  network: 112,
  method: 76,
  gradients: 84,
  gap: 116,
  width: 116,
  lambda1: 100,
}

export const HEADERS: readonly Header[] = [
  { id: 'name', header: 'Name', width: 200 },
  { id: 'changed', header: 'Changed', width: 190, help: 'Settings that differ from the run before' },
  ...TEXT_COLUMNS.map(({ id, header }) => ({ id, header, width: WIDTHS[id] ?? 120 })),
  ...NUMBER_COLUMNS.map(({ id, header, help }) => ({
    id,
    header,
    help,
    width: WIDTHS[id] ?? 128,
    numeric: true as const,
  })),
  { id: 'date', header: 'Date', width: 140 },
  { id: 'notes', header: 'Notes', width: 220 },
]

/** By which a row is sorted; undefined stands last either way. */
function sortValue(id: string): (row: ListRow) => string | number | undefined {
  const number = NUMBER_COLUMNS.find((column) => column.id === id)
  if (number) return ({ runs }) => intervalOf(runs, ({ record }) => number.value(record))?.mean
  const text = TEXT_COLUMNS.find((column) => column.id === id)
  if (text) return (row) => rowText(row, text).toLowerCase()
  if (id === 'name') return ({ runs: [{ record }] }) => record.name.toLowerCase()
  if (id === 'notes') return ({ runs: [{ record }] }) => record.notes.toLowerCase() || undefined
  if (id === 'changed') return ({ changes }) => changes.map(({ name, value }) => `${name}=${value}`).join(' ')
  // A group is as new as its newest run.
  return ({ runs }) =>
    runs.reduce((newest, { record }) => (record.created > newest ? record.created : newest), '')
}

/** `run-9` stands before `run-10`. */
const { compare } = new Intl.Collator('en', { numeric: true })
const inWords: SortingFn<ListRow> = (a, b, id) =>
  compare(String(a.getValue(id) ?? ''), String(b.getValue(id) ?? ''))

export const TABLE_COLUMNS: ColumnDef<ListRow>[] = [
  {
    id: 'pinned',
    header: 'Pinned',
    accessorFn: ({ runs }) => (runs.some(({ record }) => record.pinned) ? 1 : 0),
  },
  ...HEADERS.map(
    ({ id, header, numeric }): ColumnDef<ListRow> => ({
      id,
      header,
      accessorFn: sortValue(id),
      sortingFn: numeric ? 'basic' : inWords,
      sortUndefined: 'last',
      sortDescFirst: id === 'date',
    }),
  ),
]

const KEPT = 'basin-run-columns'

const useColumns = create<{ without: readonly string[] }>(() => ({ without: stored() }))

export const useHiddenColumns = () => useColumns(({ without }) => without)

export function toggleColumn(id: string): void {
  const { without } = useColumns.getState()
  const next = without.includes(id) ? without.filter((other) => other !== id) : [...without, id]
  useColumns.setState({ without: next })
  try {
    localStorage.setItem(KEPT, JSON.stringify(next))
  } catch {
    // Not kept where the browser keeps nothing.
  }
}

function stored(): string[] {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(KEPT) ?? '[]')
    return Array.isArray(value) ? value.filter((id) => HEADERS.some((header) => header.id === id)) : []
  } catch {
    return []
  }
}
