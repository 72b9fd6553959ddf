import { onWebGpu } from '../../gpu.testing'
import { poolingTests } from './pooling.testing'

onWebGpu()
poolingTests()
