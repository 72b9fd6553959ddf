import type { Op } from '../op'
import { webgpu } from './webgpu'

export const halves: Op = { backends: { webgpu } }
