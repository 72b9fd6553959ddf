import { onWasm } from '../../wasm.testing'
import { matMulTests } from './matMul.testing'

onWasm()
matMulTests()
