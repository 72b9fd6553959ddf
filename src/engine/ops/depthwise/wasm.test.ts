import { onWasm } from '../../wasm.testing'
import { depthwiseTests } from './depthwise.testing'

onWasm()
depthwiseTests()
