import { describe, expect, it } from 'vitest'
import { DEFAULT_CONFIG } from '../../../src/core/config/schema'
import { decodeSafetensors } from '../../../src/core/formats/safetensors'
import { cnnSmall } from '../../../src/core/models/cnnSmall'
import { initBatchStats, initTheta } from '../../../src/core/models/init'
import { methodSettings } from '../../../src/core/optim/methods'
import { nesterov } from '../../../src/core/optim/optimizers/nesterov'
import { createTrainState } from '../../../src/core/step/state'
import { makeTrainStep, unpackStepMetrics } from '../../../src/core/step/step'
import { onWebGpu } from '../../../src/engine/gpu.testing'
import * as tf from '../../../src/engine/tf'
import { goldenFile, type Tensors, tensorsOf } from '../../golden'
import smooth from '../../goldens/train_smooth_1rep.json'
import smoothUrl from '../../goldens/train_smooth_1rep.safetensors?url'
import variants from '../../goldens/variants.json'
import variantsUrl from '../../goldens/variants.safetensors?url'
import { trainSmooth, variantStep } from './trainSmooth'

onWebGpu()

describe('the training step on WebGPU', () => {
  it.each([
    { what: 'the reference', json: smooth, url: smoothUrl, kind: trainSmooth },
    { what: 'every variant of SAM', json: variants, url: variantsUrl, kind: variantStep },
  ])('stays within 2e-5 of $what after every step', async ({ json, url, kind }) => {
    const bytes = new Uint8Array(await (await fetch(url)).arrayBuffer())
    const tensors = decodeSafetensors(bytes).tensors as unknown as Tensors
    const golden = goldenFile.parse(json)
    for (const one of golden.cases) {
      const own = tensorsOf(one, golden.cases, tensors)
      const checks = await kind.replay(one, { tensors: own, read: () => Promise.reject() })
      expect(`${one.name} ${checks.passed} ${JSON.stringify(checks.worst)}`).toContain(' true ')
      expect(checks.worst!.tolerance).toBeCloseTo(2e-5, 10)
    }
  })

  it('lowers the loss of a net with batch norm and max pooling', async () => {
    const network = cnnSmall([8, 8, 1], 3, [4, 4], 6)
    const hyper = {
      ...methodSettings(DEFAULT_CONFIG),
      sam_rho: 0.05,
      weightDecay: 0.01,
      noWeightDecayOnBn: true,
      labelSmoothing: 0,
      gradientClipping: 5,
      optimizer: nesterov,
      emaDecay: 0,
      emaWarmupSteps: 0,
    }
    const pixels = Float32Array.from({ length: 4 * 64 }, (_, i) => Math.sin(i * i * 0.37))
    let state = createTrainState(network, hyper, initTheta(network, 5), initBatchStats(network))
    const batch = { images: tf.tensor4d(pixels, [4, 8, 8, 1]), labels: tf.eye(4, 3) as tf.Tensor2D }
    const losses: number[] = []
    const step = makeTrainStep(network, hyper)
    for (let i = 0; i < 8; i++) {
      const result = step(state, batch, { learningRate: 0.05 })
      state = result.state
      losses.push(unpackStepMetrics(await result.metrics.data()).loss)
    }
    step.dispose()
    expect(losses.every(Number.isFinite)).toBe(true)
    expect(losses[7]).toBeLessThan(losses[0])
  })
})
