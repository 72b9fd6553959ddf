/**
 * What the page knows, as one flat zustand store: the form, the session, the landscape and the view. It holds data only;
 * `events.ts` writes what the worker reports, `commands.ts` and `form.ts` what a person does.
 */
import { create } from 'zustand'
import type { PlainError } from '../../base/errors'
import { DEFAULT_CONFIG, type FieldName, type RunConfig } from '../../core/config/schema'
import type {
  DeviceInfo,
  EdgeMetrics,
  EpochLinesNews,
  EvalMetrics,
  FindingOf,
  KeepingNews,
  KeptOffer,
  KeptWeights,
  LabState,
  LoadProgress,
  MeasureId,
  MeasureInfo,
  MeasureProgress,
  MeasureSettings,
  ProfileResult,
  RunKey,
  RunPlanInfo,
  SessionInfo,
  Setting,
  UnfinishedMeasure,
  WaysOnPlane,
} from '../../worker/protocol'
import type { Axis } from '../charts/axes'
import type { PlanePoint } from '../landscape/basin'
import type { BasinsChoice } from '../landscape/basinsPicture'
import { START } from '../landscape/scene/camera'
import { shownRuns } from '../runs/shownRuns'
import type { Guest } from './guest'
import { forgetHistories, historyOf } from './history'

export interface Speed {
  stepsPerSecond: number
  imagesPerSecond: number
  secondsLeft: number | undefined
  dataWaitShare: number
  /** What first steps took, in which kernels are compiled; no run's seconds have it. */
  warmUpSeconds?: number
}

export interface Hint {
  key: string
  run?: RunKey
  message: string
}

/** What would drop the session, waiting for Keep or for the word that does it. */
export type Pending =
  | {
      kind: 'change'
      /** What changes, old and new: `“Batch size” from 64 to 128`. */
      what: string
      values: Partial<RunConfig>
    }
  /** The same settings again; back to nothing; the next seed. */
  | { kind: 'again' | 'reset' | 'seed' }

/** A measure at work. */
export interface MeasureJob {
  number: number
  id: MeasureId
  progress?: MeasureProgress
  cancelling: boolean
}

/** The loss along a line through a run after so many epochs. */
export interface EpochLine {
  epoch: number
  loss: Float64Array
}

/** What measures found, by the runs that it is of. */
export type Findings = { [Id in MeasureId]?: Record<RunKey, FindingOf<Id>> }

export interface LabStore {
  config: RunConfig
  /** What was wrong with the address, one sentence each. */
  notices: string[]
  /** Fields whose typed value is out of range; the config keeps the last good one. */
  invalid: Partial<Record<FieldName, string>>
  pending?: Pending

  device?: DeviceInfo
  /** What a run of the form's settings needs; undefined until it is known. */
  plan?: RunPlanInfo
  state: LabState
  /** Seconds in which the session was loaded, trained and evaluated, and since when it is again (performance.now). */
  worked: number
  workingSince?: number
  /** Asked to pause; the steps under way are still being read. */
  pausing: boolean
  problem?: PlainError
  loading?: LoadProgress
  session?: SessionInfo
  speed?: Speed
  /** The speed last measured, and on what; it outlives the session, to say what the next one will take. */
  measured?: { on: string; gradientsPerSecond: number }
  diverged: Partial<Record<RunKey, { step: number; error: PlainError }>>
  hints: Hint[]
  evaluations: Record<RunKey, readonly EvalMetrics[]>
  edges: Record<RunKey, readonly EdgeMetrics[]>
  /** Of the runs on one plane, as they grow. */
  ways?: WaysOnPlane
  /** Lines through the runs at the end of epochs, as they were met here. */
  epochLines: Record<RunKey, readonly EpochLine[]>
  aboutEpochLines?: Omit<EpochLinesNews, 'line'>
  /** Of the evaluation that is going on. */
  evaluating?: { batchesDone: number; batchesTotal: number }
  /** Kernels being timed before they are used first. */
  tuning?: { done: number; total: number }
  /** Goes up whenever `histories` grew or was cleared. */
  historyVersion: number
  /** The page's own copies of weights, each run's newest. */
  kept: Partial<Record<RunKey, KeptWeights>>
  /** How its runs are written to the browser's storage. */
  keeping?: KeepingNews
  /** Kept runs that were going and are not shown. */
  offers: readonly KeptOffer[]
  /** What was done about a lost GPU, in a sentence. */
  recovered?: string
  /** The session's worker or its GPU is gone: of its weights there is what was kept. */
  lost: boolean
  /** The step at which a run was last exported. */
  saved: Partial<Record<RunKey, number>>
  /** What the last import said, and the step at which each imported run stands. */
  imported?: string
  importedStep: Partial<Record<RunKey, number>>

  /** What the worker can measure, in the order of the buttons, and the settings of all of it; none before it says so. */
  measures: readonly MeasureInfo[]
  settingsOfMeasures: readonly Setting[]
  measureSettings: Partial<MeasureSettings>
  job?: MeasureJob
  findings: Findings
  /** What a closed tab has cut off; it goes on when its runs stand. */
  unfinished?: UnfinishedMeasure
  /** Runs that were measured elsewhere, and are known by that alone. */
  guests: readonly Guest[]
  /** Step at which the newest was measured. */
  measuredAt?: number

  /** The Profile switch. */
  profiling: boolean
  /** A step being profiled. */
  profileBusy: boolean
  profile?: ProfileResult

  axis: Axis
  /** The stretch of the axis that the curves are looked at; absent: all of it. */
  zoom?: [number, number]
  smoothing: number
  logY: boolean
  /** How the basins are drawn (webgl: by plotly), and the place of their plane that is read. */
  basins: Omit<BasinsChoice, 'view'> & { view: BasinsChoice['view'] | 'webgl'; pointed?: PlanePoint }
}

const EMPTY_SESSION = {
  problem: undefined,
  loading: undefined,
  session: undefined,
  speed: undefined,
  diverged: {},
  ways: undefined,
  epochLines: {},
  aboutEpochLines: undefined,
  evaluating: undefined,
  tuning: undefined,
  hints: [],
  kept: {},
  keeping: undefined,
  lost: false,
  saved: {},
  imported: undefined,
  importedStep: {},
  job: undefined,
  findings: {},
  unfinished: undefined,
  guests: [] as readonly Guest[],
  measuredAt: undefined,
  zoom: undefined,
  profile: undefined,
  profileBusy: false,
} satisfies Partial<LabStore>

export const useLab = create<LabStore>(() => ({
  config: DEFAULT_CONFIG,
  notices: [],
  invalid: {},
  state: 'idle',
  worked: 0,
  pausing: false,
  evaluations: {},
  edges: {},
  offers: [],
  historyVersion: 0,
  measures: [],
  settingsOfMeasures: [],
  measureSettings: {},
  profiling: false,
  axis: 'epoch',
  smoothing: 0.9,
  logY: false,
  basins: { view: 'surface', height: 'rise', scale: 'log', camera: START, exaggeration: 1 },
  ...EMPTY_SESSION,
}))

/** Forgets everything that belonged to the last session. */
export function clearSession(): void {
  forgetHistories()
  useLab.setState((lab) => ({
    ...EMPTY_SESSION,
    // Rectangles of planes that are no more.
    measureSettings: { ...lab.measureSettings, window: '', way_window: '' },
    evaluations: {},
    edges: {},
    historyVersion: lab.historyVersion + 1,
  }))
}

/** True while curves or weights exist that a change of the settings would drop. */
export function hasSession(lab: LabStore): boolean {
  return lab.session !== undefined || lab.state === 'loading' || lab.state === 'training'
}

const NONE: readonly EvalMetrics[] = []

/** Of a run, in their order. */
export const evaluationsOf = ({ evaluations }: Pick<LabStore, 'evaluations'>, run: RunKey) =>
  evaluations[run] ?? NONE

/** What a run is called: by the session, else by its key. */
export const labelOf = (lab: Pick<LabStore, 'session' | 'config'>, run: RunKey): string =>
  shownRuns(lab).find(({ key }) => key === run)?.label ?? run

/** Steps a run has behind it, also where its curves are not on this page because its weights came from a file. */
export function stepOf(lab: LabStore, run: RunKey): number {
  return lab.session ? historyOf(run).last('step') || lab.importedStep[run] || 0 : 0
}

/** Runs whose weights would go with the tab: not kept, and trained further than they were saved. */
export function unsavedRuns(lab: LabStore): RunKey[] {
  const reached = (run: RunKey) =>
    lab.state === 'failed' ? (lab.kept[run]?.snapshot.step ?? 0) : stepOf(lab, run)
  return shownRuns(lab)
    .map(({ key }) => key)
    .filter((run) => !isKept(lab, run) && reached(run) > (lab.saved[run] ?? lab.importedStep[run] ?? 0))
}

/** Whether dropping the session or closing the tab costs nothing but the last steps. */
export const allKept = (lab: LabStore): boolean => shownRuns(lab).every(({ key }) => isKept(lab, key))

const isKept = ({ keeping, state }: LabStore, run: RunKey): boolean =>
  state === 'interrupted' || state === 'following' || (!keeping?.problem && run in (keeping?.runs ?? {}))

/** How many runs the session has, if every one diverged; else 0. */
export function allDiverged({ session, diverged }: LabStore): number {
  return session?.runs.every(({ key }) => diverged[key]) ? session.runs.length : 0
}

/** Step of the run that is furthest. */
export function currentStep(lab: LabStore): number {
  return Math.max(0, ...shownRuns(lab).map(({ key }) => stepOf(lab, key)))
}
