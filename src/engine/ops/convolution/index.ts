import type { Op } from '../op'
import { cpu } from './cpu'
import { gradients } from './gradients'
import { wasm } from './wasm'
import { webgpu } from './webgpu'

export const convolution: Op = { gradients, backends: { webgpu, wasm, cpu } }
