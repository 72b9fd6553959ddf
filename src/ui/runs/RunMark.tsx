/** A short piece of a run's line, beside its name: for those who see its dash better than its colour. */
import type { RunLook } from './runColors'

interface RunMarkProps {
  run: Pick<RunLook, 'color' | 'dash'>
  width?: number
}

export function RunMark({ run: { color, dash }, width = 22 }: RunMarkProps) {
  return (
    <svg className="run-mark" width={width} height={8} aria-hidden>
      <path d={`M0 4H${width}`} stroke={color} strokeWidth={2.5} strokeDasharray={dash} />
    </svg>
  )
}
