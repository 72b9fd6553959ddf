/** Run files from the disk: single ones, or a folder. */
import { Progress } from '@mantine/core'
import { useRef } from 'react'
import { SmallButton } from '../charts/SmallButton'
import { chosenFiles } from '../data/pickedFiles'
import { importRuns, useLibrary } from '../store/libraryStore'

export function ImportButtons() {
  const importing = useLibrary(({ importing }) => importing)
  const files = useRef<HTMLInputElement>(null)
  const folder = useRef<HTMLInputElement>(null)
  const take = (input: HTMLInputElement) => {
    void importRuns(chosenFiles(input.files))
    input.value = ''
  }
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
      <SmallButton disabled={importing !== undefined} onClick={() => files.current?.click()}>
        Import runs
      </SmallButton>
      <SmallButton disabled={importing !== undefined} onClick={() => folder.current?.click()}>
        Import a folder
      </SmallButton>
      <input
        ref={files}
        type="file"
        multiple
        hidden
        accept=".zip"
        aria-label="Run files"
        onChange={(event) => take(event.currentTarget)}
      />
      <input
        ref={folder}
        type="file"
        hidden
        aria-label="Folder with runs"
        // React knows it as an attribute only since browsers agree on it.
        {...{ webkitdirectory: '' }}
        onChange={(event) => take(event.currentTarget)}
      />
    </div>
  )
}
