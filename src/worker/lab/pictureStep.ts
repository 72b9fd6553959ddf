/** The step that comes next as the measure `step` shows it, cut short where it would keep the step waiting. */
import type { MeasureNews } from '../../core/landscape/measures'
import { DEFAULT_MEASURE_SETTINGS, MEASURE_INFOS } from '../../core/landscape/measures/info'
import { requestOf } from '../../core/landscape/measures/request'
import { steppedRun } from '../../core/runs/runSpec'
import type { Session } from '../../core/session/session'
import { runMeasure } from './measureRunner'

/** For the plane, once the gradients are there; what is computed by then is shown. */
const PLANE_MS = 900

export async function pictureStep(session: Session, onNews: (news: MeasureNews) => void): Promise<void> {
  const run = steppedRun(session.runs.filter(({ going }) => going))
  if (!run) return
  const info = MEASURE_INFOS.find(({ id }) => id === 'step')!
  const request = requestOf(info, DEFAULT_MEASURE_SETTINGS, [run.key])
  const abort = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  const told = (news: MeasureNews) => {
    timer ??= setTimeout(() => abort.abort(), PLANE_MS)
    onNews(news)
  }
  try {
    await runMeasure(session, request, { onNews: told }, abort.signal)
  } catch {
    // A picture that cannot be made keeps nobody from the step, which says what is wrong itself.
  } finally {
    clearTimeout(timer)
  }
}
