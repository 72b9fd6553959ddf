/** What was measured elsewhere: files of the terminal, of the page, of kept runs, dropped anywhere on the page or chosen. */
import type { DragEvent, ReactNode } from 'react'
import { SmallButton } from '../charts/SmallButton'
import { chosenFiles, droppedFiles } from '../data/pickedFiles'
import { FileChooser } from '../files/FileChooser'
import { openMeasures, showError } from '../store/commands'
import { useLab } from '../store/labStore'

/** Takes what is dropped on what it holds. */
export function MeasureDrop({ children }: { children: ReactNode }) {
  const over = (event: DragEvent) => {
    if (!event.dataTransfer.types.includes('Files')) return
    event.preventDefault()
    event.dataTransfer.dropEffect = 'copy'
  }
  const drop = (event: DragEvent) => {
    event.preventDefault()
    droppedFiles(event.dataTransfer).then(openMeasures, showError)
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the button beside does the same
    <div onDragOver={over} onDrop={drop}>
      {children}
    </div>
  )
}

export function MeasureFiles() {
  const guests = useLab((lab) => lab.guests)
  return (
    <div className="button-row measure-files">
      <FileChooser
        label="Measure files"
        accept=".npz"
        onFiles={(files) => void openMeasures(chosenFiles(files))}
      >
        {(open) => <SmallButton onClick={open}>Open measures</SmallButton>}
      </FileChooser>
      <span className="figure-subtitle">
        {guests.length > 0
          ? `Shown from files: ${guests.map(({ label }) => label).join(', ')}.`
          : 'or drop .npz files of measures, or their folder, on this page.'}
      </span>
    </div>
  )
}
