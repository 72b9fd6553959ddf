/** Runs: all that are kept, over seeds, side by side; out as files and in again. */
import { useEffect } from 'react'
import { LibraryMessages } from '../library/LibraryMessages'
import { PickedRuns } from '../library/PickedRuns'
import { QueueCard } from '../library/QueueCard'
import { RunsList } from '../library/RunsList'
import { useFreshRuns } from '../library/useFreshRuns'
import { Panel } from '../panels/Panel'
import { bindRunsAddress } from '../store/libraryStore'
import '../styles/library.css'

export default function RunsPage() {
  useEffect(bindRunsAddress, [])
  useFreshRuns()
  return (
    <div className="page">
      <h1 className="visually-hidden">Kept runs</h1>
      <LibraryMessages />
      <Panel name="The list of runs">
        <RunsList />
      </Panel>
      <Panel name="The queue">
        <QueueCard />
      </Panel>
      <Panel name="The picked runs">
        <PickedRuns />
      </Panel>
    </div>
  )
}
