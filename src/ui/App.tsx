/** The page's frame: header, the page the address names, and the dialog that guards a running session. */
import { MantineProvider } from '@mantine/core'
import { Suspense, useEffect } from 'react'
import { DeviceNote, Header, SkipLink } from './controls/Header'
import { TrainPage } from './pages/TrainPage'
import { Later } from './panels/Later'
import { Panel } from './panels/Panel'
import { retriedLazy } from './panels/retriedLazy'
import { cssVariables, theme } from './theme'
import { drawThenGoOn } from './usable'
import { useView } from './view'

/** What the first visit begins without. */
const LandscapePage = retriedLazy(() => import('./pages/LandscapePage'))
const ComparePage = retriedLazy(() => import('./pages/ComparePage'))
const RunsPage = retriedLazy(() => import('./pages/RunsPage'))
const DataPage = retriedLazy(() => import('./pages/DataPage'))
const ChangeDialog = retriedLazy(() => import('./form/ChangeDialog'))

export function App() {
  const view = useView()
  useEffect(drawThenGoOn, [])
  return (
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
      <SkipLink />
      <Header view={view} />
      <main id="main" tabIndex={-1}>
        <DeviceNote />
        <Panel key={view} name="This page">
          {view === 'train' && <TrainPage />}
          <Suspense fallback={null}>
            {view === 'landscape' && <LandscapePage />}
            {view === 'compare' && <ComparePage />}
            {view === 'runs' && <RunsPage />}
            {view === 'data' && <DataPage />}
          </Suspense>
        </Panel>
      </main>
      <Later>
        <ChangeDialog />
      </Later>
    </MantineProvider>
  )
}
