/** What a run of the settings that there always were ends at, to the bit: newer settings at their defaults change none of it. */
import '@tensorflow/tfjs-backend-cpu'
import { beforeAll, expect, it } from 'vitest'
import { sha256 } from '../../base/sha256'
import { initBackend } from '../../engine/backend'
import { DEFAULT_CONFIG, type RunConfig } from '../config/schema'
import { Session } from './session'
import { syntheticDataset } from './synthetic.testing'

beforeAll(async () => {
  await initBackend('cpu')
})

const RUNS: Record<string, [changes: Partial<RunConfig>, sum: string]> = {
  'the pair of the first visit': [{}, 'f51a1845c576ce2a4b0adbe583d86ad0aece27627972436bbf93fbc4f9a94333'],
  'RMSProp with decay, smoothing and an average': [
    { use_rmsprop: true, weight_decay: 0.01, label_smoothing: 0.1, ema_decay: 0.9, gradient_clipping: 0 },
    'b16dd9f5c39687b207eb35d4188cd304a5ed3b4af44808f952655edf33eaf1ad',
  ],
  'batch norm, augmentation, two replicas': [
    {
      model_name: 'cnn_small',
      cnn_channels: '3,4',
      cnn_dense: 5,
      num_replicas: 2,
      image_level_augmentations: 'basic',
    },
    '3e2266ef75cd4fbbbe387bbbbcc225b8c0ab54174f05dc4334f5e57ee1e662f9',
  ],
}

it.each(Object.keys(RUNS))('%s', async (name) => {
  const [changes, sum] = RUNS[name]
  const config: RunConfig = {
    ...DEFAULT_CONFIG,
    mlp_layers: '12',
    batch_size: 16,
    num_epochs: 2,
    label_noise: 0,
    num_train_examples: null,
    num_eval_examples: 24,
    ...changes,
  }
  const session = new Session({ config, dataset: syntheticDataset({ size: 8 }) })
  await session.train()
  const bytes: number[] = []
  for (const { key, evaluations, history } of session.runs) {
    const { theta, batchStats, slots } = await session.snapshot(key)
    for (const vector of [theta, batchStats, ...Object.values(slots)])
      bytes.push(...new Uint8Array(vector.slice().buffer))
    const { testLoss, testErrorRate, trainLoss = 0 } = evaluations.at(-1)!
    const numbers = Float64Array.of(testLoss, testErrorRate, trainLoss, ...history.columns().loss)
    bytes.push(...new Uint8Array(numbers.buffer))
  }
  session.dispose()
  expect(await sha256(Uint8Array.from(bytes))).toBe(sum)
})
