import { onWasm } from '../../wasm.testing'
import { piecesTests } from './pieces.testing'

onWasm()
piecesTests()
