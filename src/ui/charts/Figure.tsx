/**
 * The frame of every chart: a `figure` named by its caption, the current numbers large above the drawing, the drawing
 * with its height reserved, a table that says the same in numbers, and the picture to take home.
 */
import { ActionIcon } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { memo, type ReactNode, type RefObject, useId, useRef, useState } from 'react'
import { svgToPng } from '../files/picture'
import { saveFile } from '../files/save'
import { Panel } from '../panels/Panel'
import { RunMark } from '../runs/RunMark'
import type { RunLook } from '../runs/runColors'

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
  /** What the drawing shows, for those who do not see it. */
  description: string
  /** Made only when somebody opens it. */
  table: () => FigureTable
  height: number
  /** Nothing is drawn yet, so there is no picture to save. */
  empty: boolean
  /** Makes the picture where the drawing is no SVG. */
  picture?: () => Promise<Blob>
  actions?: ReactNode
  children: ReactNode
}

export function Figure(props: FigureProps) {
  const { title, subtitle, numbers, description, height, actions, children } = props
  const captionId = useId()
  const drawing = useRef<HTMLDivElement>(null)
  return (
    <figure className="card figure" aria-labelledby={captionId}>
      <FigureHead
        id={captionId}
        title={title}
        subtitle={subtitle}
        actions={actions}
        empty={props.empty}
        picture={props.picture}
        drawing={drawing}
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
      <TableAlternative title={title} table={props.table} />
    </figure>
  )
}

type FigureHeadProps = Pick<FigureProps, 'title' | 'subtitle' | 'actions' | 'empty' | 'picture'> & {
  id: string
  drawing: RefObject<HTMLDivElement | null>
}

/** Apart from what changes many times a second. */
const FigureHead = memo(function FigureHead(props: FigureHeadProps) {
  const { id, title, subtitle, actions, empty, picture, drawing } = props
  const save = async () => {
    const svg = drawing.current?.querySelector('svg')
    const blob = picture ? await picture() : svg && (await svgToPng(svg, title))
    if (blob) saveFile(`basin ${title}.png`.replace(/[^\w.-]+/g, '_').toLowerCase(), blob)
  }
  return (
    <div className="figure-head">
      <figcaption id={id}>
        <strong>{title}</strong>
        {subtitle && <span className="figure-subtitle"> {subtitle}</span>}
      </figcaption>
      {actions}
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={`Save picture: ${title}`}
        disabled={empty}
        onClick={save}
      >
        <IconDownload size={16} aria-hidden />
      </ActionIcon>
    </div>
  )
})

function TableAlternative({ title, table }: { title: string; table: () => FigureTable }) {
  const [open, setOpen] = useState(false)
  const shown = open ? table() : undefined
  return (
    <details className="table-alternative" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Show as table</summary>
      {shown && (
        // Wide tables scroll inside the card; the keyboard must be able to scroll them too.
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region needs focus
        <section className="table-scroll" tabIndex={0} aria-label={`${title}: table`}>
          <table>
            <thead>
              <tr>
                {shown.header.map((text) => (
                  <th key={text} scope="col">
                    {text}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {shown.rows.map((cells) => (
                <tr key={cells[0]}>
                  {cells.map((text, i) => (
                    <td key={shown.header[i]}>{text}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </details>
  )
}
