/** Progress as bars that say their values: one per run, one while loading, one for a slice. */
import { formatBytes, RUN_LABEL } from '../format'
import { shownRuns, stepOf, useLab } from '../store/labStore'

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
  const total = lab.session?.totalSteps ?? 1
  return shownRuns(lab).map((run) => {
    const step = stepOf(lab, run)
    return (
      <Bar
        key={run}
        label={`${RUN_LABEL[run]} progress`}
        value={step}
        max={total}
        text={`step ${step} of ${total}`}
        color={`var(--run-${run})`}
      />
    )
  })
}

export function LoadingBar() {
  const loading = useLab((lab) => (lab.state === 'loading' ? lab.loading : undefined))
  if (!loading) return null
  const { label, bytesDone, bytesTotal } = loading
  const size = bytesTotal > 0 ? `, ${formatBytes(bytesDone)} of ${formatBytes(bytesTotal)}` : ''
  return (
    <div className="loading">
      <Bar
        label="Loading"
        value={bytesDone}
        max={Math.max(bytesTotal, 1)}
        text={`${label}${size}`}
        color="var(--mantine-color-dimmed)"
      />
      <span>
        {label}
        {size}
      </span>
    </div>
  )
}
