/** Train, pause, stop: the buttons, the bars, the numbers, and what went wrong. */
import { Button } from '@mantine/core'
import { pauseLab, resumeLab, stepLab, stopLab } from '../store/commands'
import { requestNewSeed, requestReset, requestTraining } from '../store/form'
import { useLab } from '../store/labStore'
import { PlanLine } from './PlanLine'
import { LoadingBar, RunBars } from './Progress'
import { RunFacts, StateStatus } from './RunFacts'

export function ControlBar() {
  const state = useLab((lab) => lab.state)
  const pausing = useLab((lab) => lab.pausing)
  // After a failure there may be no device; the next command looks for one again.
  const failed = state === 'failed'
  const ready = useLab((lab) => lab.device !== undefined) || failed
  const busy = !ready
  const ended = state === 'finished' || state === 'stopped'
  const running = state === 'training' || state === 'loading'
  return (
    <section className="card controls" aria-labelledby="controls-title">
      <h2 id="controls-title" className="visually-hidden">
        Controls
      </h2>
      <div className="control-row">
        {state === 'training' && (
          <Button onClick={pauseLab} loading={pausing}>
            Pause
          </Button>
        )}
        {state === 'paused' && (
          <Button onClick={resumeLab} disabled={busy}>
            Resume
          </Button>
        )}
        {(state === 'idle' || failed || state === 'loading' || ended) && (
          <Button onClick={requestTraining} disabled={busy || state === 'loading'}>
            Train
          </Button>
        )}
        <Button variant="default" onClick={stepLab} disabled={busy || running || ended || failed}>
          Step
        </Button>
        <Button variant="default" onClick={stopLab} disabled={!running && state !== 'paused'}>
          Stop
        </Button>
        <div className="bars">
          <RunBars />
          <LoadingBar />
        </div>
        <Button variant="default" onClick={requestReset} disabled={!ready || state === 'idle'}>
          Reset (same seed)
        </Button>
        <Button variant="default" onClick={requestNewSeed} disabled={!ready}>
          New seed
        </Button>
      </div>
      <div className="facts">
        <StateStatus />
        <RunFacts />
      </div>
      <div className="facts">
        <PlanLine />
      </div>
    </section>
  )
}
