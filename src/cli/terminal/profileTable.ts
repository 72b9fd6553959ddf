/** A step's profile as text for a terminal. */
import { alignedLines } from '../../base/textTable'
import type { StepProfile } from '../../engine/profile/profile'

/** @param peakGflops the device's fastest matrix product */
export function profileTable(step: StepProfile, peakGflops: number): string {
  const head = ['kernel', 'dispatches', 'ms', 'share', 'GFLOP/s', 'of peak']
  const body = step.rows.map(({ kernel, count, ms, share, gflops }) => [
    kernel,
    String(count),
    ms === undefined ? '–' : ms.toFixed(2),
    share === undefined ? '–' : `${(100 * share).toFixed(1)} %`,
    gflops === undefined ? '' : gflops.toFixed(1),
    gflops === undefined || !(peakGflops > 0) ? '' : `${((100 * gflops) / peakGflops).toFixed(0)} %`,
  ])
  const total = step.deviceMs === undefined ? '–' : step.deviceMs.toFixed(2)
  const rows = [head, ...body, ['all', String(step.dispatches), total, '', '', '']]
  const text = alignedLines(rows, (column) => column > 0)
  if (!step.timed) {
    text.push('', 'This adapter has no timestamp-query: dispatches are counted, their time is not known.')
  }
  return text.join('\n')
}
