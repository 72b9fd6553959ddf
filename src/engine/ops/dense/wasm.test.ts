import { onWasm } from '../../wasm.testing'
import { denseTests } from './dense.testing'

onWasm()
denseTests()
