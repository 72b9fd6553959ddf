/** Progress as bars that say their values: one per run, one over them while loading, one for a slice. */
import { bytesText } from '../../base/units'
import type { LoadProgress } from '../../worker/protocol'
import { shownRuns } from '../runs/shownRuns'
import { stepOf, useLab } from '../store/labStore'

export interface BarProps {
  label: string
  value: number
  max: number
  text: string
  color: string
}

export function Bar({ label, value, max, text, color }: BarProps) {
  return (
    <div
      role="progressbar"
      className="bar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={max}
      aria-valuenow={value}
      aria-valuetext={text}
    >
      <div style={{ width: `${max > 0 ? (100 * value) / max : 0}%`, background: color }} />
    </div>
  )
}

export function RunBars() {
  const lab = useLab()
  return shownRuns(lab).map(({ key, label, color, info }) => {
    const step = stepOf(lab, key)
    const total = info?.totalSteps ?? 1
    return (
      <Bar
        key={key}
        label={`${label} progress`}
        value={step}
        max={total}
        text={`step ${step} of ${total}`}
        color={color}
      />
    )
  })
}

export function LoadingBar() {
  const loading = useLab((lab) => (lab.state === 'loading' ? lab.loading : undefined))
  if (!loading) return null
  const { bytesDone, bytesTotal } = loading
  return (
    <div className="loading">
      <Bar
        label="Loading"
        value={bytesDone}
        max={Math.max(bytesTotal, 1)}
        text={loadingText(loading)}
        color="var(--mantine-color-dimmed)"
      />
    </div>
  )
}

/** `train shard 3 of 24, 1.2 MiB of 3 MiB` */
export function loadingText({ label, bytesDone, bytesTotal }: LoadProgress): string {
  return bytesTotal > 0 ? `${label}, ${bytesText(bytesDone)} of ${bytesText(bytesTotal)}` : label
}
