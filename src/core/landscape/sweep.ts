/**
 * The part all slices share: measure a list of points, keep the device busy, fill results in as they come back,
 * tell how far it is, stop when asked and keep what is there.
 */
import * as tf from '../../engine/tf'
import { type BulkReaderOptions, readInBulk } from '../queue/bulkReader'
import type { Finding, MeasureProgress } from './measures/measure'

export interface Point {
  /** Its numbers, on the device. Runs inside `tf.tidy`. */
  measure(): tf.Tensor1D
  /** Takes them when they are read. */
  store(values: Float32Array): void
}

export interface SweepOptions<V> {
  points: readonly Point[]
  /** Points that stand there already. */
  known?: number
  /** What the points fill. */
  findings: Finding<V>[]
  onProgress(progress: MeasureProgress<V>): void
  signal?: AbortSignal
}

const PROGRESS_EVERY_MS = 250

/** @returns whether it was cancelled; every value that was read by then is stored */
export async function sweep<V>({
  points,
  known = 0,
  findings,
  onProgress,
  signal,
}: SweepOptions<V>): Promise<{ cancelled: boolean }> {
  const started = performance.now()
  let done = 0
  let reported = started
  const report = () => {
    reported = performance.now()
    const secondsLeft = done > 0 ? ((reported - started) / 1000 / done) * (points.length - done) : undefined
    const [all, total] = [known + done, known + points.length]
    onProgress({ done: all, total, secondsLeft, findings, finished: all === total })
  }
  const count = (more: number) => {
    done += more
    if (performance.now() - reported >= PROGRESS_EVERY_MS && done < points.length) report()
  }
  report()
  await measurePoints(points, count, signal)
  report()
  return { cancelled: done < points.length }
}

/** The points of a measure that counts by itself. @param count is told how many have come back */
export async function measurePoints(
  points: readonly Point[],
  count: (more: number) => void,
  signal?: AbortSignal,
): Promise<void> {
  const onRows: BulkReaderOptions<Point>['onRows'] = (rows) => {
    for (const { tag, values } of rows) tag.store(values)
    count(rows.length)
  }
  await readInBulk<Point>({ onRows }, async (push) => {
    for (const point of points) {
      if (signal?.aborted) break
      await push([tf.tidy(() => point.measure())], point)
    }
  })
}
