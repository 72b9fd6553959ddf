import type { Op } from '../op'
import { gradients } from './batchNorm'
import { wasm } from './wasm'
import { webgpu } from './webgpu'

export const batchNorm: Op = { gradients, backends: { webgpu, wasm } }
