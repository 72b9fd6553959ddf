/** Replaying a list of commands gives the bits of calling the kernels one by one, whatever changes between two calls. */
import { describe, expect, it } from 'vitest'
import { onWasm } from '../../engine/wasm.testing'
import { FAMILIES } from '../models/families.testing'
import {
  compareEvaluations,
  compareHessianProducts,
  compareSteps,
  compareSurfaces,
  HYPERS,
  SAME_BITS,
} from './captured.testing'

const STEPS = 5

describe('on two threads', () => {
  onWasm(2)

  describe.each(Object.entries(FAMILIES))('%s', (_, network) => {
    it.each(Object.keys(HYPERS))(`${STEPS} steps of %s`, async (hyper) => {
      expect(await compareSteps(network, hyper, STEPS)).toEqual(SAME_BITS)
    })
    it('evaluations', async () => expect(await compareEvaluations(network)).toEqual(SAME_BITS))
    it('points of a surface', async () => expect(await compareSurfaces(network)).toEqual(SAME_BITS))
    it('products with the Hessian', async () => {
      expect(await compareHessianProducts(network)).toEqual(SAME_BITS)
    })
  })
})
