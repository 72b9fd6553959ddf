/** What SGD and SAM do, in a sentence each, a drawing that is computed, and the lines of the algorithm with its numbers. */
import { Anchor, Button, Slider } from '@mantine/core'
import { useLocalStorage } from '@mantine/hooks'
import { useEffect } from 'react'
import { PresetSelect } from '../form/PresetSelect'
import { formatAlike, formatNumber, formatSetting } from '../format'
import { useWide } from '../useWide'
import { playBeats, showBeat, useBeat } from './beat'
import { HowToRead } from './HowToRead'
import { type Beat, StepDrawing } from './StepDrawing'
import { type ShownStep, useShownStep } from './shownStep'
import { type StepPicture, stepPicture } from './stepPicture'
import { useRho } from './useRho'
import { useStepColors } from './useStepColors'

const HIDDEN = 'basin-step-hidden'

/** Whether anybody would see the picture of a step. */
export const isStepShown = (): boolean => document.querySelector('.step-card[data-hidden="false"]') !== null

export function StepCard() {
  const [hidden, setHidden] = useLocalStorage({
    key: HIDDEN,
    defaultValue: false,
    getInitialValueInEffect: false,
  })
  return (
    <section className="card step-card" aria-labelledby="step-title" data-hidden={hidden}>
      {hidden ? (
        <div className="step-closed">
          <h2 id="step-title">What a step of SAM does</h2>
          <Button variant="subtle" size="compact-sm" aria-expanded={false} onClick={() => setHidden(false)}>
            Show
          </Button>
        </div>
      ) : (
        <Opened onHide={() => setHidden(true)} />
      )}
    </section>
  )
}

function Opened({ onHide }: { onHide: () => void }) {
  const wide = useWide()
  const shown = useShownStep()
  const beat = useBeat()
  const { rho } = useRho()
  const picture = stepPicture(shown.values, shown.surface, Math.min(rho, mostOf(shown)))
  const made = shown.run && shown.values.step
  useEffect(() => {
    if (made !== undefined) playBeats()
  }, [made])
  const colors = useStepColors()
  return (
    <>
      <div className="step-words">
        <h2 id="step-title" className="step-claim">
          <span style={{ color: colors.sgd }}>SGD</span> follows the slope where it stands.{' '}
          <span style={{ color: colors.sam }}>SAM</span> first looks a distance ρ uphill and follows the slope
          there, so it comes to rest where everything around is low.
        </h2>
        <Algorithm picture={picture} beat={beat} />
        {!wide && <PresetSelect brief />}
        <RhoControl shown={shown} />
        <p className="row step-links">
          <Anchor href="https://arxiv.org/abs/2010.01412" target="_blank" rel="noreferrer">
            Foret et al. 2020
          </Anchor>
          <HowToRead />
          <Button variant="subtle" size="compact-sm" aria-expanded onClick={onHide}>
            Hide
          </Button>
        </p>
      </div>
      <StepDrawing
        picture={picture}
        surface={shown.surface}
        beat={beat}
        colors={colors}
        caption={captionOf(shown)}
      />
    </>
  )
}

/** Algorithm 1's lines as buttons: each shows its part of the drawing. */
function Algorithm({ picture, beat }: { picture: StepPicture; beat: Beat }) {
  const { gradientNorm, rho, lossHere, lossThere, learningRate } = picture
  const lines: [formula: string, said: string, numbers: string][] = [
    [
      'g = ∇L(θ)',
      'the gradient: which way the loss rises at the weights θ',
      `‖g‖ = ${formatNumber(gradientNorm)}`,
    ],
    ['ε̂ = ρ · g / ‖g‖', 'the look uphill: a step of length ρ along g', `ρ = ${formatSetting(rho)}`],
    [
      'g′ = ∇L(θ + ε̂)',
      'the gradient up there, at the end of ε̂',
      `L ${formatAlike([lossHere, lossThere]).join(' → ')}`,
    ],
    [
      'θ ← θ − η · g′',
      'back at θ, the step down against g′; SGD’s is against g',
      `η = ${formatSetting(learningRate)}`,
    ],
  ]
  return (
    <ol className="plain-list algorithm" aria-label="Algorithm 1">
      {lines.map(([formula, said, numbers], i) => {
        const own = (i + 1) as Beat
        return (
          <li key={formula}>
            <button
              type="button"
              aria-pressed={beat === own}
              onClick={() => showBeat(beat === own ? 0 : own)}
            >
              <span className="line-number">{own}</span>
              <span className="formula">{formula}</span>
              <span className="line-said">{said}</span>
              <span className="line-numbers">{numbers}</span>
            </button>
          </li>
        )
      })}
    </ol>
  )
}

/** As far as the plane is known. */
const mostOf = ({ surface }: ShownStep): number => Math.floor(95 * surface.x[surface.x.length - 1]) / 100

function RhoControl({ shown }: { shown: ShownStep }) {
  const { rho, explores, draw, settle } = useRho()
  const most = mostOf(shown)
  const noteOf = () => {
    if (rho > most) return `drawn at ${most}`
    return explores ? 'in the drawing alone' : '0 is SGD'
  }
  return (
    <div className="rho-control">
      <span className="rho-value">
        ρ <strong>{rho.toFixed(2)}</strong>
      </span>
      <Slider
        thumbLabel="ρ of the drawing"
        min={0}
        max={most}
        step={0.01}
        value={Math.min(rho, most)}
        onChange={draw}
        onChangeEnd={settle}
        size={6}
        thumbSize={22}
      />
      <span className="quiet-note rho-note">{noteOf()}</span>
    </div>
  )
}

function captionOf({ values, run }: ShownStep): string {
  const of = run
    ? `${run.label} before step ${values.step + 1}`
    : `an mlp of the first visit after ${values.step} steps; Step shows yours`
  return `Real loss of ${values.images} images on the plane of g and g′: ${of}.`
}
