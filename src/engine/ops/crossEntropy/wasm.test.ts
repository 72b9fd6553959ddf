import { onWasm } from '../../wasm.testing'
import { crossEntropyTests } from './crossEntropy.testing'

onWasm()
crossEntropyTests()
