import { onWebGpu } from '../../gpu.testing'
import { matMulTests } from './matMul.testing'

onWebGpu()
matMulTests()
