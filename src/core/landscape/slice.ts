/** What slices along directions share: the loss of several runs at points of lines and planes through their weights. */
import { capture } from '../../engine/capture/capture'
import * as tf from '../../engine/tf'
import type { Network } from '../models/network'
import { filterNormalised, gaussianDraw } from './directions'
import { LossProbe, sliceImages } from './lossProbe'
import type { MeasuredRun, MeasureProgress } from './measures/measure'
import { pointOnSlice } from './point'
import type { Point } from './sweep'

/** A run with what its loss is measured by. */
export interface SliceTarget extends Pick<MeasuredRun, 'key' | 'theta' | 'batchStats'> {
  network: Network
  probe: LossProbe
}

export interface SliceJob<Settings, V> {
  /** Borrowed: they must stay alive and unchanged until the slice is done. */
  targets: readonly SliceTarget[]
  settings: Settings
  onProgress(progress: MeasureProgress<V>): void
  signal?: AbortSignal
}

/**
 * The runs with their probes, which last as long as `body`; runs of one network and one data set that evaluate alike
 * share one.
 */
export async function withProbes<T>(
  runs: readonly MeasuredRun[],
  numImages: number,
  body: (targets: SliceTarget[]) => Promise<T>,
): Promise<T> {
  const opened: { run: MeasuredRun; probe: LossProbe }[] = []
  const probeOf = async (run: MeasuredRun) => {
    const alike = opened.find((other) => measuredAlike(other.run, run))
    if (alike) return alike.probe
    const { network, config, dataset, threads } = run
    const images = sliceImages(dataset.train.count, numImages, config.run_seed)
    const probe = await LossProbe.open(network, config, dataset, images, threads)
    opened.push({ run, probe })
    return probe
  }
  try {
    const targets: SliceTarget[] = []
    for (const run of runs) targets.push({ ...run, probe: await probeOf(run) })
    return await body(targets)
  } finally {
    for (const { probe } of opened) probe.dispose()
  }
}

const measuredAlike = (a: MeasuredRun, b: MeasuredRun): boolean =>
  a.network === b.network &&
  a.dataset === b.dataset &&
  a.config.run_seed === b.config.run_seed &&
  a.config.label_smoothing === b.config.label_smoothing

/** A point whose mean loss and error rate go to place `i`. @param sums as `LossProbe.sums` gives them */
export function lossPoint(
  { probe }: SliceTarget,
  sums: () => tf.Tensor1D,
  into: { loss: Float64Array; error: Float64Array },
  i: number,
): Point {
  return {
    measure: sums,
    store([loss, errors]) {
      into.loss[i] = loss / probe.count
      into.error[i] = errors / probe.count
    },
  }
}

interface DirectionSettings {
  direction_seed: number
  include_bn_and_bias: boolean
}

/** Measures at θ + Σ aₖ·dₖ: for every target a function of the coefficients alone, recorded once. */
export async function alongDirections(job: SliceJob<DirectionSettings, never>, count: number) {
  const { targets } = job
  const directions = await directionsOf(job, count)
  const timed = new Set<LossProbe>()
  for (const { probe, theta, batchStats } of targets) {
    if (!timed.has(probe)) await probe.chooseKernels(theta, batchStats)
    timed.add(probe)
  }
  const sums = targets.map(({ probe, theta, batchStats }, t) =>
    capture((coefficients: tf.Scalar[]) =>
      probe.sums(pointOnSlice(theta, directions[t], coefficients), batchStats),
    ),
  )
  return {
    /** Sums at these coefficients of target t. Inside `tf.tidy`. */
    at: (t: number, coefficients: number[]) => sums[t](coefficients.map((a) => tf.scalar(a))),
    dispose() {
      for (const recorded of sums) recorded.dispose()
      tf.dispose(directions)
    },
  }
}

/** Directions 0 … count−1 for every target, on the device. */
async function directionsOf(
  { targets, settings }: SliceJob<DirectionSettings, never>,
  count: number,
): Promise<tf.Tensor1D[][]> {
  const thetas: Float32Array[] = []
  for (const { theta } of targets) thetas.push((await theta.data()) as Float32Array)
  const draws = new Map<number, Float32Array[]>()
  const drawsOf = (size: number) => {
    const drawn =
      draws.get(size) ??
      Array.from({ length: count }, (_, k) => gaussianDraw(size, settings.direction_seed, k))
    draws.set(size, drawn)
    return drawn
  }
  return targets.map(({ network: { params } }, t) =>
    drawsOf(params.size).map((draw) =>
      tf.tensor1d(filterNormalised(draw, thetas[t], params, settings.include_bn_and_bias)),
    ),
  )
}

export const nans = (n: number) => new Float64Array(n).fill(Number.NaN)
