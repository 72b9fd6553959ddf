/** How curves are drawn: axis, smoothing, scale. */
import { NativeSelect, Slider, Switch } from '@mantine/core'
import type { ReactNode } from 'react'
import type { Axis } from './axes'

interface CurveControlsProps {
  axis: Axis
  smoothing: number
  logY: boolean
  onChange(changes: { axis?: Axis; smoothing?: number; logY?: boolean }): void
  children?: ReactNode
}

export function CurveControls({ axis, smoothing, logY, onChange, children }: CurveControlsProps) {
  return (
    <div className="row view-controls">
      <NativeSelect
        size="xs"
        aria-label="Horizontal axis"
        data={AXIS_CHOICES}
        value={axis}
        onChange={(event) => onChange({ axis: event.currentTarget.value as Axis })}
      />
      <div className="smoothing">
        <span>Smoothing</span>
        <Slider
          thumbLabel="Smoothing"
          min={0}
          max={0.99}
          step={0.01}
          size={4}
          thumbSize={16}
          value={smoothing}
          onChange={(value) => onChange({ smoothing: value })}
        />
      </div>
      <Switch
        size="xs"
        label="Log scale"
        checked={logY}
        onChange={(event) => onChange({ logY: event.currentTarget.checked })}
      />
      {children}
    </div>
  )
}

const AXIS_CHOICES: { value: Axis; label: string }[] = [
  { value: 'step', label: 'over steps' },
  { value: 'epoch', label: 'over epochs' },
  { value: 'gradientEvaluations', label: 'over gradient evaluations (equal cost)' },
  { value: 'seconds', label: 'over seconds' },
]
