import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { DEFAULT_CONFIG } from '../config/schema'
import { initBatchStats, initTheta } from '../models/init'
import { createNetwork } from '../models/registry'
import { convertWeights } from './convertWeights'
import { decodeWeights, encodeWeights } from './weights'

const GOLDENS = join(import.meta.dirname, '../../../conformance/goldens/checkpoints')
const only = (files: Map<string, Uint8Array>) => [...files.values()][0]

it.each(['tiny_momentum/checkpoint_3', 'tiny_rmsprop_ema/checkpoint_3', 'wrn_mini/checkpoint_7'])(
  '%s goes to safetensors and .npz and comes back byte for byte',
  (path) => {
    const file = new Uint8Array(readFileSync(join(GOLDENS, path)))
    for (const format of ['safetensors', 'npz'] as const) {
      const ours = only(convertWeights(decodeWeights(file, 'checkpoint'), format))
      const back = only(convertWeights(decodeWeights(ours, 'ours'), 'flax'))
      expect(Buffer.compare(back, file), format).toBe(0)
    }
  },
)

it('a network of modules without parameters keeps them on every way', () => {
  const config = { ...DEFAULT_CONFIG, model_name: 'WideResnet_ShakeShake_mini' as const }
  const network = createNetwork(config, { height: 28, width: 28, channels: 1 }, 10)
  const theta = initTheta(network, 1)
  const contents = {
    network,
    theta,
    batchStats: initBatchStats(network),
    config,
    metrics: {},
    step: 7,
    epoch: 0,
  }
  const direct = encodeWeights({ ...contents, slots: { momentum: theta } }, 'flax')
  const ours = encodeWeights({ ...contents, slots: { momentum: theta } }, 'npz')
  expect(Buffer.compare(only(convertWeights(decodeWeights(ours, 'w'), 'flax')), direct)).toBe(0)
  const again = only(convertWeights(decodeWeights(direct, 'w'), 'flax'))
  expect(Buffer.compare(again, direct)).toBe(0)
  const pretrained = decodeWeights(only(convertWeights(decodeWeights(direct, 'w'), 'flax-pretrained')), 'p')
  expect(pretrained).toMatchObject({ step: 0, emptyModules: network.emptyModules })
  expect([...convertWeights(pretrained, 'tfjs').keys()][0]).toBe('model.json')
})
