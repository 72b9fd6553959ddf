import type { Op } from '../op'
import { gradients } from './pieces'
import { wasm } from './wasm'
import { webgpu } from './webgpu'

export const pieces: Op = { gradients, backends: { webgpu, wasm } }
