/** Run files from the disk: single ones, or a folder. */
import { Progress } from '@mantine/core'
import { SmallButton } from '../charts/SmallButton'
import { chosenFiles } from '../data/pickedFiles'
import { FileChooser } from '../files/FileChooser'
import { importRuns, useLibrary } from '../store/libraryStore'

export function ImportButtons() {
  const importing = useLibrary(({ importing }) => importing)
  const take = (files: FileList | null) => void importRuns(chosenFiles(files))
  return (
    <div className="button-row">
      {importing && (
        <Progress
          className="runs-importing"
          size="sm"
          value={(100 * importing.done) / importing.total}
          aria-label={`Importing run ${importing.done + 1} of ${importing.total}`}
        />
      )}
      <FileChooser label="Run files" accept=".zip" onFiles={take}>
        {(open) => (
          <SmallButton disabled={importing !== undefined} onClick={open}>
            Import runs
          </SmallButton>
        )}
      </FileChooser>
      <FileChooser label="Folder with runs" kind="folder" onFiles={take}>
        {(open) => (
          <SmallButton disabled={importing !== undefined} onClick={open}>
            Import a folder
          </SmallButton>
        )}
      </FileChooser>
    </div>
  )
}
