/** Runs, or groups of them, side by side: a column each, a line for whatever is compared. */
import { ScrollRegion } from '../panels/ScrollRegion'
import { RunMark } from '../runs/RunMark'
import type { RunLook } from '../runs/runColors'

export interface ComparedLine<Column> {
  name: string
  note?: string
  text(column: Column): string
}

interface ComparedTableProps<Column> {
  title: string
  columns: readonly Column[]
  /** What stands over a column. */
  headOf(column: Column): RunLook & { key: string; label: string }
  lines: readonly ComparedLine<Column>[]
}

export function ComparedTable<Column>({ title, columns, headOf, lines }: ComparedTableProps<Column>) {
  const heads = columns.map(headOf)
  return (
    <ScrollRegion label={title}>
      <table className="compare" data-many={columns.length > 2}>
        <caption className="visually-hidden">{title}</caption>
        <thead>
          <tr>
            <td />
            {heads.map((run) => (
              <th key={run.key} scope="col" className={`run-${run.key}`} style={{ color: run.textColor }}>
                <RunMark run={run} /> {run.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {lines.map(({ name, note, text }) => (
            <tr key={name}>
              <th scope="row">
                {name}
                {note && <span className="row-note">{note}</span>}
              </th>
              {columns.map((column, i) => (
                <td key={heads[i].key}>{text(column)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  )
}
