import { onWasm } from '../../wasm.testing'
import { decodeImagesTests } from './decodeImages.testing'

onWasm()
decodeImagesTests()
