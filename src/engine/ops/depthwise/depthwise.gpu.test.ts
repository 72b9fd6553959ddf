import { onWebGpu } from '../../gpu.testing'
import { depthwiseTests } from './depthwise.testing'

onWebGpu()
depthwiseTests()
