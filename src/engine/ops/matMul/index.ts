import type { Op } from '../op'
import { cpu } from './cpu'
import { webgpu } from './webgpu'

export const matMul: Op = { backends: { webgpu, cpu } }
