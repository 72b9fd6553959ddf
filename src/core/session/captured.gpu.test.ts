/** Replaying a recording gives the bits of running tfjs each time, whatever changes between two calls. */
import { afterAll, describe, expect, it } from 'vitest'
import { enableCapture } from '../../engine/capture/capture'
import { onWebGpu } from '../../engine/gpu.testing'
import { FAMILIES } from '../models/families.testing'
import {
  compareEvaluations,
  compareHessianProducts,
  compareSteps,
  compareSurfaces,
  HYPERS,
  SAME_BITS,
} from './captured.testing'

onWebGpu()
afterAll(() => enableCapture(true))

const SIMPLE = ['mlp', 'cnn_small']
const LONG = 300_000

describe.each(Object.entries(FAMILIES))('%s', (name, network) => {
  const isSimple = SIMPLE.includes(name)
  // Every kind of a step is recorded by the first and replayed by the sixth; all later ones are replays.
  const steps = isSimple ? 20 : 8
  it.each(isSimple ? Object.keys(HYPERS) : ['SGD', 'SAM'])(
    `${steps} steps of %s`,
    async (hyper) => {
      expect(await compareSteps(network, hyper, steps)).toEqual(SAME_BITS)
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
