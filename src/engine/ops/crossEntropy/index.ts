import type { Op } from '../op'
import { webgpu } from './webgpu'

export const crossEntropy: Op = { backends: { webgpu } }
