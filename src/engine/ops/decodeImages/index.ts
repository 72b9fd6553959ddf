import type { Op } from '../op'
import { wasm } from './wasm'
import { webgpu } from './webgpu'

export const decodeImages: Op = { backends: { webgpu, wasm } }
