/** The measured steps of the runs, on the Landscape page. */
import { Figure, type FigureTable } from '../charts/Figure'
import { formatNumber, formatSetting } from '../format'
import { displaySurface } from '../landscape/displaySurface'
import { type Found, useFound } from '../landscape/found'
import { useMeasureFiles } from '../landscape/measureCsv'
import { ASKED_HEIGHT, NotComputed } from '../landscape/sliceChart'
import { Panel } from '../panels/Panel'
import { StepDrawing } from './StepDrawing'
import { stepPicture } from './stepPicture'
import { useStepColors } from './useStepColors'

export function StepSection() {
  const known = useFound('step')
  return (
    <Panel name="The step">
      <Figure
        title="One step of SAM"
        subtitle="The loss of the next batch on the plane of g and g′"
        description={known.length > 0 ? known.map(sentence).join(' ') : 'Not computed yet.'}
        table={() => tableOf(known)}
        height={known.length > 0 ? HEIGHT : ASKED_HEIGHT}
        empty={known.length === 0}
        files={useMeasureFiles('step')}
      >
        {known.length > 0 ? (
          <div className="step-row">
            {known.map(({ run, values }) => (
              <OneStep key={run.key} run={run} values={values} />
            ))}
          </div>
        ) : (
          <NotComputed height={ASKED_HEIGHT} />
        )}
      </Figure>
    </Panel>
  )
}

const HEIGHT = 320

function OneStep({ run, values }: Found<'step'>) {
  const colors = useStepColors()
  const surface = displaySurface(values)
  if (!surface) return null
  const picture = stepPicture(values, surface, values.rho)
  return (
    <StepDrawing
      picture={picture}
      surface={surface}
      beat={0}
      colors={colors}
      caption={sentence({ run, values })}
    />
  )
}

const sentence = ({ run, values }: Found<'step'>): string =>
  `${run.label} before step ${values.step + 1}, ρ = ${formatSetting(values.rho)}: loss ${formatNumber(values.loss_here)}, there ${formatNumber(values.loss_there)}.`

function tableOf(known: readonly Found<'step'>[]): FigureTable {
  const rows = known.map(({ run, values }) => {
    const turn = (180 / Math.PI) * Math.atan2(values.beside, values.along)
    const numbers = [
      values.rho,
      values.learning_rate,
      values.loss_here,
      values.loss_there,
      values.gradient_norm,
    ]
    return [
      run.label,
      ...numbers.map(formatNumber),
      formatNumber(Math.hypot(values.along, values.beside)),
      `${turn.toFixed(0)}°`,
    ]
  })
  return { header: ['run', 'ρ', 'η', 'L(θ)', 'L(θ + ε̂)', '‖g‖', '‖g′‖', 'angle of g and g′'], rows }
}
