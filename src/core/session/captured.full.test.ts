/** As captured.gpu.test.ts, with networks of the papers as they are: minutes, in Node (`npm run test:full`). */
import '@tensorflow/tfjs-backend-webgpu'
import { beforeAll, describe, expect, it } from 'vitest'
import { initBackend } from '../../engine/backend'
import type { ModelName } from '../config/models'
import { DEFAULT_CONFIG } from '../config/schema'
import { createNetwork } from '../models/registry'
import {
  compareEvaluations,
  compareHessianProducts,
  compareSteps,
  compareSurfaces,
  SAME_BITS,
} from './captured.testing'

beforeAll(async () => {
  await initBackend('webgpu')
})

const NAMES: ModelName[] = [
  'WideResnet_mini',
  'WideResnet16x4',
  'WideResnet_ShakeShake_mini',
  'Pyramid_ShakeDrop_mini',
  'Resnet50',
  'efficientnet-b0',
]
const STEPS = 20
const BATCH = 2
/** Two images teach a deep network little, and a large step throws it off. */
const SMALL = { batchSize: BATCH, learningRate: 0.001 }
const IMAGE = { height: 32, width: 32, channels: 1 }

describe.each(NAMES)('%s', (name) => {
  const config = { ...DEFAULT_CONFIG, model_name: name, check_resolution: false }
  const network = createNetwork(config, IMAGE, 10)

  it.each(['SGD', 'SAM'])(`${STEPS} steps of %s`, async (hyper) => {
    expect(await compareSteps(network, hyper, STEPS, SMALL)).toEqual(SAME_BITS)
  })

  it('evaluations', async () => expect(await compareEvaluations(network, BATCH)).toEqual(SAME_BITS))

  it('points of a surface', async () => expect(await compareSurfaces(network)).toEqual(SAME_BITS))

  it('products with the Hessian', async () => {
    expect(await compareHessianProducts(network, BATCH)).toEqual(SAME_BITS)
  })
})
