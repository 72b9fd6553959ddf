/**
 * The frame of every chart: a `figure` named by its caption, the current numbers or the lines' names above the drawing,
 * the drawing with its height reserved, and a menu: the table that says the same in numbers, and the files.
 */
import { memo, type ReactNode, type RefObject, useCallback, useId, useRef, useState } from 'react'
import { Panel } from '../panels/Panel'
import { ScrollRegion } from '../panels/ScrollRegion'
import { RunMark } from '../runs/RunMark'
import type { RunLook } from '../runs/runColors'
import { type FigureFiles, FigureMenu } from './FigureMenu'

export interface BigNumber {
  /** A run, or several as one. */
  run: RunLook & { key: string; label: string }
  text: string
}

export interface FigureTable {
  header: string[]
  rows: string[][]
}

export interface FigureProps {
  title: string
  subtitle?: string
  /** Current value per run; left out where a chart has none. */
  numbers?: BigNumber[]
  /** What the lines are, where there are no numbers that say so. */
  legend?: readonly (Pick<RunLook, 'color' | 'dash'> & { label: string })[]
  /** What the drawing shows, for those who do not see it. */
  description: string
  /** Made only when somebody opens it. */
  table: () => FigureTable
  height: number
  /** Nothing is drawn yet, so there is nothing to save. */
  empty: boolean
  /** The same object as long as what it makes is the same. */
  files?: FigureFiles
  actions?: ReactNode
  children: ReactNode
}

export function Figure(props: FigureProps) {
  const { title, subtitle, numbers, legend, description, height, actions, children } = props
  const captionId = useId()
  const drawing = useRef<HTMLDivElement>(null)
  const [tableShown, setTableShown] = useState(false)
  const toggleTable = useCallback(() => setTableShown((shown) => !shown), [])
  return (
    <figure className="card figure" aria-labelledby={captionId}>
      <FigureHead
        id={captionId}
        title={title}
        subtitle={subtitle}
        actions={actions}
        empty={props.empty}
        files={props.files ?? NO_FILES}
        drawing={drawing}
        tableShown={tableShown}
        onTable={toggleTable}
      />
      {numbers && (
        <div className="big-numbers" data-many={numbers.length > 4}>
          {numbers.map(({ run, text }) => (
            <div key={run.key}>
              <span className={`big-number run-${run.key}`} style={{ color: run.textColor }}>
                {text}
              </span>
              <span className="big-number-label">
                <RunMark run={run} /> {run.label}
              </span>
            </div>
          ))}
        </div>
      )}
      {legend && legend.length > 0 && (
        <ul className="plain-list figure-legend" aria-label={`Lines of ${title}`}>
          {legend.map((run) => (
            <li key={run.label}>
              <RunMark run={run} /> {run.label}
            </li>
          ))}
        </ul>
      )}
      <Panel name="The drawing">
        <div
          ref={drawing}
          className="drawing"
          role="img"
          aria-label={description}
          style={{ minHeight: height }}
        >
          {children}
        </div>
      </Panel>
      {tableShown && <TableAlternative title={title} table={props.table()} />}
    </figure>
  )
}

const NO_FILES: FigureFiles = {}

interface FigureHeadProps extends Pick<FigureProps, 'title' | 'subtitle' | 'actions' | 'empty'> {
  id: string
  files: FigureFiles
  drawing: RefObject<HTMLDivElement | null>
  tableShown: boolean
  onTable(): void
}

/** Apart from what changes many times a second. */
const FigureHead = memo(function FigureHead(props: FigureHeadProps) {
  const { id, title, subtitle, actions, drawing, ...menu } = props
  return (
    <div className="row figure-head">
      <figcaption id={id}>
        <strong>{title}</strong>
        {subtitle && <span className="figure-subtitle"> {subtitle}</span>}
      </figcaption>
      {actions && <div className="figure-actions">{actions}</div>}
      <FigureMenu
        {...menu}
        title={title}
        subtitle={subtitle}
        drawn={() => drawing.current?.querySelector('svg')}
      />
    </div>
  )
})

function TableAlternative({ title, table }: { title: string; table: FigureTable }) {
  return (
    <ScrollRegion label={`${title}: table`}>
      <table>
        <thead>
          <tr>
            {table.header.map((text) => (
              <th key={text} scope="col">
                {text}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((cells) => (
            <tr key={cells[0]}>
              {cells.map((text, i) => (
                <td key={table.header[i]}>{text}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  )
}
