/** The page's frame: header, the page the address names, and the dialog that guards a running session. */
import { MantineProvider } from '@mantine/core'
import { Suspense } from 'react'
import { DeviceNote, Header, SkipLink } from './controls/Header'
import { ChangeDialog } from './form/ChangeDialog'
import { ComparePage } from './pages/ComparePage'
import { DataPage } from './pages/DataPage'
import { LandscapePage } from './pages/LandscapePage'
import { TrainPage } from './pages/TrainPage'
import { Panel } from './panels/Panel'
import { retriedLazy } from './panels/retriedLazy'
import { cssVariables, theme } from './theme'
import { useView } from './view'

/** With the table and its curves, which the first visit does not need. */
const RunsPage = retriedLazy(() => import('./pages/RunsPage'))

export function App() {
  const view = useView()
  return (
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
      <SkipLink />
      <Header view={view} />
      <main id="main" tabIndex={-1}>
        <DeviceNote />
        <Panel key={view} name="This page">
          {view === 'train' && <TrainPage />}
          {view === 'landscape' && <LandscapePage />}
          {view === 'compare' && <ComparePage />}
          {view === 'runs' && (
            <Suspense fallback={null}>
              <RunsPage />
            </Suspense>
          )}
          {view === 'data' && <DataPage />}
        </Panel>
      </main>
      <ChangeDialog />
    </MantineProvider>
  )
}
