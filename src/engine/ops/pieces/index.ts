import type { Op } from '../op'
import { gradients } from './pieces'
import { webgpu } from './webgpu'

export const pieces: Op = { gradients, backends: { webgpu } }
