/** Replaying a recording gives the bits of running tfjs each time, whatever changes between two calls. */
import '@tensorflow/tfjs-backend-webgpu'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { initBackend } from '../../engine/backend'
import { enableCapture } from '../../engine/capture/capture'
import { FAMILIES } from '../models/families.testing'
import {
  compareEvaluations,
  compareHessianProducts,
  compareSteps,
  compareSurfaces,
  HYPERS,
  SAME_BITS,
} from './captured.testing'

beforeAll(async () => {
  await initBackend('webgpu')
})
afterAll(() => enableCapture(true))

const STEPS = 20
const SIMPLE = ['mlp', 'cnn_small']
const LONG = 300_000

describe.each(Object.entries(FAMILIES))('%s', (name, network) => {
  const hypers = SIMPLE.includes(name) ? Object.keys(HYPERS) : ['SGD', 'SAM']
  it.each(hypers)(
    `${STEPS} steps of %s`,
    async (hyper) => {
      expect(await compareSteps(network, hyper, STEPS)).toEqual(SAME_BITS)
    },
    LONG,
  )

  it('evaluations', async () => expect(await compareEvaluations(network)).toEqual(SAME_BITS), LONG)

  it('points of a surface', async () => expect(await compareSurfaces(network)).toEqual(SAME_BITS), LONG)

  it(
    'products with the Hessian',
    async () => {
      expect(await compareHessianProducts(network)).toEqual(SAME_BITS)
    },
    LONG,
  )
})
