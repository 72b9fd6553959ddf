/** A measure without a drawing of its own: what it found, in numbers. */
import type { ReactNode } from 'react'
import { type Finding, type MeasureInfo, tablesOf } from '../../worker/protocol'
import { formatNumber } from '../format'
import { ScrollRegion } from '../panels/ScrollRegion'
import { useLab } from '../store/labStore'
import { CsvButton } from './CsvButton'
import { landscapeRuns } from './landscapeRuns'
import { ASKED_HEIGHT, NotComputed } from './sliceChart'

/** The file has them all. */
const MOST_ROWS = 200

export function FindingsTable({ info }: { info: MeasureInfo }) {
  const findings = useLab((lab) => lab.findings[info.id])
  const labels = new Map(useLab(landscapeRuns).map(({ key, label }) => [key, label]))
  const title = info.title[0].toUpperCase() + info.title.slice(1)
  return (
    <section className="card figure" aria-label={title}>
      <div className="row figure-head">
        <h2>{title}</h2>
        <span className="figure-subtitle">{info.about}</span>
        <CsvButton id={info.id} />
      </div>
      {findings ? (
        tablesOf(info, Object.values<Finding>(findings)).map(({ name, columns, rows }) => (
          <ScrollRegion key={name} label={`${title}: ${name}`}>
            <table>
              <thead>
                <tr>
                  {columns.map((column) => (
                    <th key={column} scope="col">
                      {column}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>{tableRows(columns, rows(), labels)}</tbody>
            </table>
          </ScrollRegion>
        ))
      ) : (
        <NotComputed height={ASKED_HEIGHT} />
      )}
    </section>
  )
}

/** @param labels of the runs by their keys */
function tableRows(
  columns: readonly string[],
  rows: Iterable<readonly unknown[]>,
  labels: ReadonlyMap<unknown, string>,
): ReactNode[] {
  const drawn: ReactNode[] = []
  for (const cells of rows) {
    if (drawn.length === MOST_ROWS) break
    drawn.push(
      <tr key={drawn.length}>
        {columns.map((column, i) => (
          <td key={column}>{labels.get(cells[i]) ?? cellText(cells[i])}</td>
        ))}
      </tr>,
    )
  }
  return drawn
}

function cellText(cell: unknown): string {
  if (typeof cell === 'number') return formatNumber(cell)
  if (typeof cell === 'boolean') return cell ? 'yes' : 'no'
  return String(cell ?? '–')
}
