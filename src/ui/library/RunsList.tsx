/** The card with the list: how it is looked through, what is done with the picked runs, and where run files are dropped. */
import { Alert } from '@mantine/core'
import { useMemo } from 'react'
import { droppedFiles } from '../data/pickedFiles'
import { useDrop } from '../files/useDrop'
import { importRuns, useLibrary } from '../store/libraryStore'
import { ImportButtons } from './ImportButtons'
import { ListControls } from './ListControls'
import { RunActions } from './RunActions'
import { RunsTable } from './RunsTable'
import { listRows, matches } from './rows'

export function RunsList() {
  const runs = useLibrary(({ runs }) => runs)
  const { byGroup, filter, hidden } = useLibrary(({ view }) => view)
  const shown = useMemo(() => runs?.filter(({ record }) => hidden || !record.hidden) ?? [], [runs, hidden])
  const rows = useMemo(() => listRows(shown, byGroup), [shown, byGroup])
  const matching = useMemo(() => rows.filter((row) => matches(row, filter)), [rows, filter])
  // The Import button is its keyboard way.
  const drop = useDrop((transfer) => void droppedFiles(transfer).then(importRuns))
  return (
    <section className="card runs-card" aria-labelledby="runs-title" {...drop}>
      <div className="row runs-head">
        <h2 id="runs-title">Kept runs</h2>
        <ImportButtons />
      </div>
      {runs && runs.length > 0 && (
        <>
          <ListControls shown={matching.length} of={rows.length} />
          <RunActions />
          {matching.length > 0 ? (
            <RunsTable rows={matching} />
          ) : (
            <p className="quiet">No run has these words in its names, notes or settings.</p>
          )}
        </>
      )}
      {runs?.length === 0 && <NoRuns />}
      {!runs && <p className="quiet">Looking …</p>}
    </section>
  )
}

function NoRuns() {
  return (
    <Alert role="note">
      No run is kept here yet. Train some, or drop run files here: the .zip of an export, a folder that{' '}
      <code>npm run train</code> has written, or a folder with TensorBoard’s event files.
    </Alert>
  )
}
