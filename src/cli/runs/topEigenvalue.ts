/** λ₁ of a run's loss, weight decay left out, on its first training images. */
import { randomStream } from '../../base/random'
import { evalBatches } from '../../core/data/batches/evalBatches'
import { extremeEigenvalues } from '../../core/landscape/curvature/eigenvalues'
import { KrylovSpaces } from '../../core/landscape/curvature/krylov'
import { Objective } from '../../core/landscape/curvature/objective'
import { uploadBatch } from '../../core/queue/deviceBatch'
import type { SessionRun } from '../../core/session/sessionRun'
import type { DeviceBatch } from '../../core/step/types'
import * as tf from '../../engine/tf'

const BATCH = 500

/** NaN where it did not settle. */
export async function topEigenvalue(run: SessionRun, indices: Uint32Array): Promise<number> {
  const { network, config, dataset } = run
  const batches: DeviceBatch[] = []
  for await (const batch of evalBatches(dataset, 'train', BATCH, indices)) {
    batches.push(uploadBatch(batch, dataset))
  }
  const settings = {
    loss: config.loss,
    labelSmoothing: config.label_smoothing,
    weightDecay: 0,
    noWeightDecayOnBn: false,
  }
  const objective = new Objective(network, batches, settings, run.evaluated)
  const spaces = new KrylovSpaces(objective)
  const random = randomStream(0, 'directions')
  const start = tf.tensor1d(Float32Array.from({ length: objective.size }, () => random.normal()))
  const space = spaces.from(start)
  try {
    const found = await extremeEigenvalues(space, { top: 1, tolerance: 1e-3, maxSteps: 60, lowest: false })
    return found?.converged ? found.top[0].value : Number.NaN
  } finally {
    space.dispose()
    spaces.dispose()
    objective.dispose()
    start.dispose()
    for (const { images, labels } of batches) tf.dispose([images, labels])
  }
}
