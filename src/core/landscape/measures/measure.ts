/**
 * What a measure of the landscape is: something computed of runs that stand still, which changes nothing of them. Its
 * file says what it needs, how it is set, computed, and what it yields; the page's button, form, progress and table, the
 * files and the terminal's command are made from that.
 */
import type * as tf from '../../../engine/tf'
import type { RunConfig } from '../../config/schema'
import type { BatchPool } from '../../data/batches/batchFeed'
import type { Dataset } from '../../data/dataset'
import type { FreshStart } from '../../models/init'
import type { Network } from '../../models/network'
import type { RunKey } from '../../runs/metrics'
import type { z } from '../../zod'
import type { PointStore } from './pointStore'

/** A run as a measure sees it. Tensors are borrowed: alive and unchanged until the measure is done. */
export interface MeasuredRun {
  key: RunKey
  config: RunConfig
  network: Network
  dataset: Dataset
  /** [P], the weights that are evaluated: the average where there is one. */
  theta: tf.Tensor1D
  /** [S] */
  batchStats: tf.Tensor1D
  /** What its next update begins with, not the average, after `step` updates; absent: these weights, after none. */
  training?: { step: number; theta: tf.Tensor1D; batchStats: tf.Tensor1D }
  /** Weights that it had on its way, as far as they are known. */
  way?: Way
  /** Threads that decode and resize images of its data set. */
  threads?: BatchPool
}

/** Weights by the updates behind them; 0 are those that a run began with. */
export interface Way {
  /** Ascending. */
  readonly steps: readonly number[]
  /** @throws BasinError where they cannot be read */
  at(step: number): Promise<FreshStart>
}

/** By name, each with its default; `setting` says what they are. */
export type SettingsShape = Record<string, z.ZodType>
export type SettingsIn<Shape extends SettingsShape> = { [Name in keyof Shape]: z.output<Shape[Name]> }

/**
 * Numbers by name; undefined where not known yet. Arrays hold NaN there, and grow from message to message. Words are
 * the places along an axis that have names.
 */
export type Values = {
  [name: string]: Float64Array | readonly string[] | number | boolean | undefined
}

/** What was found, of whom. Plain data, structured-cloneable. */
export interface Finding<V = Values> {
  /** Keys of the runs that were looked at: one of `each`, two of a `pair`. */
  runs: readonly RunKey[]
  values: V
}

/** One name for a finding among those of its measure: another of the same runs takes its place. */
export const findingKey = ({ runs }: Pick<Finding<unknown>, 'runs'>): string => runs.join('..')

export interface MeasureProgress<V = Values> {
  /** In units of the measure, over all its runs. */
  done: number
  total: number
  secondsLeft: number | undefined
  /** Everything computed so far. */
  findings: Finding<V>[]
  finished: boolean
}

export interface MeasureJob<Settings = unknown, V = Values> {
  /** As many as the measure needs. */
  runs: readonly MeasuredRun[]
  settings: Settings
  onProgress(progress: MeasureProgress<V>): void
  signal?: AbortSignal
  /** What was measured before stays known there. */
  points?: PointStore
  /** So many vectors as long as the weights have room on the device; absent: any number. */
  vectors?: number
}

export interface MeasureOutcome<V = Values> {
  /** Also where it was cancelled: what was computed by then. */
  findings: Finding<V>[]
  cancelled: boolean
  /** Directions, for the files: they are too long to be told. */
  vectors?: Vectors
}

/** As long as the weights, by `sam/d1`: the finding that they are of and a name. */
export type Vectors = ReadonlyMap<string, Float32Array>

/** What a measure holds on the device at once, beside the runs. */
export interface Holding {
  /** Vectors as long as the weights: as few as will do. */
  vectors: number
  /** The setting that they are as many as. */
  vectorsBy?: string
  images: number
  /** What is computed of a batch of them: its loss, or a product with its Hessian. */
  pass: 'loss' | 'product'
}

/** The axes that each value lies over, slowest first; none of a single number. An axis' own values have its name. */
export type Yields<V> = { [Name in keyof V]-?: readonly string[] }

export interface Measure<
  Id extends string = string,
  Shape extends SettingsShape = SettingsShape,
  V extends Values = Values,
> {
  id: Id
  /** A noun, as on its button: `1-D slice`. */
  title: string
  /** What it is, in a sentence. */
  about: string
  /** What one finding is of: each run by itself, a pair, or all of them together. */
  runs: 'each' | 'pair' | 'all'
  /** What its progress counts, in plural. */
  unit: string
  /** What is measured of it stays known, point by point, so that it goes on where it was after a closed tab. */
  goesOn?: true
  settings: Shape
  yields: Yields<V>
  /** What it holds on the device beside some vectors; absent: its images, and a loss of theirs. */
  holds?(settings: SettingsIn<Shape>): Pick<Holding, 'vectors'> & Partial<Holding>
  /**
   * Goes on until it is done or told to stop, and lets other tasks of its thread have their turns.
   * @throws BasinError where it cannot be computed of these runs
   */
  compute(job: MeasureJob<SettingsIn<Shape>, V>): Promise<MeasureOutcome<V>>
}
