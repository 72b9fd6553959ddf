/**
 * L(θ + a·d) along a random line, and L(θ + x·d₁ + y·d₂) on a random plane, of one or both runs: the same draws for
 * both, each scaled to its own filters (directions.ts). Points of the runs take turns, coarse to fine, so that both
 * pictures grow evenly. Batch-norm statistics stay those of θ.
 */
import { capture } from '../../engine/capture/capture'
import * as tf from '../../engine/tf'
import type { SliceSettings } from '../config/sliceSettings'
import type { Network } from '../models/network'
import type { RunKey } from '../runs/metrics'
import { filterNormalised, gaussianDraw } from './directions'
import { coarseToFine, coarseToFineGrid, symmetricPoints } from './grid'
import type { LossProbe } from './lossProbe'
import { pointOnSlice } from './point'
import { type Point, sweep, type Weights } from './sweep'
import type { Slice1D, Slice2D, SliceProgress } from './types'
import { basinWidth, compareLevel } from './width'

export interface SliceTarget extends Weights {
  run: RunKey
}

export interface SliceJob {
  network: Network
  /** Borrowed: they must stay alive and unchanged until the slice is done. */
  targets: readonly SliceTarget[]
  probe: LossProbe
  settings: SliceSettings
  onProgress(progress: SliceProgress): void
  signal?: AbortSignal
}

/** @returns one slice per target, NaN where it was cancelled before */
export async function sliceLine(job: SliceJob): Promise<{ slices: Slice1D[]; cancelled: boolean }> {
  const { settings, targets } = job
  const at = symmetricPoints(settings.range, settings.points_1d)
  const slices = targets.map(
    ({ run }): Slice1D => ({ kind: 'line', run, at, loss: nans(at.length), error: nans(at.length) }),
  )
  const along = await measuresOf(job, 1)
  try {
    const points = coarseToFine(at.length).flatMap((i) =>
      targets.map(
        (_, t): Point => ({
          measure: () => along.at(t, [at[i]]),
          store(loss, error) {
            slices[t].loss[i] = loss
            slices[t].error[i] = error
          },
        }),
      ),
    )
    const onProgress = (progress: SliceProgress) => {
      if (progress.finished) addWidths(slices, job.network.numClasses)
      job.onProgress(progress)
    }
    const { cancelled } = await sweep({ ...job, onProgress, points, slices })
    return { slices, cancelled }
  } finally {
    along.dispose()
  }
}

/** @returns one surface per target, NaN where it was cancelled before */
export async function sliceSurface(job: SliceJob): Promise<{ slices: Slice2D[]; cancelled: boolean }> {
  const { settings, targets } = job
  const x = symmetricPoints(settings.range, settings.points_2d)
  const y = symmetricPoints(settings.range, settings.points_2d)
  const n = x.length
  const slices = targets.map(
    ({ run }): Slice2D => ({ kind: 'surface', run, x, y, loss: nans(n * n), error: nans(n * n) }),
  )
  const along = await measuresOf(job, 2)
  try {
    const points = coarseToFineGrid(n).flatMap(([i, j]) =>
      targets.map(
        (_, t): Point => ({
          measure: () => along.at(t, [x[j], y[i]]),
          store(loss, error) {
            slices[t].loss[i * n + j] = loss
            slices[t].error[i * n + j] = error
          },
        }),
      ),
    )
    const { cancelled } = await sweep({ ...job, points, slices })
    return { slices, cancelled }
  } finally {
    along.dispose()
  }
}

/** Directions 0 … count−1 for every target, on the device. */
async function directionsOf(job: SliceJob, count: number): Promise<tf.Tensor1D[][]> {
  const { network, targets, settings } = job
  const thetas: Float32Array[] = []
  for (const { theta } of targets) thetas.push((await theta.data()) as Float32Array)
  const draws = Array.from({ length: count }, (_, k) =>
    gaussianDraw(network.params.size, settings.direction_seed, k),
  )
  return thetas.map((theta) =>
    draws.map((draw) =>
      tf.tensor1d(filterNormalised(draw, theta, network.params, settings.include_bn_and_bias)),
    ),
  )
}

/** Measures at θ + Σ aₖ·dₖ: for every target a function of the coefficients alone, recorded once. */
async function measuresOf(job: SliceJob, count: number) {
  const { targets, probe } = job
  const directions = await directionsOf(job, count)
  await probe.prepare(targets[0].theta, targets[0].batchStats)
  const measures = targets.map(({ theta, batchStats }, t) =>
    capture((coefficients: tf.Scalar[]) =>
      probe.sums(pointOnSlice(theta, directions[t], coefficients), batchStats),
    ),
  )
  return {
    /** Sums at these coefficients of target t. Inside `tf.tidy`. */
    at: (t: number, coefficients: number[]) => measures[t](coefficients.map((a) => tf.scalar(a))),
    dispose() {
      for (const measure of measures) measure.dispose()
      tf.dispose(directions)
    },
  }
}

function addWidths(slices: Slice1D[], numClasses: number): void {
  const centres = slices.map((slice) => slice.loss[(slice.at.length - 1) >> 1])
  if (!centres.every(Number.isFinite)) return
  const level = compareLevel(centres, numClasses)
  for (const slice of slices) slice.width = basinWidth(slice.at, slice.loss, level)
}

const nans = (n: number) => new Float64Array(n).fill(Number.NaN)
