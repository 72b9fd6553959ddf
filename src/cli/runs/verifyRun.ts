/** Trains a kept run again and holds every number against those that were written down. */
import type { Dataset } from '../../core/data/dataset'
import { RunDocument } from '../../core/library/document'
import { parametersSum } from '../../core/library/newRecord'
import type { StepMetrics } from '../../core/runs/metrics'
import { Session } from '../../core/session/session'
import { openPool } from '../data/datasets'
import type { PlacedRun } from './trainRuns'

/** What the device computes; costs and rates follow from the settings, and seconds never agree. */
const COMPUTED = [
  'loss',
  'errorRate',
  'gradientNorm',
  'paramNorm',
] as const satisfies readonly (keyof StepMetrics)[]

export interface Verdict {
  /** Steps whose numbers were held against the kept ones. */
  steps: number
  /** The first whose bits differ, and in what; undefined where none does. */
  differs?: { step: number; name: string; kept: number; now: number }
  /** Whether the parameters at the end have the kept sum; undefined where there is none, or training ended before. */
  parameters?: boolean
}

/** @param signal ends it between two steps */
export async function verifyRun(
  { spec, files }: Pick<PlacedRun, 'spec' | 'files'>,
  dataset: Dataset,
  signal: AbortSignal,
): Promise<Verdict> {
  const document = (await RunDocument.open(files, ''))!
  const { lines } = await document.curves()
  const verdict: Verdict = { steps: 0 }
  const session: Session = new Session({
    // Nothing of what is verified depends on it.
    config: { ...spec.config, top_eigenvalue_every: 0 },
    dataset,
    openPool,
    events: {
      onMetrics(_, rows) {
        for (const row of rows) {
          const kept = lines[row.step - 1]?.row
          if (verdict.differs || !kept) continue
          const name = COMPUTED.find((each) => !Object.is(row[each], kept[each]))
          verdict.steps = row.step
          if (name) verdict.differs = { step: row.step, name, kept: kept[name], now: row[name] }
        }
        // What follows a difference differs too.
        if (verdict.differs || verdict.steps === lines.length) void session.pause()
      },
    },
  })
  const interrupt = () => void session.stop()
  signal.addEventListener('abort', interrupt)
  const { parametersSha256, totalSteps } = document.record
  try {
    // The last evaluation changes nothing of the weights.
    await session.train({ until: totalSteps - 1 })
    if (!verdict.differs && !signal.aborted && lines.length === totalSteps) await session.stepOnce()
    if (!verdict.differs && !signal.aborted && parametersSha256 && session.step === totalSteps) {
      const [run] = session.runs
      verdict.parameters = (await parametersSum((await run.snapshot()).theta)) === parametersSha256
    }
    return verdict
  } finally {
    signal.removeEventListener('abort', interrupt)
    session.dispose()
  }
}
