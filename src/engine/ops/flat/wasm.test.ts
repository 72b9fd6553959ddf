/** The two forms of flat programs in WebAssembly: step by step, and by tfjs ops. */
import { onWasm } from '../../wasm.testing'
import { flatTests } from './flat.testing'
import { runFlatProgram } from './wasm'

onWasm()
flatTests(() => runFlatProgram)
