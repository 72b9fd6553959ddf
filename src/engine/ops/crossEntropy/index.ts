import type { Op } from '../op'
import { wasm } from './wasm'
import { webgpu } from './webgpu'

export const crossEntropy: Op = { backends: { webgpu, wasm } }
