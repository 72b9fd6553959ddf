/** Train, pause, stop: the buttons, the bars, the numbers, and what went wrong. */
import { Button } from '@mantine/core'
import { SettingsSheet } from '../form/SettingsSheet'
import { showBasins } from '../landscape/showBasins'
import { isStepShown } from '../step/StepCard'
import { continueRuns, pauseLab, resumeLab, stepLab, stopLab } from '../store/commands'
import { requestTraining } from '../store/form'
import { useLab } from '../store/labStore'
import { useWide } from '../useWide'
import { BeginAnew } from './BeginAnew'
import { Messages } from './Messages'
import { DoesNotFit } from './PlanLine'
import { LoadingBar, RunBars } from './Progress'
import { KeptFact, RunFacts, StateStatus } from './RunFacts'

export function ControlBar() {
  const state = useLab((lab) => lab.state)
  const pausing = useLab((lab) => lab.pausing)
  const failed = state === 'failed'
  const wide = useWide()
  const ended = state === 'finished' || state === 'stopped'
  const finished = state === 'finished'
  // What stands there is in the browser's storage only.
  const kept = state === 'interrupted' || state === 'following'
  const running = state === 'training' || state === 'loading'
  return (
    <>
      <section className="card controls" aria-labelledby="controls-title">
        <h2 id="controls-title" className="visually-hidden">
          Controls
        </h2>
        {/* Fixed below a narrow page it has them in sight; else they stand under it. */}
        {!wide && <Messages />}
        <div className="row control-row" data-ended={ended}>
          {state === 'training' && (
            <Button onClick={pauseLab} loading={pausing}>
              Pause
            </Button>
          )}
          {state === 'paused' && <Button onClick={resumeLab}>Resume</Button>}
          <ContinueButton />
          {(state === 'idle' || failed || state === 'loading' || ended) && (
            <Button
              variant={finished ? 'default' : 'filled'}
              onClick={requestTraining}
              disabled={state === 'loading'}
            >
              Train
            </Button>
          )}
          {/* In a row as wide as a phone only what can be done. */}
          {(wide || !ended) && (
            <>
              <Button
                className="going"
                variant="default"
                onClick={() => void stepLab(isStepShown())}
                disabled={running || ended || failed || kept}
              >
                Step
              </Button>
              <Button
                className="going"
                variant="default"
                onClick={stopLab}
                disabled={!running && state !== 'paused'}
              >
                Stop
              </Button>
            </>
          )}
          <div className="bars">
            <RunBars />
            <LoadingBar />
          </div>
          {/* The bars make room for it: all other buttons stay where they are. */}
          {finished && <Button onClick={() => void showBasins()}>Show the basins</Button>}
          {wide ? <BeginAnew /> : <SettingsSheet />}
        </div>
        <div className="facts">
          <StateStatus />
          <RunFacts />
          <KeptFact />
        </div>
        <DoesNotFit />
      </section>
      {wide && <Messages />}
    </>
  )
}

/** Goes on with what a closed page, or a lost GPU, has left. */
function ContinueButton() {
  const state = useLab((lab) => lab.state)
  const kept = useLab((lab) => lab.keeping?.runs)
  const ids = Object.values(kept ?? {}).map(({ id }) => id)
  if (state === 'interrupted') return <Button onClick={() => continueRuns()}>Continue</Button>
  if (state !== 'failed' || ids.length === 0) return null
  return <Button onClick={() => continueRuns(ids)}>Continue</Button>
}
