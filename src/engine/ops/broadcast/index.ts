import type { Op } from '../op'
import { cpu } from './cpu'
import { wasm } from './wasm'
import { webgpu } from './webgpu'

export const broadcast: Op = { backends: { webgpu, wasm, cpu } }
