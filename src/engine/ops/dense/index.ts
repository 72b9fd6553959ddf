import type { Op } from '../op'
import { gradients } from './dense'
import { wasm } from './wasm'
import { webgpu } from './webgpu'

export const dense: Op = { gradients, backends: { webgpu, wasm } }
