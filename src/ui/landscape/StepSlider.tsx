/** Walks along the ways, and says where each run is. */
import { Slider } from '@mantine/core'
import { useMemo } from 'react'
import { formatCount, formatNumber } from '../format'
import { RunMark } from '../runs/RunMark'
import { behind, type DrawnWay, stopsOf } from './ways'

interface StepProps {
  ways: readonly DrawnWay[]
  step: number
}

export function StepSlider({ ways, step, onChange }: StepProps & { onChange: (step: number) => void }) {
  const stops = useMemo(() => stopsOf(ways), [ways])
  const at = Math.max(
    0,
    stops.findLastIndex((stop) => stop <= step),
  )
  return (
    <div className="row way-controls">
      <div className="way-slider">
        <span id="way-step">Step {formatCount(stops[at])}</span>
        <Slider
          thumbLabel="Step of the ways"
          aria-labelledby="way-step"
          value={at}
          onChange={(index) => onChange(stops[index])}
          min={0}
          max={Math.max(1, stops.length - 1)}
          step={1}
        />
      </div>
      <Readings ways={ways} step={step} />
    </div>
  )
}

/** Where each run is, and how far outside the picture. */
function Readings({ ways, step }: StepProps) {
  return (
    <div className="way-readings">
      {ways.map((way) => {
        const { loss, outside } = behind(way, step).at(-1)!
        return (
          <span key={way.run.key}>
            <RunMark run={way.run} /> {way.run.label}:{' '}
            {Number.isFinite(loss) && <>loss {formatNumber(loss)}, </>}
            {formatNumber(outside)} outside the plane
          </span>
        )
      })}
    </div>
  )
}
