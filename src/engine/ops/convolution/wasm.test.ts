/** A convolution's three products in WebAssembly against double loops over the definition. */
import { expect, it } from 'vitest'
import { randomStream } from '../../../base/random'
import { onWasm } from '../../wasm.testing'
import { convCases, expectedProducts, relativeError, tfjsProducts } from '../shared/convolution.testing'

onWasm()

it('forward and both gradients at 200 shapes', async () => {
  for (const c of convCases(200, randomStream(21, 'init'))) {
    const [got, expected] = [await tfjsProducts(c), expectedProducts(c)]
    for (const product of ['y', 'dw', 'dx'] as const) {
      expect(relativeError(got[product], expected[product]), `${product}: ${c.name}`).toBeLessThan(2e-6)
    }
  }
})
