import type { Op } from '../op'
import { cpu } from './cpu'
import { webgpu } from './webgpu'

export const broadcast: Op = { backends: { webgpu, cpu } }
