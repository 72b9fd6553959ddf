/** The ways of runs while they train: no loss beneath them yet, the plane moving as they grow. */
import { useMemo, useState } from 'react'
import { Figure, type FigureTable } from '../charts/Figure'
import { formatNumber, formatPercent } from '../format'
import { useLab } from '../store/labStore'
import { landscapeRuns } from './landscapeRuns'
import { StepSlider } from './StepSlider'
import { WayDrawing } from './WayDrawing'
import { behind, type DrawnWay, grownWays, lastStep, squareAround } from './ways'

export function GrowingFigure({ height }: { height: number }) {
  const runs = useLab(landscapeRuns)
  const grown = useLab((lab) => lab.ways)
  const trains = useLab(({ state }) => state === 'training')
  // Until somebody takes the slider, it goes along.
  const [chosen, choose] = useState<number>()
  const ways = useMemo(() => (grown ? grownWays(runs, grown) : []), [runs, grown])
  const [x, y] = useMemo(() => squareAround(ways), [ways])
  if (!grown || ways.length === 0) return null
  const end = lastStep(ways)
  const step = Math.min(chosen ?? end, end)
  return (
    <>
      <StepSlider ways={ways} step={step} onChange={(to) => choose(to < end ? to : undefined)} />
      <Figure
        title="Trajectory"
        subtitle={`${trains ? 'as it grows' : 'as it grew'}; both axes in the lengths of θ’s space`}
        description={describe(ways, step)}
        table={() => tableOf(ways)}
        height={height}
        empty={false}
      >
        <WayDrawing
          surface={undefined}
          x={x}
          y={y}
          ways={ways}
          step={step}
          titles={[axisTitle(1, grown.share[0]), axisTitle(2, grown.share[1])]}
        />
        <p className="figure-note">
          Lengths to a percent or two, on the plane of the weights so far, which turns as they come.{' '}
          {trains
            ? 'When training stands, Compute trajectory lays the loss beneath.'
            : 'Compute trajectory lays the loss beneath.'}
        </p>
      </Figure>
    </>
  )
}

export const axisTitle = (k: number, share: number) => `PC ${k}, ${formatPercent(share)} of the variance`

function describe(ways: readonly DrawnWay[], step: number): string {
  const parts = ways.map((way) => {
    const here = behind(way, step).at(-1)!
    return `${way.run.label} at ${formatNumber(here.x)}, ${formatNumber(here.y)}`
  })
  return `Ways of the runs so far, until step ${step}: ${parts.join('; ')}.`
}

function tableOf(ways: readonly DrawnWay[]): FigureTable {
  const rows = ways.flatMap(({ run, stops }) =>
    stops.map(({ step, x, y, outside }) => [
      `${run.label}, step ${step}`,
      ...[x, y, outside].map(formatNumber),
    ]),
  )
  return { header: ['weights', 'PC 1', 'PC 2', 'outside'], rows }
}
