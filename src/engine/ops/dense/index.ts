import type { Op } from '../op'
import { gradients } from './dense'
import { webgpu } from './webgpu'

export const dense: Op = { gradients, backends: { webgpu } }
