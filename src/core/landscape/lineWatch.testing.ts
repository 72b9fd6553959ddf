/** Lines through runs at the end of each epoch beside slices of the same settings there, on whatever backend is set. */
import * as tf from '../../engine/tf'
import { DEFAULT_CONFIG, type RunConfig } from '../config/schema'
import { Session } from '../session/session'
import { syntheticDataset } from '../session/synthetic.testing'
import { LineWatch, WATCHED_LINE } from './lineWatch'
import { DEFAULT_MEASURE_SETTINGS } from './measures/info'
import { line } from './measures/line'

/** Batch norm, so that statistics take part; an average, which is what is looked at. */
const CONFIG: RunConfig = {
  ...DEFAULT_CONFIG,
  runs: 'sam_rho:0;sam_rho:0.1',
  model_name: 'cnn_small',
  cnn_channels: '3,4',
  cnn_dense: 6,
  batch_size: 16,
  num_epochs: 2,
  ema_decay: 0.5,
  label_smoothing: 0.1,
  num_train_examples: null,
  num_eval_examples: 8,
}

/**
 * @param changes of what is trained
 * @returns the losses of both ways, line after line, and how many tensors were left on the device
 */
export async function watchedAndSliced(changes: Partial<RunConfig> = {}): Promise<{
  watched: number[][]
  sliced: number[][]
  left: number
}> {
  const before = tf.memory().numTensors
  const config = { ...CONFIG, ...changes }
  const session = new Session({ config, dataset: syntheticDataset({ size: 8, noise: 0.3 }) })
  const watch = new LineWatch()
  const [watched, sliced]: number[][][] = [[], []]
  for (const epoch of [1, 2]) {
    await session.train({ until: ({ lane }) => epoch * lane.stepsPerEpoch })
    for (const { key, config: own, network, dataset, evaluated } of session.runs) {
      const run = { key, config: own, network, dataset, ...evaluated }
      watched.push([...(await watch.measure(run, () => false))!])
      const { findings } = await line.compute({
        runs: [run],
        settings: { ...DEFAULT_MEASURE_SETTINGS, ...WATCHED_LINE },
        onProgress: () => {},
      })
      sliced.push([...findings[0].values.loss])
    }
  }
  watch.dispose()
  session.dispose()
  return { watched, sliced, left: tf.memory().numTensors - before }
}
