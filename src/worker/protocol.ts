/**
 * The contract between page and worker: commands go in as calls over comlink, everything else comes out as events.
 * Plain structured-cloneable data only. Errors thrown by commands arrive as `PlainError` inside `Reply`.
 */

import type { PlainError } from '../base/errors'
import type { Reply } from '../base/reply'
import type { RunConfig } from '../core/config/schema'
import type {
  FindingOf,
  MeasureId,
  MeasureNews,
  MeasureRequest,
  MeasureSettings,
  ValuesOf,
} from '../core/landscape/measures'
import type { MeasureInfo, Setting } from '../core/landscape/measures/info'
import type { Finding, MeasureProgress } from '../core/landscape/measures/measure'
import type { StoredMeasure } from '../core/landscape/measures/measureFile'
import type { WaysOnPlane } from '../core/landscape/planes/growingWays'
import type { BasinWidth } from '../core/landscape/width'
import type { RunData } from '../core/library/record'
import type { NetworkSummary } from '../core/models/summary'
import type { MemoryOffer, MemoryPlan } from '../core/plan/memoryPlan'
import type { EdgeMetrics, EvalMetrics, RunKey, StepMetrics } from '../core/runs/metrics'
import type { RunSpec } from '../core/runs/runSpec'
import type { KernelRow, StepProfile } from '../engine/profile/aggregate'
import type { ThreadData } from '../engine/wasm/serve'
import type { Lifeline } from '../platform/browser/lifeline'
import type { DatasetList } from './dataProtocol'
import type { KeptWeights } from './keptWeights'

/**
 * The state machine the page shows in `data-state`. interrupted: kept runs that were going when a page or its browser
 * ended stand there with their curves, and `continue` goes on. following: another tab trains them; they are only shown.
 */
export type LabState =
  | 'idle'
  | 'loading'
  | 'training'
  | 'paused'
  | 'finished'
  | 'stopped'
  | 'failed'
  | 'interrupted'
  | 'following'

export interface DeviceInfo {
  backend: 'webgpu' | 'wasm' | 'cpu'
  /** Adapter's vendor, architecture or description; what the browser tells. */
  adapter: string
  /** True for a CPU implementation of WebGPU (SwiftShader and the like). */
  isFallback: boolean
  /** Convolutions and dense layers read their operands in 16-bit floats. */
  f16?: boolean
  /** Empty on a GPU over WebGPU; else one sentence on what the fallback costs and what to do. */
  note: string
  /** Bytes that the device offers; absent where nothing is known. */
  memory?: {
    largestTensor: number
    largestBuffer?: number
    budget: number
    source: 'measured' | 'assumed'
  }
}

export interface RunInfo extends RunSpec {
  numParams: number
  stepsPerEpoch: number
  totalSteps: number
  /** Gradient evaluations of all its steps. */
  totalGradients: number
  data: RunData
}

/** Sent once when a session stands: what will be trained, and on what. */
export interface SessionInfo {
  config: RunConfig
  runs: RunInfo[]
}

/** How the runs of a session are kept. */
export interface KeepingNews {
  experiment: string
  /** The names of their folders, and the step that each can be gone on from; nothing where nothing is kept. */
  runs: Record<RunKey, { id: string; step: number }>
  /** The part of the training's time that keeping takes, 0 to 1. */
  share: number
  /** Why not all is kept, in a line. */
  problem?: string
  /** What is about to be done for it, in a line. */
  note?: string
}

/** Lines through runs, met while they train. */
export interface EpochLinesNews {
  /** Where the loss was taken, in the norms of the filters. */
  a: Float64Array
  /** Training images that the loss is of. */
  images: number
  /** The newest. */
  line?: { run: RunKey; epoch: number; loss: Float64Array }
  /** Epochs passed over so far, because lines would have taken too much of the time. */
  passed: number
  /** The part of the time that lines and training take together, 0 to 1. */
  share: number
  /** Why there are none, in a sentence. */
  off?: string
}

/** Kept runs that were going, or that another tab trains. */
export interface KeptOffer {
  experiment: string
  ids: string[]
  labels: string[]
  model: string
  dataset: string
  /** The first step that one of them goes on from, and its last. */
  step: number
  totalSteps: number
  elsewhere: boolean
}

export interface LoadProgress {
  /** 'shards', 'network' (building, initialising), 'compile' (first step) */
  phase: string
  /** What is being loaded, in words: `train shard 3 of 24`. */
  label: string
  bytesDone: number
  bytesTotal: number
}

/** Struct of arrays, one message's worth of steps. Columns are named as StepMetrics' fields. */
export type MetricColumns = { [K in keyof StepMetrics]: Float64Array }

/** A measure that a closed tab has cut off, of runs that stand here or are kept. */
export interface UnfinishedMeasure {
  id: MeasureId
  settings: Record<string, unknown>
  /** Those that it is of. */
  runs: RunKey[]
  /** The names of all runs' folders. */
  ids: string[]
  done: number
  total: number
}

export type LabEvent =
  /** `lost`: the worker or its GPU is gone and takes no more commands that need one; the next worker does. */
  | { type: 'state'; state: LabState; error?: PlainError; lost?: true }
  | { type: 'loading'; progress: LoadProgress }
  | { type: 'session'; info: SessionInfo }
  | {
      type: 'metrics'
      columns: Partial<Record<RunKey, MetricColumns>>
      /** Over the last second or so. */
      stepsPerSecond: number
      imagesPerSecond: number
      secondsLeft: number | undefined
      /** Share of the training time in which the loop waited for a batch, 0 to 1. */
      dataWaitShare: number
      /** What first steps took, in which kernels are compiled. */
      warmUpSeconds?: number
    }
  /** How far an evaluation of all runs is; batches count from 1. */
  | { type: 'evaluating'; batchesDone: number; batchesTotal: number }
  /** Kernels are being timed before they are used first: shapes done and found, 0 of n at the beginning. */
  | { type: 'tuning'; done: number; total: number }
  | { type: 'evaluation'; run: RunKey; metrics: EvalMetrics; final: boolean }
  /** λ₁ and its edges, those of earlier steps together. */
  | { type: 'edges'; run: RunKey; metrics: readonly EdgeMetrics[] }
  /** The ways so far of runs that keep them, each time all of them: the plane moves as they grow. */
  | { type: 'ways'; ways: WaysOnPlane }
  /** A coarse line through a run at the end of an epoch, or why there is none. */
  | { type: 'epochLines'; news: EpochLinesNews }
  /** A copy of a run's weights, taken at every evaluation and import, unless a hint has said why not. */
  | { type: 'kept'; weights: KeptWeights }
  /** Whenever something of the session's runs was written. */
  | { type: 'keeping'; news: KeepingNews }
  /** At opening: kept runs that are not shown at once, because a link asks for others or another tab has them. */
  | { type: 'offers'; offers: KeptOffer[] }
  /** One run stopped on NaN or infinity; the others go on. The last finite weights are kept. */
  | { type: 'diverged'; run: RunKey; step: number; error: PlainError }
  /** Something worth a sentence: a dead network, storage not persistent … */
  | { type: 'hint'; run?: RunKey; key: string; message: string }
  /** After the session it belongs to, which a command's answer may overtake. */
  | { type: 'imported'; summary: ImportSummary }
  /** Told first of all: what can be measured of runs that stand still. */
  | { type: 'measures'; measures: readonly MeasureInfo[]; settings: readonly Setting[] }
  /** What the measure at work has computed so far. */
  | { type: 'measured'; news: MeasureNews }
  /** What was measured before of kept runs that are opened, at the step at which they are. */
  | { type: 'found'; id: MeasureId; findings: Finding[]; step: number }
  /** Something of it is not known yet; with the runs' other findings. */
  | { type: 'unfinished'; measure: UnfinishedMeasure }

/** What a measure found, read from its file. */
export interface MeasureFile extends Omit<StoredMeasure, 'id'> {
  id: MeasureId
}

/** flax: the reference's checkpoint, the whole training state; tfjs: a zip of model.json and its shards. */
export type ExportFormat = 'safetensors' | 'npz' | 'flax' | 'tfjs'

/** A file to save. */
export interface WeightDownload {
  filename: string
  bytes: Uint8Array
}

export interface ImportSummary {
  run: RunKey
  /** The settings found in the file, if it is one of ours; the session now has them. */
  config: RunConfig
  step: number
  /** One sentence for the page: what was taken and what was not (for example momentum starts at zero). */
  message: string
}

export interface InitOptions {
  /** Only this backend; absent: a GPU by WebGPU, else WebAssembly, else cpu. */
  prefer?: 'webgpu' | 'wasm' | 'cpu'
  /** Whether kernels are chosen by timing them; absent: on GPUs. The URL's `?tune=`. */
  tune?: 'auto' | 'on' | 'off'
  /** Operands of convolutions and dense layers in 16-bit floats; refused where the device has none. The URL's `?f16=on`. */
  f16?: boolean
  /**
   * For the first worker of a visit: kept runs that were going are shown.
   * @property link what the address asks for; runs of other settings are offered beside it
   */
  opening?: { link?: RunConfig }
  /** Absolute address of the folder that holds the data sets, with a slash at its end. */
  datasetsUrl: string
}

/** Shape of a data set's images as stored. */
export interface ImageSet {
  name: string
  numTrain?: number
  height: number
  width: number
  channels: number
  numClasses: number
}

/** A run in numbers before it starts. */
export interface RunPlanInfo {
  numParams: number
  /** Floating-point operations of one image's forward pass. */
  flopsPerImage: number
  /** Layers and blocks with their shapes. */
  summary: NetworkSummary
  /** Bytes on the device, and of what. */
  memory: MemoryPlan
  offer: MemoryOffer
  /** Why it cannot fit, and what would. */
  problem?: PlainError
}

/** One step of every run of the session, kernel by kernel. */
export interface ProfileResult {
  step: StepProfile
  /** GFLOP/s of the device's fastest matrix product. */
  peakGflops: number
  /** The step that was timed. */
  number: number
}

/** Each [height, width, 4] for a canvas. */
export interface StoredImages {
  height: number
  width: number
  images: Uint8ClampedArray<ArrayBuffer>[]
}

/** Commands the worker takes. Every one resolves when the state has changed, not when the work is done. */
export interface LabApi {
  /** Picks the backend (forced by `prefer` in tests and the URL's `?device=`) and reports it. Call first, once. */
  init(options: InitOptions, onEvent: (event: LabEvent) => void): Promise<Reply<DeviceInfo>>
  /** Loads what is needed and starts training; any earlier session is dropped. `paused`: stand ready at step 0. */
  start(config: RunConfig, options?: { paused?: boolean }): Promise<Reply>
  /** Taken at once: no further step begins. The state changes when the steps under way are read; then comes what is next. */
  pause(): Promise<Reply>
  resume(): Promise<Reply>
  /** Ends training for good; weights and curves stay. */
  stop(): Promise<Reply>
  /**
   * From idle, paused: one step of each run, then paused. With a picture the measure `step` is told of before it, of the
   * first run that looks uphill.
   */
  step(config: RunConfig, options?: { picture?: boolean }): Promise<Reply>
  /** From paused: the next step of each run, with every kernel timed; the step counts like any other. */
  profile(): Promise<Reply<ProfileResult>>
  /** Drops the session, back to idle. */
  reset(): Promise<Reply>
  /**
   * Allowed when paused, finished or stopped. Resolves when finished or cancelled; partial results stay.
   * @param options.byItself nobody asked for it: where a closed tab cuts it off, it does not go on
   */
  measure(request: MeasureRequest, options?: { byItself?: boolean }): Promise<Reply<{ cancelled: boolean }>>
  cancelMeasure(): Promise<Reply>
  /** What was found last, as .npz with directions, settings and the sums of the weights. */
  packMeasure(id: MeasureId): Promise<Reply<WeightDownload>>
  /** Such a file, of whatever runs. */
  readMeasure(filename: string, bytes: Uint8Array): Promise<Reply<MeasureFile>>
  /** Which data sets are here; answered at any time after init. */
  datasets(): Promise<Reply<DatasetList>>
  /** Computes only; answered at any time after init. */
  plan(config: RunConfig, images: ImageSet): Promise<Reply<RunPlanInfo>>
  /**
   * Kept runs in the place of a session, without training: their data, their newest weights, their curves; paused where
   * there is more to train, finished where not. Where another tab trains them they are followed.
   */
  open(ids: readonly string[]): Promise<Reply>
  /** The same, and training goes on. Absent: those that stand interrupted, with what else belongs to their session. */
  continue(ids?: readonly string[]): Promise<Reply>
  /**
   * The runs of `config` from the checkpoint of a kept run at `step`; only settings that decide what a run sees must be
   * as they were.
   */
  fork(id: string, step: number, config: RunConfig): Promise<Reply>
  /** Kept runs that were going are not offered any more; they stay where they are. */
  letGo(experiment: string): Promise<Reply>
  /** A run's training images as they are stored, by their places among them. */
  trainImages(run: RunKey, places: readonly number[]): Promise<Reply<StoredImages>>
  exportWeights(run: RunKey, format: ExportFormat): Promise<Reply<WeightDownload>>
  /** The same of weights that the page kept; needs neither session nor device. */
  packKept(weights: KeptWeights, format: ExportFormat): Promise<Reply<WeightDownload>>
  /** The weights that runs with from_pretrained_checkpoint start from, from now on. @returns what was read, in a sentence */
  loadPretrained(filename: string, bytes: Uint8Array): Promise<Reply<{ message: string }>>
  /** A weight file of any kind or an archive of checkpoints. Validates everything first; on any error nothing is changed. */
  importWeights(
    run: RunKey,
    filename: string,
    bytes: Uint8Array,
    fallback: RunConfig,
  ): Promise<Reply<ImportSummary>>
}

/** Starts a helping thread of the WebAssembly kernels, which lives as long as the training worker. */
export type StartThread = (data: ThreadData) => void

/** What the worker's script answers: the laboratory, and that it lives. It asks the page for its threads. */
export interface WorkerApi extends Omit<LabApi, 'init'>, Lifeline {
  init(
    options: InitOptions,
    onEvent: (event: LabEvent) => void,
    startThread: StartThread,
  ): Promise<Reply<DeviceInfo>>
}

export { stlOf, vtpOf } from '../core/landscape/bodies'
export { densityOf, evenly, logDensityOf, quadraturesOf, rangeOf } from '../core/landscape/curvature/density'
export { edgeOptimizerOf } from '../core/landscape/curvature/edgesOfRun'
export type { Quadrature } from '../core/landscape/curvature/spectrum'
export { type HeightChoice, type Heights, heightsOf, KNEE } from '../core/landscape/heights'
export { findingKey } from '../core/landscape/measures/measure'
export { requestOf } from '../core/landscape/measures/request'
export { csvOf, tablesOf } from '../core/landscape/measures/tables'
export type { BlockRow, NetworkSummary } from '../core/models/summary'
export { EDGE_COLUMNS, EVALUATION_COLUMNS, STEP_COLUMNS } from '../core/runs/metrics'
/** The core's records that cross the boundary, so that the page imports one place. */
export type {
  BasinWidth,
  EdgeMetrics,
  EvalMetrics,
  Finding,
  FindingOf,
  KeptWeights,
  KernelRow,
  MeasureId,
  MeasureInfo,
  MeasureNews,
  MeasureProgress,
  MeasureRequest,
  MeasureSettings,
  RunKey,
  RunSpec,
  Setting,
  StepMetrics,
  ValuesOf,
  WaysOnPlane,
}
