import { onWebGpu } from '../../gpu.testing'
import { decodeImagesTests } from './decodeImages.testing'

onWebGpu()
decodeImagesTests()
