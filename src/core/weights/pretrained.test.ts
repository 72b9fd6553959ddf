import '@tensorflow/tfjs-backend-cpu'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { fillByName } from '../../../conformance/replay/fillRule'
import { initBackend } from '../../engine/backend'
import { DEFAULT_CONFIG, type RunConfig } from '../config/schema'
import { inputSide } from '../data/inputShape'
import { efficientNet } from '../models/efficientNet'
import { initTheta } from '../models/init'
import type { Network } from '../models/network'
import { Session } from '../session/session'
import { syntheticDataset } from '../session/synthetic.testing'
import { encodeFlaxPretrained } from './flax'
import { pretrainedStart } from './pretrained'
import { decodeWeights, encodeWeights } from './weights'

beforeAll(async () => {
  await initBackend('cpu')
})

/** The network of the reference's checkpoints/effnet_tiny. */
const tiny = (classes: number, width = 0.25): Network =>
  efficientNet([32, 32, 3], classes, {
    name: 'tiny',
    width,
    depth: 0.1,
    resolution: 32,
    dropout: 0.2,
  })

const filled = (layout: Network['params'] | Network['stats']) => {
  const values = new Float32Array(layout.size)
  for (const entry of layout.entries) values.set(fillByName(entry), entry.offset)
  return values
}

const HEAD = /^Head_8\/dense\/(kernel|bias)$/

describe('the reference’s pretrained file (effnet_tiny, 1000 classes)', () => {
  const source = tiny(1000)
  const file = encodeFlaxPretrained(source, {
    theta: filled(source.params),
    batchStats: filled(source.stats),
  })
  const decoded = decodeWeights(file, 'checkpoint_1')

  it('has this network’s layout', () => {
    const { layout } = JSON.parse(readFileSync(join(import.meta.dirname, 'goldens/effnet_tiny.json'), 'utf8'))
    const shape = layout['0'].params.Head_8.dense.kernel
    expect(shape).toBe('ext1 ndarray <f4 [320, 1000]')
    expect(file).toHaveLength(1801009)
  })

  it('is restored whole for as many classes', () => {
    const { theta, batchStats, message } = pretrainedStart(decoded, source, 0)
    expect(theta).toEqual(filled(source.params))
    expect(batchStats).toEqual(filled(source.stats))
    expect(message).toBe('Starts from checkpoint_1.')
  })

  it('gives body and statistics for other classes, kernel and bias of the last layer are drawn anew', () => {
    const network = tiny(10)
    const { theta, batchStats, message } = pretrainedStart(decoded, network, 3)
    const random = initTheta(network, 3)
    for (const entry of network.params.entries) {
      const { name, offset, size } = entry
      const expected = HEAD.test(name) ? random.subarray(offset, offset + size) : fillByName(entry)
      expect(theta.subarray(offset, offset + size), name).toEqual(expected)
    }
    expect(network.params.entries.filter(({ name }) => HEAD.test(name))).toHaveLength(2)
    expect(batchStats).toEqual(filled(network.stats))
    expect(message).toBe('Starts from checkpoint_1; Head_8/dense is drawn anew for 10 classes.')
  })

  it('is refused by another network, tensor by tensor, also in its last layer', () => {
    expect(() => pretrainedStart(decoded, tiny(10, 0.5), 0)).toThrow(
      /checkpoint_1: does not fit tiny: \d+ mis-shaped: .*expected/,
    )
    const without = new Map(decoded.tensors)
    without.delete('/Stem_0/batch_normalization:var')
    without.set('Head_9/dense/bias', decoded.tensors.get('Head_8/dense/bias')!)
    expect(() => pretrainedStart({ filename: 'x', tensors: without }, tiny(10), 0)).toThrow(
      /1 missing: \/Stem_0\/batch_normalization:var; 1 not of this network: Head_9\/dense\/bias/,
    )
  })
})

describe('fine-tuning', () => {
  const config: RunConfig = {
    ...DEFAULT_CONFIG,
    model_name: 'cnn_small',
    cnn_channels: '3',
    cnn_dense: 5,
    runs: '',
    batch_size: 16,
    num_epochs: 1,
    num_train_examples: null,
    num_eval_examples: 24,
    label_noise: 0,
    from_pretrained_checkpoint: true,
  }

  it('starts from an export’s average, keeps the statistics, trains scale and shift, with a fresh optimizer', async () => {
    const dataset = syntheticDataset()
    const { network } = new Session({ config, dataset }).runs[0]
    const ramp = (size: number, from: number) =>
      Float32Array.from({ length: size }, (_, i) => from + (i % 7) / 70)
    const [p, s] = [network.params.size, network.stats.size]
    const bytes = encodeWeights(
      {
        network,
        theta: ramp(p, 9),
        batchStats: ramp(s, 9),
        slots: { momentum: ramp(p, 9) },
        ema: { theta: ramp(p, 0.01), batchStats: ramp(s, 0.5) },
        config,
        metrics: {},
        step: 99,
      },
      'safetensors',
    )
    const fresh = pretrainedStart(decodeWeights(bytes, 'w'), network, 0)
    expect(fresh.theta).toEqual(ramp(p, 0.01))
    const session = new Session({ config, dataset, fresh: () => fresh })
    const before = await session.snapshot('sam')
    expect(before.step).toBe(0)
    expect(before.slots.momentum.every((value) => value === 0)).toBe(true)
    expect(before.theta).toEqual(fresh.theta)
    await session.train()
    const after = await session.snapshot('sam')
    expect(after.step).toBe(4)
    expect(after.batchStats).toEqual(ramp(s, 0.5))
    for (const { name, offset, size } of network.params.entries) {
      const range = [offset, offset + size] as const
      expect(after.theta.subarray(...range), name).not.toEqual(before.theta.subarray(...range))
    }
    session.dispose()
  })

  it('brings small images to an EfficientNet’s resolution, and leaves others as they are', () => {
    const cifar = { name: 'cifar10', channels: 3 }
    const of = (changes: Partial<RunConfig>) => inputSide(cifar, { ...config, ...changes })
    expect(of({ model_name: 'efficientnet-b3' })).toBe(300)
    expect(of({ model_name: 'efficientnet-b3', from_pretrained_checkpoint: false })).toBeUndefined()
    expect(of({ model_name: 'efficientnet-b3', input_size: 64 })).toBe(64)
    expect(of({ model_name: 'WideResnet28x10' })).toBeUndefined()
  })
})
