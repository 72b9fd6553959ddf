/** How far training is, in the tab's title: it goes on while another tab is looked at. */
import { historyOf } from '../store/history'
import { type LabStore, useLab } from '../store/labStore'

export function keepTitle(): void {
  // What stands there is not asked for: that is a walk through the head, many times a second.
  let written = ''
  useLab.subscribe((lab) => {
    const title = titleOf(lab)
    if (title !== written) document.title = title
    written = title
  })
}

export function titleOf({ state, session }: Pick<LabStore, 'state' | 'session'>): string {
  if (!session || state === 'idle') return 'Basin'
  if (state === 'finished') return 'Finished · Basin'
  if (state === 'failed') return 'Failed · Basin'
  const [done, total] = session.runs.reduce(
    ([steps, all], { key, totalSteps }) => [steps + (historyOf(key).last('step') || 0), all + totalSteps],
    [0, 0],
  )
  const share = `${Math.floor((100 * done) / total)} %`
  return state === 'paused' ? `${share}, paused · Basin` : `${share} · Basin`
}
