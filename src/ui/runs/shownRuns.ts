/** The runs on the page: those of the session, before it those that the form asks for; each with its look. */
import type { RunConfig } from '../../core/config/schema'
import { type RunSpec, runSpecs } from '../../core/runs/runSpec'
import type { RunInfo, SessionInfo } from '../../worker/protocol'
import { looksOf, type RunLook } from './runColors'

export interface ShownRun extends RunSpec, RunLook {
  /** What only the session knows. */
  info?: RunInfo
}

/** Made once for a session and for a config, so that equal states of the store give the same array. */
const made = new WeakMap<SessionInfo | RunConfig, readonly ShownRun[]>()

export function shownRuns({
  session,
  config,
}: {
  session?: SessionInfo
  config: RunConfig
}): readonly ShownRun[] {
  const source = session ?? config
  const runs = made.get(source) ?? withLooks(session ? session.runs : formRuns(config))
  made.set(source, runs)
  return runs
}

/** What the form asks for; the settings alone where its list cannot be read, which Train refuses. */
export function formRuns(config: RunConfig): RunSpec[] {
  try {
    return runSpecs(config)
  } catch {
    return runSpecs({ ...config, runs: '' })
  }
}

export function withLooks(specs: readonly (RunSpec | RunInfo)[]): readonly ShownRun[] {
  const looks = looksOf(specs.map(({ key }) => key))
  return specs.map((spec, i) => ({ ...spec, ...looks[i], info: 'totalSteps' in spec ? spec : undefined }))
}
