import '@tensorflow/tfjs-backend-cpu'
import { expect, it } from 'vitest'
import { initBackend } from '../../engine/backend'
import * as tf from '../../engine/tf'
import { DEFAULT_CONFIG } from '../config/schema'
import { Session } from '../session/session'
import { syntheticDataset } from '../session/synthetic.testing'
import { LineWatch } from './lineWatch'
import { watchedAndSliced } from './lineWatch.testing'

it('is the slice of its settings, to the bit, at every stage', async () => {
  await initBackend('cpu')
  const { watched, sliced, left } = await watchedAndSliced()
  expect(watched).toEqual(sliced)
  expect(watched).toHaveLength(4)
  for (const losses of watched) expect(losses.every(Number.isFinite)).toBe(true)
  // The weights have moved in between.
  expect(watched[2]).not.toEqual(watched[0])
  expect(left).toBe(0)
})

it('ends at once when it is interrupted, and leaves nothing behind', async () => {
  await initBackend('cpu')
  const config = { ...DEFAULT_CONFIG, mlp_layers: '12', batch_size: 16 }
  const session = new Session({ config, dataset: syntheticDataset() })
  const before = tf.memory().numTensors
  const watch = new LineWatch()
  const [{ network, dataset, evaluated, config: own }] = session.runs
  let asked = 0
  const run = { config: own, network, dataset, ...evaluated }
  expect(await watch.measure(run, () => ++asked > 3)).toBeUndefined()
  expect(asked).toBe(4)
  watch.dispose()
  expect(tf.memory().numTensors).toBe(before)
  session.dispose()
})
