/** What the page is told of a session: what it is, what its runs have been through, what happens to them. */
import { toPlain } from '../../base/errors'
import { dataOf } from '../../core/library/newRecord'
import { costOf } from '../../core/optim/methods'
import type { Session } from '../../core/session/session'
import type { SessionRun } from '../../core/session/sessionRun'
import type { SessionEvents } from '../../core/session/sessionTypes'
import { weightsOf, whyNotKept } from '../keptWeights'
import type { DeviceInfo, RunInfo, RunKey, SessionInfo } from '../protocol'
import { EpochLines } from './epochLines'
import type { EventPacer } from './eventPacer'
import type { Keeper } from './keeper'
import { LiveWays } from './liveWays'

function sessionInfo(session: Session): SessionInfo {
  const { config, runs } = session
  return { config, runs: runs.map(runInfo) }
}

function runInfo({ key, label, config, differs, network, dataset, lane, totalSteps }: SessionRun): RunInfo {
  return {
    key,
    label,
    config,
    differs,
    numParams: network.params.size,
    stepsPerEpoch: lane.stepsPerEpoch,
    totalSteps,
    totalGradients: costOf(config, totalSteps, totalSteps),
    data: dataOf(dataset),
  }
}

/** Tells of a session from its beginning: the page drops what it knew, and gets again what a kept run has done. */
export function announce(session: Session, out: EventPacer): void {
  out.send({ type: 'session', info: sessionInfo(session) })
  out.tellAgain(session.runs)
  for (const { key, evaluations, edges, finalAt } of session.runs) {
    if (edges.length > 0) out.send({ type: 'edges', run: key, metrics: edges })
    for (const metrics of evaluations) {
      out.send({ type: 'evaluation', run: key, metrics, final: finalAt === metrics.step })
    }
  }
  const message = whyNotKept(session)
  if (message) out.send({ type: 'hint', key: 'kept', message })
}

/**
 * Hands the page copies of weights, one run after the other. The session must stand still.
 * @param keeper is offered them too: they are read once
 */
export async function handOver(
  session: Session,
  runs: readonly RunKey[],
  out: EventPacer,
  keeper?: Keeper,
): Promise<void> {
  if (whyNotKept(session)) {
    if (keeper?.due) await keeper.checkpoint()
    return
  }
  for (const run of runs) {
    const weights = await weightsOf(session, run)
    // Before they are sent: what is sent is here no more.
    await keeper?.offer(run, weights.snapshot)
    out.send({ type: 'kept', weights })
  }
}

/**
 * A session's callbacks as events, as long as `current` gives it: while it is the one the page knows.
 * @param device that it trains on
 * @param keeper of its runs, where they are kept
 */
export function sessionEvents(
  out: EventPacer,
  device: DeviceInfo,
  current: () => Session | undefined,
  keeper: () => Keeper | undefined,
): SessionEvents {
  const ways = new LiveWays({
    session: current,
    keeper,
    tell: (grown) => out.send({ type: 'ways', ways: grown }),
  })
  let lines: EpochLines | undefined
  const linesOf = (session: Session) => {
    lines ??= new EpochLines({
      session,
      device,
      tell(news) {
        if (current()) out.send({ type: 'epochLines', news })
      },
    })
    return lines
  }
  return {
    restDue() {
      const session = current()
      return session !== undefined && ((keeper()?.due ?? false) || linesOf(session).due)
    },
    async atRest(interrupted) {
      const session = current()
      if (session && keeper()?.due) await keeper()?.checkpoint()
      if (session) await linesOf(session).measure(interrupted)
    },
    onDisposed: () => lines?.dispose(),
    async afterEvaluation(runs) {
      const session = current()
      if (session) await handOver(session, runs, out, keeper())
    },
    onWaypoint(run, waypoint) {
      if (!current()) return false
      ways.add(run, waypoint)
      return keeper()?.addWaypoint(run, waypoint) ?? false
    },
    onMetrics(run, rows) {
      if (!current()) return
      keeper()?.addRows(run, rows)
      out.add(run, rows)
    },
    onProgress(progress) {
      if (current()) out.pace(progress)
    },
    onTuning(done, total) {
      if (current()) out.send({ type: 'tuning', done, total })
    },
    onEvaluation(run, metrics, final) {
      if (!current()) return
      keeper()?.addEvaluation(run, metrics)
      out.send({ type: 'evaluation', run, metrics, final })
    },
    onEdge(run, metrics) {
      if (!current()) return
      keeper()?.addEdge(run, metrics)
      out.send({ type: 'edges', run, metrics: [metrics] })
    },
    onDiverged(run, step, error) {
      if (!current()) return
      keeper()?.diverged(run, error)
      out.send({ type: 'diverged', run, step, error: toPlain(error) })
    },
    onHint(run, key, message) {
      if (current()) out.send({ type: 'hint', run, key, message })
    },
  }
}
