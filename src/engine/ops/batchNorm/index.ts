import type { Op } from '../op'
import { gradients } from './batchNorm'
import { webgpu } from './webgpu'

export const batchNorm: Op = { gradients, backends: { webgpu } }
