/**
 * A run's weights as plain data, with what a file of them says: what an export is packed from. The page holds the
 * newest of each run, because it outlives the worker and its GPU.
 */
import { bytesText } from '../base/units'
import type { RunConfig } from '../core/config/schema'
import type { EvalMetrics, RunKey } from '../core/runs/metrics'
import type { RunSpec } from '../core/runs/runSpec'
import type { Session } from '../core/session/session'
import type { RunSnapshot } from '../core/session/sessionTypes'
import type { PartEntry, PartLayout } from '../core/weights/weightParts'
import { f16IsOn } from '../engine/device/f16'

/** Structured-cloneable. */
export interface KeptWeights extends RunSpec {
  /** The settings of its session, list of runs and all: what an export is imported with again. */
  session: RunConfig
  network: PartLayout & { name: string }
  stepsPerEpoch: number
  snapshot: RunSnapshot
  /** The run's last evaluation; undefined before the first. */
  metrics?: EvalMetrics
  /** Trained with 16-bit operands. */
  f16: boolean
}

/**
 * Reads a run as it stands.
 * @throws BasinError `config` for a run that the session does not have, `device` when the GPU is lost
 */
export async function weightsOf(session: Session, run: RunKey): Promise<KeptWeights> {
  const { key, label, config, differs, network, lane, evaluations } = session.run(run)
  const { name, params, stats, emptyModules } = network
  return {
    key,
    label,
    config,
    differs,
    session: session.config,
    network: { name, params: plainLayout(params), stats: plainLayout(stats), emptyModules },
    stepsPerEpoch: lane.stepsPerEpoch,
    metrics: evaluations.at(-1),
    f16: f16IsOn(),
    snapshot: await session.snapshot(key),
  }
}

/** Without initializers: functions do not cross to the page. */
function plainLayout({ entries, size }: PartLayout['params']): PartLayout['params'] {
  const plain = ({ name, shape, offset, size }: PartEntry) => ({ name, shape, offset, size })
  return { entries: entries.map(plain), size }
}

/**
 * Copies of all runs together take at most so much of the page's memory. A pair of Resnet152 with its momentum fits
 * (0.9 GiB), one of EfficientNet-L2 (480 M weights, 7.2 GiB) does not.
 */
const MOST_BYTES = 2 ** 30

/** Why no copies of this session are kept, for the page; undefined where they are. */
export function whyNotKept(session: Pick<Session, 'runs'>): string | undefined {
  const bytes = session.runs.reduce((sum, run) => sum + run.stateBytes, 0)
  if (bytes <= MOST_BYTES) return undefined
  return `These runs take ${bytesText(bytes)}, more than the page keeps a copy of: a lost GPU would take the weights with it. Pause now and then and export them.`
}
