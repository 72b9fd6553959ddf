/**
 * What the page knows, as one flat zustand store: the form, the session, the landscape and the view. It holds data only;
 * `events.ts` writes what the worker reports, `commands.ts` and `form.ts` what a person does.
 */
import { create } from 'zustand'
import type { PlainError } from '../../base/errors'
import { DEFAULT_CONFIG, type FieldName, type RunConfig } from '../../core/config/schema'
import { DEFAULT_SLICE_SETTINGS } from '../../core/config/sliceSettings'
import type {
  DeviceInfo,
  EvalMetrics,
  InterpolationSlice,
  KeptWeights,
  LabState,
  LoadProgress,
  ProfileResult,
  RunId,
  RunPlanInfo,
  SessionInfo,
  Slice1D,
  Slice2D,
  SliceProgress,
  SliceRequest,
  SliceSettings,
} from '../../worker/protocol'
import { histories } from './history'

export type Axis = 'step' | 'epoch' | 'gradientEvaluations' | 'seconds'

export interface Speed {
  stepsPerSecond: number
  imagesPerSecond: number
  secondsLeft: number | undefined
  dataWaitShare: number
}

export interface Hint {
  key: string
  run?: RunId
  message: string
}

/** What would drop the session, waiting for Keep or for the word that does it. */
export type Pending =
  | {
      kind: 'change'
      /** What changes, in words: `Batch size`, `the preset`. */
      what: string
      values: Partial<RunConfig>
    }
  /** The same settings again; back to nothing; the next seed. */
  | { kind: 'again' | 'reset' | 'seed' }

export interface SliceJob {
  id: number
  kind: SliceRequest['kind']
  progress?: SliceProgress
  cancelling: boolean
}

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
  /** Asked to pause; the steps under way are still being read. */
  pausing: boolean
  problem?: PlainError
  loading?: LoadProgress
  session?: SessionInfo
  speed?: Speed
  /** The speed last measured, and on what; it outlives the session, to say what the next one will take. */
  measured?: { model: string; batchSize: number; gradientsPerSecond: number }
  diverged: Partial<Record<RunId, { step: number; error: PlainError }>>
  hints: Hint[]
  evaluations: Record<RunId, EvalMetrics[]>
  /** Of the evaluation that is going on. */
  evaluating?: { batchesDone: number; batchesTotal: number }
  /** Kernels being timed before they are used first. */
  tuning?: { done: number; total: number }
  /** Goes up whenever `histories` grew or was cleared. */
  historyVersion: number
  /** The page's own copies of weights, each run's newest. */
  kept: Partial<Record<RunId, KeptWeights>>
  /** The session's worker or its GPU is gone: of its weights there is what was kept. */
  lost: boolean
  /** The step at which a run was last exported. */
  saved: Partial<Record<RunId, number>>
  /** What the last import said, and the step at which each imported run stands. */
  imported?: string
  importedStep: Partial<Record<RunId, number>>

  sliceSettings: SliceSettings
  job?: SliceJob
  lines: Partial<Record<RunId, Slice1D>>
  interpolation?: InterpolationSlice
  surfaces: Partial<Record<RunId, Slice2D>>
  /** Step at which the newest slice was taken. */
  sliceStep?: number

  /** The Profile switch. */
  profiling: boolean
  /** A step being profiled. */
  profileBusy: boolean
  profile?: ProfileResult

  axis: Axis
  smoothing: number
  logY: boolean
}

const EMPTY_SESSION = {
  problem: undefined,
  loading: undefined,
  session: undefined,
  speed: undefined,
  diverged: {},
  evaluating: undefined,
  tuning: undefined,
  hints: [],
  kept: {},
  lost: false,
  saved: {},
  imported: undefined,
  importedStep: {},
  job: undefined,
  lines: {},
  interpolation: undefined,
  surfaces: {},
  sliceStep: undefined,
  profile: undefined,
  profileBusy: false,
} satisfies Partial<LabStore>

export const useLab = create<LabStore>(() => ({
  config: DEFAULT_CONFIG,
  notices: [],
  invalid: {},
  state: 'idle',
  pausing: false,
  evaluations: { sgd: [], sam: [] },
  historyVersion: 0,
  sliceSettings: DEFAULT_SLICE_SETTINGS,
  profiling: false,
  axis: 'epoch',
  smoothing: 0.9,
  logY: false,
  ...EMPTY_SESSION,
}))

/** Forgets everything that belonged to the last session. */
export function clearSession(): void {
  histories.sgd.clear()
  histories.sam.clear()
  useLab.setState((lab) => ({
    ...EMPTY_SESSION,
    evaluations: { sgd: [], sam: [] },
    historyVersion: lab.historyVersion + 1,
  }))
}

/** True while curves or weights exist that a change of the settings would drop. */
export function hasSession(lab: LabStore): boolean {
  return lab.session !== undefined || lab.state === 'loading' || lab.state === 'training'
}

/** The runs a config trains: SAM with ρ = 0 is SGD. */
export function runsOf(config: RunConfig): RunId[] {
  if (config.sam_rho === 0) return ['sgd']
  return config.compare ? ['sgd', 'sam'] : ['sam']
}

/** Gradient evaluations of one step. */
export const EVALUATIONS_PER_STEP: Record<RunId, number> = { sgd: 1, sam: 2 }

/** Those of one step of every run. */
export const gradientsPerStep = (runs: readonly RunId[]): number =>
  runs.reduce((sum, run) => sum + EVALUATIONS_PER_STEP[run], 0)

/** The runs on the page: those of the session, before it those of the form. */
export function shownRuns(lab: LabStore): RunId[] {
  return lab.session ? lab.session.runs.map((run) => run.id) : runsOf(lab.config)
}

/** Steps a run has behind it, also where its curves are not on this page because its weights came from a file. */
export function stepOf(lab: LabStore, run: RunId): number {
  return lab.session ? histories[run].last('step') || lab.importedStep[run] || 0 : 0
}

/** Runs whose weights would go with the tab: trained further than they were saved. */
export function unsavedRuns(lab: LabStore): RunId[] {
  const reached = (run: RunId) =>
    lab.state === 'failed' ? (lab.kept[run]?.snapshot.step ?? 0) : stepOf(lab, run)
  return shownRuns(lab).filter((run) => reached(run) > (lab.saved[run] ?? lab.importedStep[run] ?? 0))
}

/** Step of the run that is furthest. */
export function currentStep(lab: LabStore): number {
  return Math.max(0, ...shownRuns(lab).map((run) => stepOf(lab, run)))
}
