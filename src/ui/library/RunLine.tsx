/** A line of the list. Everything that people wrote is text. */
import { ActionIcon, Checkbox, TextInput } from '@mantine/core'
import { IconChevronDown, IconChevronRight, IconPencil, IconPinFilled } from '@tabler/icons-react'
import type { Row } from '@tanstack/react-table'
import { type KeyboardEvent, type ReactNode, useRef } from 'react'
import { editRuns, pick, useLibrary } from '../store/libraryStore'
import { dateText, intervalText, NUMBER_COLUMNS, rowText, TEXT_COLUMNS } from './columns'
import type { ListRow } from './rows'
import type { HEADERS } from './tableColumns'

interface RunLineProps {
  row: Row<ListRow>
  rowIndex: number
  height: number
  columns: typeof HEADERS
  /** By Tab: one line of all. */
  focusable: boolean
  renaming: boolean
  setRenaming(id: string | undefined): void
  onFocus(): void
  onKey(event: KeyboardEvent): void
}

export function RunLine(props: RunLineProps) {
  const { row, rowIndex, height, columns, focusable, onFocus, onKey } = props
  const { runs } = row.original
  const ids = runs.map(({ record }) => record.id)
  const numPicked = useLibrary(({ view }) => ids.filter((id) => view.picked.includes(id)).length)
  const all = numPicked === ids.length
  const name = nameOf(row.original)
  return (
    <tr
      aria-rowindex={rowIndex}
      aria-selected={all}
      tabIndex={focusable ? 0 : -1}
      style={{ height }}
      data-depth={row.depth}
      data-hidden={runs.every(({ record }) => record.hidden)}
      onFocus={onFocus}
      onKeyDown={onKey}
    >
      <td className="pick-cell">
        <Checkbox
          size="xs"
          aria-label={`Pick ${name}`}
          checked={all}
          indeterminate={numPicked > 0 && !all}
          onChange={() => pick(ids, !all)}
        />
      </td>
      {columns.map(({ id, numeric }) =>
        id === 'name' ? (
          <th key={id} scope="row" data-column="name">
            <NameCell {...props} />
          </th>
        ) : (
          <td key={id} data-column={id} data-numeric={numeric}>
            <Cell id={id} row={row.original} />
          </td>
        ),
      )}
    </tr>
  )
}

/** Of a group what its runs are, and how many. */
export function nameOf({ runs, members }: ListRow): string {
  const [{ record }] = runs
  return members ? `${record.label}, ${runs.length} runs` : record.name
}

function NameCell({ row, renaming, setRenaming }: RunLineProps) {
  const { runs, members } = row.original
  const [{ record }] = runs
  if (renaming) return <NameInput name={record.name} id={record.id} onEnd={() => setRenaming(undefined)} />
  const open = row.getIsExpanded()
  const Chevron = open ? IconChevronDown : IconChevronRight
  return (
    <span className="name-cell">
      {members && (
        <ActionIcon
          size="sm"
          aria-expanded={open}
          aria-label={`Runs of ${record.label}`}
          onClick={() => row.toggleExpanded()}
        >
          <Chevron size={15} aria-hidden />
        </ActionIcon>
      )}
      {runs.some((run) => run.record.pinned) && (
        <IconPinFilled size={13} role="img" aria-label="pinned" className="pin-mark" />
      )}
      <span
        className="cell-text"
        title={members ? runs.map((run) => run.record.name).join(', ') : record.name}
      >
        {members ? record.label : record.name}
      </span>
      {members && <span className="group-count">N = {runs.length}</span>}
      {runs.some((run) => run.served) && <span className="group-count">served</span>}
      {!members && !runs[0].served && (
        <ActionIcon
          className="rename"
          size="sm"
          tabIndex={-1}
          aria-label={`Rename ${record.name}`}
          onClick={() => setRenaming(record.id)}
        >
          <IconPencil size={13} aria-hidden />
        </ActionIcon>
      )}
    </span>
  )
}

/** Enter and leaving keep what is written, Escape does not. */
function NameInput({ name, id, onEnd }: { name: string; id: string; onEnd(): void }) {
  const ended = useRef(false)
  const end = (text: string) => {
    // A field that goes away is left once more.
    if (ended.current) return
    ended.current = true
    if (text.trim() !== '' && text.trim() !== name) void editRuns([id], { name: text.trim() })
    onEnd()
  }
  return (
    <TextInput
      size="xs"
      aria-label={`Name of ${name}`}
      defaultValue={name}
      maxLength={120}
      autoFocus
      onFocus={(event) => event.currentTarget.select()}
      onBlur={(event) => end(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') end(event.currentTarget.value)
        if (event.key === 'Escape') end(name)
      }}
    />
  )
}

function Cell({ id, row }: { id: string; row: ListRow }): ReactNode {
  const number = NUMBER_COLUMNS.find((column) => column.id === id)
  if (number) return intervalText(row.runs, number)
  const text = TEXT_COLUMNS.find((column) => column.id === id)
  if (text) return <Clipped text={rowText(row, text)} />
  const [{ record }] = row.runs
  if (id === 'notes')
    return row.members || row.runs[0].served ? null : (
      <NotesCell id={record.id} name={record.name} notes={record.notes} />
    )
  if (id === 'date') return dateText(row.runs[row.runs.length - 1].record.created)
  const fork = row.fork ? [row.fork] : []
  return (
    <Clipped
      text={[...fork, ...row.changes.map(({ name, value }) => `${name} ${value}`)].join(', ') || '–'}
    />
  )
}

const Clipped = ({ text }: { text: string }) => (
  <span className="cell-text" title={text}>
    {text}
  </span>
)

/** Written in place: what is typed is kept when the field is left. */
function NotesCell({ id, name, notes }: { id: string; name: string; notes: string }) {
  return (
    <input
      key={notes}
      className="notes-input"
      aria-label={`Notes on ${name}`}
      placeholder="…"
      defaultValue={notes}
      maxLength={4000}
      tabIndex={-1}
      onBlur={(event) => {
        if (event.currentTarget.value !== notes) void editRuns([id], { notes: event.currentTarget.value })
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter') event.currentTarget.blur()
        if (event.key === 'Escape') {
          event.currentTarget.value = notes
          event.currentTarget.blur()
        }
      }}
    />
  )
}
