import type { Op } from '../op'
import { cpu } from './cpu'
import { wasm } from './wasm'
import { webgpu } from './webgpu'

export const matMul: Op = { backends: { webgpu, wasm, cpu } }
