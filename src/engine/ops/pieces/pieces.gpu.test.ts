import { onWebGpu } from '../../gpu.testing'
import { piecesTests } from './pieces.testing'

onWebGpu()
piecesTests()
