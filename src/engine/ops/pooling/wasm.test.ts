import { onWasm } from '../../wasm.testing'
import { poolingTests } from './pooling.testing'

onWasm()
poolingTests()
