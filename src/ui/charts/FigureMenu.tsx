/** What can be had of a figure, in one menu: its table, its numbers and its picture as files. */
import { ActionIcon } from '@mantine/core'
import { IconDots } from '@tabler/icons-react'
import { svgFile, svgToPng } from '../files/picture'
import { saveFile, saveText } from '../files/save'
import { ActionMenu, type MenuEntry } from '../panels/ActionMenu'
import { showError } from '../store/commands'

/** Files that a figure makes itself; what is absent comes from the SVG that it draws, or is not offered. */
export interface FigureFiles {
  /** Its numbers in full precision. */
  csv?: () => string
  png?: () => Promise<Blob>
  /** The text of the file. */
  svg?: () => string | Promise<string>
  /** What else can be had of this figure. */
  more?: readonly { label: string; run: () => unknown }[]
}

interface FigureMenuProps {
  title: string
  subtitle?: string
  files: FigureFiles
  /** The SVG that is drawn, if it is one. */
  drawn(): SVGSVGElement | null | undefined
  /** Nothing is drawn yet. */
  empty: boolean
  tableShown: boolean
  onTable(): void
}

export function FigureMenu(props: FigureMenuProps) {
  const { title, subtitle, files, drawn, empty, tableShown, onTable } = props
  const { csv, png, svg, more = [] } = files
  const name = (ending: string) => `basin ${title}`.replace(/[^\w-]+/g, '_').toLowerCase() + ending
  const heading = { title, subtitle }
  const savePng = async () => {
    const element = drawn()
    const blob = png ? await png() : element && (await svgToPng(element, heading))
    if (blob) saveFile(name('.png'), blob)
  }
  const saveSvg = async () => {
    const element = drawn()
    const text = svg ? await svg() : element && svgFile(element, heading)
    if (text) saveText(name('.svg'), text, 'image/svg+xml')
  }
  const entries: MenuEntry[] = [
    { label: tableShown ? 'Hide the table' : 'Show as table', run: onTable },
    ...(csv ? [{ label: 'Save CSV', disabled: empty, run: () => saveText(name('.csv'), csv()) }] : []),
    { label: 'Save PNG', disabled: empty, run: () => void savePng().catch(showError) },
    // A drawing of pixels has no lines to save, unless it makes them.
    ...(svg || !png
      ? [{ label: 'Save SVG', disabled: empty, run: () => void saveSvg().catch(showError) }]
      : []),
    ...more.map(({ label, run }) => ({
      label,
      disabled: empty,
      run: () => void (async () => run())().catch(showError),
    })),
  ]
  return (
    <ActionMenu label={title} entries={entries}>
      {(trigger) => (
        <ActionIcon {...trigger} className="figure-menu" aria-label={`Table and files: ${title}`}>
          <IconDots size={18} aria-hidden />
        </ActionIcon>
      )}
    </ActionMenu>
  )
}
