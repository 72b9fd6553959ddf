import { onWebGpu } from '../../gpu.testing'
import { denseTests } from './dense.testing'

onWebGpu()
denseTests()
