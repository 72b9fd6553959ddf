/** Answers a slice request from a session that stands still. */

import { BasinError } from '../../base/errors'
import { sliceInterpolation } from '../../core/landscape/interpolate'
import { LossProbe, sliceImages } from '../../core/landscape/lossProbe'
import { sliceLine, sliceSurface } from '../../core/landscape/slices'
import type { Session } from '../../core/session/session'
import * as tf from '../../engine/tf'
import type { SliceProgress, SliceRequest } from '../protocol'

/**
 * Looks at the weights that are evaluated (the average where there is one). They are held for the time it takes, so
 * a session that is dropped meanwhile does no harm.
 * @throws BasinError `unsupported` for an interpolation of a single run
 */
export async function runSlice(
  session: Session,
  { kind, settings }: SliceRequest,
  onProgress: (progress: SliceProgress) => void,
  signal: AbortSignal,
): Promise<{ cancelled: boolean }> {
  const { runs } = session
  const [{ network, config, dataset, lane }] = runs
  if (kind === 'interpolation' && runs.length < 2) {
    throw new BasinError(
      'unsupported',
      'interpolation: needs both runs, got one',
      'Add a run to the list, and train.',
    )
  }
  const targets = runs.map(({ key, evaluated }) => ({
    run: key,
    theta: evaluated.theta.clone(),
    batchStats: evaluated.batchStats.clone(),
  }))
  const images = sliceImages(dataset.train.count, settings.num_images, config.run_seed)
  let probe: LossProbe | undefined
  try {
    probe = await LossProbe.open(network, config, dataset, images, lane.threads)
    const job = { network, probe, settings, onProgress, signal, targets }
    // The slices themselves have gone out with the progress.
    const { cancelled } =
      kind === 'line'
        ? await sliceLine(job)
        : kind === 'surface'
          ? await sliceSurface(job)
          : await sliceInterpolation({ ...job, from: targets[0], to: targets[targets.length - 1] })
    return { cancelled }
  } finally {
    probe?.dispose()
    tf.dispose(targets.flatMap(({ theta, batchStats }) => [theta, batchStats]))
  }
}
