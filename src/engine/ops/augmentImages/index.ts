import type { Op } from '../op'
import { webgpu } from './webgpu'

export const augmentImages: Op = { backends: { webgpu } }
