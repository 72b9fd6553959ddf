/** Answers a request for a measure from a session that stands still; it knows none of them in particular. */
import { type MeasureNews, type MeasureRequest, measureOf } from '../../core/landscape/measures'
import type { Finding, MeasuredRun, Way } from '../../core/landscape/measures/measure'
import type { MeasureContents } from '../../core/landscape/measures/measureFile'
import type { PointStore } from '../../core/landscape/measures/pointStore'
import { checkedSettings, chosenRuns } from '../../core/landscape/measures/request'
import { checkRoom, type Room } from '../../core/landscape/measures/room'
import { parametersSum } from '../../core/library/newRecord'
import type { RunKey } from '../../core/runs/metrics'
import type { Session } from '../../core/session/session'
import type { SessionRun } from '../../core/session/sessionRun'
import * as tf from '../../engine/tf'
import type { Reminder } from './unfinished'

/** A measure that goes on is remembered after so long, and what it found by then kept; then every so often. */
const FIRST_MS = 2000
const KEPT_MS = 10_000

/** What goes into a file of it, but for the device. */
export type FoundMeasure = Omit<MeasureContents, 'device'>

export interface MeasureReceiver {
  onNews(news: MeasureNews): void
  /** Takes what was found of a run, alone or with others. */
  keep?(run: RunKey, found: FoundMeasure): void
  /** What the device has. */
  room?(): Room
  /** Remembers what may be cut off. */
  reminder?: Reminder
  /** What is kept of a run's way. */
  wayOf?(run: RunKey): Promise<Way | undefined>
  /** What was measured before. */
  points?: PointStore
  /** Takes all of it. */
  onFound?(found: FoundMeasure): void
}

/**
 * Looks at the weights that are evaluated (the average where there is one). They are held for the time it takes, so
 * a session that is dropped meanwhile does no harm.
 * @throws BasinError where there is no such measure, its settings are out of range or it needs other runs
 */
export async function runMeasure(
  session: Session,
  request: MeasureRequest,
  { onNews, keep, wayOf, points, onFound, reminder, room }: MeasureReceiver,
  signal: AbortSignal,
): Promise<{ cancelled: boolean }> {
  const measure = measureOf(request.id)
  const settings = checkedSettings(measure, request.settings)
  const keys = chosenRuns(
    measure,
    session.runs.map(({ key }) => key),
    request.runs,
  )
  const runs = keys.map((key) => held(session, key))
  try {
    const vectors = room && checkRoom(measure, runs, settings, room())
    const about = await Promise.all(runs.map((run) => aboutRun(session, run)))
    for (const run of runs)
      run.way = joined(session.run(run.key), await wayOf?.(run.key).catch(() => undefined))
    const keepAll = (findings: readonly Finding[], cancelled: boolean) => {
      for (const key of keep ? keys : []) {
        const of = findings.filter((finding) => finding.runs.includes(key))
        const looked = about.filter((run) => of.some((finding) => finding.runs.includes(run.key)))
        if (of.length > 0) keep?.(key, { measure, settings, runs: looked, findings: of, cancelled })
      }
    }
    let due = performance.now() + FIRST_MS
    // What is found has gone out to the page with the progress.
    const {
      findings,
      cancelled,
      vectors: directions,
    } = await measure.compute({
      runs,
      settings,
      onProgress(progress) {
        onNews({ id: request.id, progress } as MeasureNews)
        const isDue = performance.now() >= due && progress.done > 0
        if (!measure.goesOn || progress.finished || !isDue) return
        due = performance.now() + KEPT_MS
        keepAll(progress.findings, true)
        reminder?.reached(keys, { id: measure.id, settings }, progress)
      },
      signal,
      points,
      vectors,
    })
    if (findings.length > 0)
      onFound?.({ measure, settings, runs: about, findings, cancelled, vectors: directions })
    keepAll(findings, cancelled)
    if (!cancelled) reminder?.over()
    return { cancelled }
  } catch (error) {
    // It would fail again.
    if (!signal.aborted) reminder?.over()
    throw error
  } finally {
    for (const { theta, batchStats, training } of runs) {
      tf.dispose([theta, batchStats])
      if (training) tf.dispose([training.theta, training.batchStats])
    }
  }
}

/** With the sum of the weights that are looked at, by which they are known again. */
async function aboutRun(session: Session, { key, theta }: MeasuredRun) {
  const { step, config } = session.run(key)
  const parameters_sha256 = await parametersSum((await theta.data()) as Float32Array)
  return { key, step, run_config: config, parameters_sha256 }
}

function held(session: Session, key: string): MeasuredRun {
  const run = session.run(key)
  const { config, network, dataset, lane, evaluated } = run
  const [theta, batchStats] = [evaluated.theta.clone(), evaluated.batchStats.clone()]
  const training = run.training()
  return { key, config, network, dataset, threads: lane.threads, theta, batchStats, training }
}

/** Where it began, what it holds of its way, and what is kept of it. */
function joined({ lane, way }: SessionRun, kept: Way | undefined): Way {
  const steps = new Set([0, ...way.steps, ...(kept?.steps ?? [])])
  return {
    steps: [...steps].sort((a, b) => a - b),
    at: async (step) => {
      if (kept?.steps.includes(step)) return kept.at(step)
      return way.at(step) ?? lane.start
    },
  }
}
