/**
 * The part all slices share: measure a list of points, keep the device busy, fill results in as they come back,
 * tell how far it is, stop when asked and keep what is there.
 */
import * as tf from '../../engine/tf'
import { Breather } from '../queue/breather'
import { BulkReader } from '../queue/bulkReader'
import type { LossProbe } from './lossProbe'
import type { Slice, SliceProgress } from './types'

export interface Weights {
  /** [P] */
  theta: tf.Tensor1D
  /** [S] */
  batchStats: tf.Tensor1D
}

export interface Point {
  /** Sums over the probe's images at this point (`LossProbe.sums`). Runs inside `tf.tidy`. */
  measure(): tf.Tensor1D
  /** Takes the mean loss and the error rate in [0, 1]. */
  store(loss: number, error: number): void
}

export interface SweepOptions {
  probe: Pick<LossProbe, 'count'>
  points: readonly Point[]
  slices: Slice[]
  onProgress(progress: SliceProgress): void
  signal?: AbortSignal
}

const PROGRESS_EVERY_MS = 250

/** @returns whether it was cancelled; every value that was read by then is stored */
export async function sweep({
  probe,
  points,
  slices,
  onProgress,
  signal,
}: SweepOptions): Promise<{ cancelled: boolean }> {
  const started = performance.now()
  let done = 0
  let reported = started
  const report = () => {
    reported = performance.now()
    const secondsLeft = done > 0 ? ((reported - started) / 1000 / done) * (points.length - done) : undefined
    onProgress({ done, total: points.length, secondsLeft, slices, finished: done === points.length })
  }
  const reader = new BulkReader<Point>({
    onRows(rows) {
      for (const { tag, values } of rows) tag.store(values[0] / probe.count, values[1] / probe.count)
      done += rows.length
      if (performance.now() - reported >= PROGRESS_EVERY_MS && done < points.length) report()
    },
  })
  const breather = new Breather()
  report()
  try {
    for (const point of points) {
      if (signal?.aborted) break
      const sums = tf.tidy(() => point.measure())
      reader.push([sums], point)
      await reader.breathe()
      await breather.breathe()
    }
    await reader.drain()
  } finally {
    await reader.settled()
    reader.dispose()
  }
  report()
  return { cancelled: done < points.length }
}
