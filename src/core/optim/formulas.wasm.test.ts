/** In WebAssembly. */
import { runFlatProgram } from '../../engine/ops/flat/wasm'
import { onWasm } from '../../engine/wasm.testing'
import { formulaTests } from './formulas.testing'

onWasm()
formulaTests(() => runFlatProgram)
