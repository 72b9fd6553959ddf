import '@tensorflow/tfjs-backend-cpu'
import { beforeAll, describe, expect, it } from 'vitest'
import { initBackend } from '../../engine/backend'
import * as tf from '../../engine/tf'
import { initBatchStats, initTheta } from './init'
import type { Network } from './network'
import { createNetwork } from './registry'
import { wideResnet } from './wideResnet'

beforeAll(async () => {
  await initBackend('cpu')
})

const mini = (input: [number, number, number], classes: number, skips = false) =>
  wideResnet(input, classes, {
    name: 'WideResnet_mini',
    blocksPerGroup: 2,
    widthMultiplier: 1,
    useAdditionalSkipConnections: skips,
  })

describe('additional skip connections', () => {
  it('carry the image, pooled and zero-padded, to the last group’s output', async () => {
    // All convolutions zero: nothing but the skip from the input reaches the head.
    const network = mini([8, 8, 2], 3, true)
    const theta = new Float32Array(network.params.size)
    for (const { name, offset, size, role } of network.params.entries) {
      if (role === 'scale') theta.fill(1, offset, offset + size)
      if (name !== 'Dense_3/kernel') continue
      // Class 0 reads channel 0, class 1 channel 1, class 2 a channel that the image does not have.
      theta[offset] = 1
      theta[offset + 3 + 1] = 1
      theta[offset + 2 * 3 + 2] = 1
    }
    const pixels = Float32Array.from({ length: 128 }, (_, i) => Math.sin(i))
    const [first, second, third] = await network
      .forward(
        tf.tensor1d(theta),
        tf.tensor1d(initBatchStats(network)),
        tf.tensor4d(pixels, [1, 8, 8, 2]),
        false,
      )
      .logits.data()
    const expected = (channel: number) => {
      let sum = 0
      for (const y of [0, 4])
        for (const x of [0, 4]) {
          let pooled = 0
          for (let dy = 0; dy < 4; dy++)
            for (let dx = 0; dx < 4; dx++) pooled += pixels[((y + dy) * 8 + x + dx) * 2 + channel] / 16
          sum += Math.max(0, pooled / Math.sqrt(1 + 1e-5)) / 4
        }
      return sum
    }
    expect(first).toBeCloseTo(expected(0), 6)
    expect(second).toBeCloseTo(expected(1), 6)
    expect(third).toBe(0)
  })
})

function contiguous({ params, stats }: Network) {
  for (const { entries, size } of [params, stats]) {
    let offset = 0
    for (const entry of entries) {
      expect(entry.offset).toBe(offset)
      offset += entry.size
    }
    expect(size).toBe(offset)
  }
}

describe('initial weights', () => {
  const network = mini([32, 32, 3], 10)
  const theta = initTheta(network, 7)
  const part = (name: string) => {
    const { offset, size } = network.params.entries.find((entry) => entry.name === name)!
    return theta.subarray(offset, offset + size)
  }
  const deviation = (values: Float32Array) => {
    const mean = values.reduce((a, b) => a + b, 0) / values.length
    return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)
  }

  it('have the reference’s variances', () => {
    // verified_behaviours: the reference's own draw of this shape has 0.08383.
    expect(deviation(part('WideResnetGroup_1/WideResnetBlock_0/conv1/kernel'))).toBeCloseTo(
      Math.sqrt(2 / (9 * 32)),
      2,
    )
    expect(deviation(part('WideResnetGroup_2/WideResnetBlock_1/conv2/kernel'))).toBeCloseTo(
      Math.sqrt(2 / (9 * 64)),
      2,
    )
    const head = part('Dense_3/kernel')
    expect(deviation(head)).toBeCloseTo(1 / Math.sqrt(3 * 10), 2)
    expect(Math.max(...head)).toBeLessThanOrEqual(1 / Math.sqrt(10))
    expect(Math.min(...head)).toBeGreaterThanOrEqual(-1 / Math.sqrt(10))
    expect([...part('Dense_3/bias')].every((value) => value === 0)).toBe(true)
    expect([...part('pre-pool-bn/scale')].every((value) => value === 1)).toBe(true)
  })

  it('are the same for the same seed and others for another', () => {
    expect(initTheta(network, 7)).toEqual(theta)
    expect(initTheta(network, 8)).not.toEqual(theta)
  })

  it('come with means of 0 and variances of 1', () => {
    const stats = initBatchStats(network)
    for (const { name, offset, size } of network.stats.entries) {
      const wanted = name.endsWith(':var') ? 1 : 0
      expect(stats.subarray(offset, offset + size).every((value) => value === wanted)).toBe(true)
    }
  })
})

describe('createNetwork', () => {
  const config = {
    mlp_layers: '256,128',
    mlp_activation: 'relu' as const,
    cnn_channels: '8,16',
    cnn_dense: 64,
    use_additional_skip_connections: false,
    check_resolution: true,
  }
  const input = { height: 28, width: 28, channels: 1 }

  it.each([
    ['mlp', 235_146],
    ['cnn_small', 52_162],
    ['WideResnet_mini', 172_218],
  ] as const)('%s has %i weights', (model_name, size) => {
    const network = createNetwork({ ...config, model_name }, input, 10)
    expect(network.params.size).toBe(size)
    contiguous(network)
  })

  it('starts mlp and cnn_small as the presets were measured: He, and 1/fan_in in the last layer', () => {
    const network = createNetwork({ ...config, model_name: 'mlp' }, input, 10)
    const theta = initTheta(network, 0)
    const rms = (name: string) => {
      const { offset, size } = network.params.entries.find((entry) => entry.name === name)!
      return Math.sqrt(theta.subarray(offset, offset + size).reduce((sum, v) => sum + v * v, 0) / size)
    }
    expect(rms('Dense_0/kernel') / Math.sqrt(2 / 784)).toBeCloseTo(1, 1)
    expect(rms('Dense_2/kernel') / Math.sqrt(1 / 128)).toBeCloseTo(1, 1)
  })

  it('refuses more poolings than the image has room for', () => {
    const deep = { ...config, model_name: 'cnn_small' as const, cnn_channels: '4,4,4,4,4' }
    expect(() => createNetwork(deep, input, 10)).toThrow(/cnn_channels/)
  })

  it.each(['mlp', 'cnn_small', 'WideResnet_mini'] as const)(
    '%s maps images to logits and frees the rest',
    (model_name) => {
      const network = createNetwork({ ...config, model_name, mlp_layers: '8' }, input, 10)
      const before = tf.memory().numTensors
      const shape = tf.tidy(() => {
        const images = tf.ones<tf.Rank.R4>([2, 28, 28, 1])
        const theta = tf.tensor1d(initTheta(network, 1))
        const { logits, batchStats } = network.forward(
          theta,
          tf.tensor1d(initBatchStats(network)),
          images,
          true,
        )
        return { logits: logits.shape, stats: batchStats.shape }
      })
      expect(shape).toEqual({ logits: [2, 10], stats: [network.stats.size] })
      expect(tf.memory().numTensors).toBe(before)
    },
  )
})
