import type { Op } from '../op'
import { webgpu } from './webgpu'

export const decodeImages: Op = { backends: { webgpu } }
