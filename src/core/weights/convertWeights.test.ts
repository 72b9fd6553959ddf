import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { DEFAULT_CONFIG } from '../config/schema'
import { initBatchStats, initTheta } from '../models/init'
import { createNetwork } from '../models/registry'
import { convertWeights } from './convertWeights'
import { decodeWeights, encodeWeights, type WeightContents } from './weights'

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

describe('the epoch of a Flax file', () => {
  const config = { ...DEFAULT_CONFIG, mlp_layers: '2', num_train_examples: 640, batch_size: 64 }
  const network = createNetwork(config, { height: 2, width: 2, channels: 1 }, 10)
  const theta = initTheta(network, 1)
  const contents = { network, theta, batchStats: initBatchStats(network), config, metrics: {}, step: 40 }
  const converted = (changes: Partial<WeightContents>, name: string) =>
    decodeWeights(
      only(
        convertWeights(
          decodeWeights(encodeWeights({ ...contents, ...changes }, 'safetensors'), name),
          'flax',
        ),
      ),
      'checkpoint',
    ).extra.epoch

  it.each<[Partial<WeightContents>, string, string]>([
    [{ epoch: 7 }, '/out/checkpoint_9.safetensors', '7'],
    [{}, '/out/checkpoint_9.safetensors', '9'],
    [{}, 'run.tar.gz: additional_ckpt_4/checkpoint_4.safetensors', '4'],
    [{}, 'basin_mlp_sam_rho0.2_seed0_step40.safetensors', '3'],
    [{ step: 0 }, 'w.safetensors', '0'],
  ])('of %j in %s is %s', (changes, name, epoch) => {
    expect(converted(changes, name)).toBe(epoch)
  })

  it.each<[Partial<WeightContents>, string]>([
    [{ step: 45 }, 'checkpoint_4_step_45.safetensors'],
    [{ config: { ...config, num_train_examples: null } }, 'w.safetensors'],
  ])('of %j in %s is none, and that is said', (changes, name) => {
    expect(() => converted(changes, name)).toThrow(
      new RegExp(`^${name}: flax: a state at an epoch’s end, .*; got step ${changes.step ?? 40}`),
    )
  })
})
