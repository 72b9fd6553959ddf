/** A cut through the surfaces at the place that is pointed at: what is read there, and the curves through it. */
import { useMemo } from 'react'
import { runLine } from '../charts/chartLines'
import { Figure } from '../charts/Figure'
import { LazyLineChart } from '../charts/LazyLineChart'
import { formatNumber, formatPercent } from '../format'
import { RunMark } from '../runs/RunMark'
import { type DrawnBasin, indexIn, type PlanePoint, valueAt } from './basin'
import { type Curve, rowsOf, sliceTable } from './sliceChart'

const HEIGHT = 190

export interface CutProps {
  drawn: readonly DrawnBasin[]
  pointed: PlanePoint
}

const short = (value: number) => value.toFixed(2).replace('-', '−')

/** Loss and error of every run at the place. */
export function PointReading({ drawn, pointed }: CutProps) {
  return (
    <table className="basin-reading" aria-label="At the place pointed at">
      <thead>
        <tr>
          <th scope="col">
            x = {short(pointed.x)}, y = {short(pointed.y)}
          </th>
          <th scope="col">loss</th>
          <th scope="col">rise</th>
          <th scope="col">training error</th>
        </tr>
      </thead>
      <tbody>
        {drawn.map(({ run, surface, error }) => {
          const loss = valueAt(surface, surface.z, pointed)
          const lowest = Math.min(...surface.z.map((row) => Math.min(...row)))
          return (
            <tr key={run.key}>
              <th scope="row">
                <RunMark run={run} /> {run.label}
              </th>
              <td>{formatNumber(loss)}</td>
              <td>{formatNumber(loss === undefined ? undefined : loss - lowest)}</td>
              <td>{formatPercent(valueAt(surface, error, pointed))}</td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}

export function CutFigures(props: CutProps) {
  return (
    <div className="charts">
      <CutFigure {...props} along="x" />
      <CutFigure {...props} along="y" />
    </div>
  )
}

function CutFigure({ drawn, pointed, along }: CutProps & { along: 'x' | 'y' }) {
  const across = along === 'x' ? 'y' : 'x'
  const curves = useMemo(
    () => drawn.flatMap((basin) => cutOf(basin, along, pointed)),
    [drawn, along, pointed],
  )
  const [low, high] = [curves[0]?.at[0] ?? -1, curves[0]?.at.at(-1) ?? 1]
  const title = `Cut along ${along}`
  const subtitle = `loss at ${across} = ${short(pointed[across])}`
  return (
    <Figure
      title={title}
      subtitle={subtitle}
      description={`${title}: ${subtitle}, ${drawn.map(({ run }) => run.label).join(', ')}.`}
      table={() => sliceTable(along, curves, formatNumber)}
      height={HEIGHT}
      empty={curves.length === 0}
      legend={drawn.map(({ run }) => run)}
    >
      {curves.length > 0 && (
        <LazyLineChart
          rows={rowsOf(curves)}
          lines={drawn.map(({ run }) => runLine(run))}
          xDomain={[low, high]}
          xTicks={[low, (low + high) / 2, high]}
          xLabel={along}
          unit="number"
          log={false}
          fromZero
          height={HEIGHT}
        />
      )}
    </Figure>
  )
}

/** Along one axis at the other's value. */
function cutOf({ run, surface }: DrawnBasin, along: 'x' | 'y', pointed: PlanePoint): Curve[] {
  const across = along === 'x' ? 'y' : 'x'
  if (indexIn(surface[across], pointed[across]) === undefined) return []
  const at = surface[along]
  const y = at.map((value) => valueAt(surface, surface.z, { ...pointed, [along]: value }) ?? Number.NaN)
  return [{ key: run.key, name: run.label, at, y }]
}
