/**
 * The runs that a landscape is drawn of: the session's, and guests, of which nothing is here but what was measured of them
 * elsewhere. While there is no session, guests stand alone.
 */
import { runSpecs, soloConfig } from '../../core/runs/runSpec'
import type { Finding, MeasureFile, RunKey } from '../../worker/protocol'
import { type ShownRun, shownRuns, withLooks } from '../runs/shownRuns'
import { withFindings } from '../store/events'
import type { Guest } from '../store/guest'
import { type LabStore, useLab } from '../store/labStore'

const made = new WeakMap<readonly Guest[], { own: readonly ShownRun[]; runs: readonly ShownRun[] }>()

export function landscapeRuns(lab: LabStore): readonly ShownRun[] {
  const { guests, session } = lab
  const own = session || guests.length === 0 ? shownRuns(lab) : NONE
  if (guests.length === 0) return own
  const before = made.get(guests)
  if (before?.own === own) return before.runs
  const specs = guests.map(({ key, label, config }) => ({ key, label, config, differs: [] }))
  const runs = withLooks([...own, ...specs])
  made.set(guests, { own, runs })
  return runs
}

const NONE: readonly ShownRun[] = []

/** Shows what was measured of runs that may be of another session, or of another machine. */
export function welcome(file: MeasureFile): void {
  useLab.setState((lab) => {
    const guests = [...lab.guests]
    const names = new Map(file.runs.map((run) => [run.key, guestKey(run, guests, lab)]))
    const findings = file.findings.map(
      (finding): Finding => ({
        ...finding,
        runs: finding.runs.map((key) => names.get(key) ?? key),
      }),
    )
    return { guests, findings: withFindings(lab.findings, file.id, findings) }
  })
}

/** Of a guest that is there, or of one that is added. */
function guestKey(run: MeasureFile['runs'][number], guests: Guest[], lab: LabStore): RunKey {
  const sum = run.parameters_sha256 ?? run.tensors_sha256 ?? `${run.source ?? ''} ${run.step}`
  const origin = `${run.key} ${sum}`
  const there = guests.find((guest) => guest.origin === origin)
  if (there) return there.key
  const taken = [...(lab.session?.runs ?? []), ...guests]
  const [spec] = runSpecs(soloConfig(run.run_config))
  const key = unused(run.key, '', (name) => taken.some((one) => one.key === name))
  const label = unused(spec.label, ' ', (name) => taken.some((one) => one.label === name))
  guests.push({ key, label, config: spec.config, origin })
  return key
}

function unused(name: string, gap: string, isTaken: (name: string) => boolean): string {
  if (!isTaken(name)) return name
  let n = 2
  while (isTaken(`${name}${gap}${n}`)) n++
  return `${name}${gap}${n}`
}
