/** Writes what the worker reports into the store. */
import { FIELD_NAMES, type RunConfig } from '../../core/config/schema'
import {
  type Finding,
  findingKey,
  type KeepingNews,
  type LabEvent,
  type LabState,
  type MeasureId,
  type MeasureNews,
  type MeasureSettings,
  type Setting,
} from '../../worker/protocol'
import { gradientsPerSecond, kindOf } from '../runs/speed'
import { historyOf } from './history'
import { clearSession, evaluationsOf, type Findings, type Hint, type LabStore, useLab } from './labStore'

export function applyEvent(event: LabEvent): void {
  const set = useLab.setState
  switch (event.type) {
    case 'state':
      set((lab) => ({
        state: event.state,
        ...workOf(lab, event.state),
        pausing: false,
        evaluating: event.state === 'training' ? lab.evaluating : undefined,
        tuning: event.state === 'training' ? lab.tuning : undefined,
        problem: event.error ?? (event.state === 'failed' ? lab.problem : undefined),
        loading: event.state === 'loading' ? lab.loading : undefined,
        lost: event.lost ?? lab.lost,
        job: event.lost ? undefined : lab.job,
      }))
      return
    case 'loading':
      set({ loading: event.progress })
      return
    case 'session':
      clearSession()
      set((lab) => ({ session: event.info, config: sameOrNew(lab.config, event.info.config) }))
      return
    case 'metrics':
      applyMetrics(event)
      return
    case 'evaluating': {
      const { batchesDone, batchesTotal } = event
      set({ evaluating: batchesDone < batchesTotal ? { batchesDone, batchesTotal } : undefined })
      return
    }
    case 'tuning': {
      const { done, total } = event
      set({ tuning: done < total ? { done, total } : undefined })
      return
    }
    case 'evaluation':
      set((lab) => ({
        evaluating: undefined,
        evaluations: { ...lab.evaluations, [event.run]: [...evaluationsOf(lab, event.run), event.metrics] },
      }))
      return
    case 'edges':
      set(({ edges }) => ({
        edges: { ...edges, [event.run]: [...(edges[event.run] ?? []), ...event.metrics] },
      }))
      return
    case 'ways':
      set({ ways: event.ways })
      return
    case 'epochLines': {
      const { line, ...about } = event.news
      set(({ epochLines }) => ({
        aboutEpochLines: about,
        epochLines: line
          ? { ...epochLines, [line.run]: [...(epochLines[line.run] ?? []), line] }
          : epochLines,
      }))
      return
    }
    case 'kept':
      set((lab) => ({ kept: { ...lab.kept, [event.weights.key]: event.weights } }))
      return
    case 'keeping':
      applyKeeping(event.news)
      return
    case 'offers':
      set({ offers: event.offers })
      return
    case 'diverged':
      set((lab) => ({
        diverged: { ...lab.diverged, [event.run]: { step: event.step, error: event.error } },
      }))
      return
    case 'hint':
      addHint({ key: event.key, run: event.run, message: event.message })
      return
    case 'imported': {
      const { run, step, message } = event.summary
      set((lab) => ({ imported: message, importedStep: { ...lab.importedStep, [run]: step } }))
      return
    }
    case 'measures':
      set(({ measureSettings }) => ({
        measures: event.measures,
        settingsOfMeasures: event.settings,
        measureSettings: { ...defaultsOf(event.settings), ...measureSettings },
      }))
      return
    case 'measured':
      set((lab) => ({
        findings: withNews(lab.findings, event.news),
        job: lab.job && { ...lab.job, progress: event.news.progress },
      }))
      return
    case 'found': {
      const { id, findings, step } = event
      set((lab) => ({ findings: withFindings(lab.findings, id, findings), measuredAt: step }))
      return
    }
    case 'unfinished':
      set({ unfinished: event.measure })
      return
    default:
      event satisfies never
  }
}

/** The time that passes from Train to the end, without pauses. */
function workOf({ state, worked, workingSince }: LabStore, next: LabState) {
  const now = performance.now()
  const soFar = workingSince === undefined ? worked : worked + (now - workingSince) / 1000
  if (next === 'loading') return state === 'loading' ? {} : { worked: 0, workingSince: now }
  return { worked: soFar, workingSince: next === 'training' ? now : undefined }
}

function applyKeeping({ note, ...keeping }: KeepingNews): void {
  useLab.setState({ keeping })
  if (note) addHint({ key: 'room', message: note })
}

/** In the place of what was said before of the same. */
function addHint(hint: Hint): void {
  useLab.setState(({ hints }) => ({
    hints: [...hints.filter(({ key, run }) => key !== hint.key || run !== hint.run), hint],
  }))
}

/** The object that is there, where the new one says the same: the whole form would be drawn again for it. */
function sameOrNew(old: RunConfig, next: RunConfig): RunConfig {
  const same = FIELD_NAMES.every((name) => JSON.stringify(old[name]) === JSON.stringify(next[name]))
  return same ? old : next
}

function applyMetrics(event: Extract<LabEvent, { type: 'metrics' }>): void {
  for (const [run, columns] of Object.entries(event.columns)) if (columns) historyOf(run).append(columns)
  const { stepsPerSecond, imagesPerSecond, secondsLeft, dataWaitShare, warmUpSeconds } = event
  useLab.setState((lab) => ({
    historyVersion: lab.historyVersion + 1,
    speed: { stepsPerSecond, imagesPerSecond, secondsLeft, dataWaitShare, warmUpSeconds },
    measured: stepsPerSecond > 0 ? (measuredOn(lab) ?? lab.measured) : lab.measured,
    // Of weights that are no more.
    unfinished: lab.state === 'training' ? undefined : lab.unfinished,
  }))
}

function measuredOn({ session }: LabStore): LabStore['measured'] {
  if (!session) return undefined
  const speed = gradientsPerSecond(session.runs.map(({ key }) => historyOf(key)))
  return speed > 0 ? { on: kindOf(session.runs), gradientsPerSecond: speed } : undefined
}

const defaultsOf = (settings: readonly Setting[]): Partial<MeasureSettings> =>
  Object.fromEntries(settings.map((setting) => [setting.name, setting.default]))

/** The newest of the same runs takes the place of the one before it, and is the last. */
const withNews = (findings: Findings, { id, progress }: MeasureNews): Findings =>
  withFindings(findings, id, progress.findings)

export function withFindings(
  findings: Findings,
  id: MeasureId,
  found: readonly Finding<unknown>[],
): Findings {
  const of: Record<string, unknown> = { ...findings[id] }
  for (const finding of found) {
    delete of[findingKey(finding)]
    of[findingKey(finding)] = finding
  }
  return { ...findings, [id]: of }
}
