/** What slices along directions share: the loss of several runs at points of lines and planes through their weights. */
import { capture } from '../../engine/capture/capture'
import * as tf from '../../engine/tf'
import { sliceImages } from '../data/selection/sliceImages'
import { LossProbe } from './lossProbe'
import type { MeasuredRun, MeasureProgress, Vectors } from './measures/measure'
import type { PointStore } from './measures/pointStore'
import { planesOf } from './planes/choose'
import { PlaneMemory } from './planes/memory'
import { type Described, described, type Plane } from './planes/plane'
import type { PlaneSettings } from './planes/settings'
import { pointOnSlice, statisticsFloor, statisticsOnSlice } from './point'
import type { Point } from './sweep'

/** A run with what its loss is measured by. */
export interface SliceTarget extends MeasuredRun {
  probe: LossProbe
}

export interface SliceJob<Settings, V> {
  /** Borrowed: they must stay alive and unchanged until the slice is done. */
  targets: readonly SliceTarget[]
  settings: Settings
  onProgress(progress: MeasureProgress<V>): void
  signal?: AbortSignal
  points?: PointStore
  vectors?: number
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

type Alike = Pick<MeasuredRun, 'network' | 'dataset' | 'config'>

/** Whether the loss of both is the same function of the same images. */
export const measuredAlike = (a: Alike, b: Alike): boolean =>
  a.network === b.network &&
  a.dataset === b.dataset &&
  a.config.run_seed === b.config.run_seed &&
  a.config.loss === b.config.loss &&
  a.config.label_smoothing === b.config.label_smoothing

/** Where the mean loss and the error rate of a point go. */
type Into = { loss: Float64Array; error?: Float64Array }

const taking =
  ({ probe }: SliceTarget, into: Into, i: number) =>
  (loss: number, errors: number) => {
    into.loss[i] = loss / probe.count
    if (into.error) into.error[i] = errors / probe.count
  }

/** A point whose mean loss and error rate go to place `i`. @param sums as `LossProbe.sums` gives them */
export function lossPoint(target: SliceTarget, sums: () => tf.Tensor1D, into: Into, i: number): Point {
  const take = taking(target, into, i)
  return { measure: sums, store: ([loss, errors]) => take(loss, errors) }
}

/** Of directions in a file: 64 MiB of them. */
const MOST_NUMBERS = 2 ** 24

/** Measures along the lines or planes that the settings ask for. */
export async function alongDirections(
  { targets, settings, signal, points, vectors }: SliceJob<PlaneSettings & { num_images?: number }, never>,
  axes: readonly string[],
) {
  const planes = await planesOf({ runs: targets, settings, signal, vectors }, axes.length === 1 ? 1 : 2)
  return alongPlanes(targets, planes, axes, points)
}

/** Measures at θ + Σ aₖ·dₖ: for every target a function of the coefficients alone, recorded once. */
export async function alongPlanes(
  targets: readonly SliceTarget[],
  planes: readonly Plane[],
  axes: readonly string[],
  store?: PointStore,
) {
  const timed = new Set<LossProbe>()
  for (const { probe, theta, batchStats } of targets) {
    if (!timed.has(probe)) await probe.chooseKernels(theta, batchStats)
    timed.add(probe)
  }
  const laid = planes.map((plane) => onDevice(plane))
  const floors = targets.map(({ network }) => tf.tensor1d(statisticsFloor(network.stats)))
  const sums = targets.map(({ probe, theta, batchStats }, t) =>
    capture((coefficients: tf.Scalar[]) => {
      const { vectors, stats } = laid[t]
      const there = stats ? statisticsOnSlice(batchStats, stats, coefficients, floors[t]) : batchStats
      return probe.sums(pointOnSlice(theta, vectors, coefficients), there)
    }),
  )
  const about: Described[] = []
  for (const [t, plane] of planes.entries()) {
    about.push(described(plane, (await targets[t].theta.data()) as Float32Array, axes))
  }
  const memories: PlaneMemory[] = []
  for (const [t, target] of targets.entries()) {
    memories.push(await PlaneMemory.open(store, target, planes[t], target.probe.count))
  }
  return {
    planes,
    /** What is told of each plane. */
    about,
    /** The point at these coefficients of target t, for place i; none where it is known, and stands there already. */
    point(t: number, coefficients: number[], into: Into, i: number): Point[] {
      const measure = () => sums[t](coefficients.map((a) => tf.scalar(a)))
      return [memories[t].point(coefficients, measure, taking(targets[t], into, i)) ?? []].flat()
    },
    /** The directions, for files; none where they are too many numbers for one. */
    vectors(): Vectors | undefined {
      const all = targets.flatMap(({ key }, t) =>
        planes[t].directions.map(({ vector }, k) => [`${key}/d${k + 1}`, vector] as const),
      )
      const numbers = all.reduce((sum, [, { length }]) => sum + length, 0)
      return numbers > MOST_NUMBERS ? undefined : new Map(all)
    },
    dispose() {
      for (const memory of memories) memory.flush()
      for (const recorded of sums) recorded.dispose()
      tf.dispose([...floors, ...laid.flatMap(({ vectors, stats = [] }) => [...vectors, ...stats])])
    },
  }
}

/** Statistics that move in one direction have their place in the other too. */
function onDevice({ directions }: Plane): { vectors: tf.Tensor1D[]; stats?: tf.Tensor1D[] } {
  const vectors = directions.map(({ vector }) => tf.tensor1d(vector))
  const size = directions.find(({ stats }) => stats)?.stats?.length ?? 0
  if (size === 0) return { vectors }
  return { vectors, stats: directions.map(({ stats }) => tf.tensor1d(stats ?? new Float32Array(size))) }
}

export const nans = (n: number) => new Float64Array(n).fill(Number.NaN)
