/** Which build of the kernels runs here: relaxed SIMD (a fused multiply-add) where there is one, threads where memory can be shared. */
import { BasinError } from '../../base/errors'
import { Machine, type OpenThread, type Variant } from './machine'

/** Modules with one function of one instruction: f32x4.relaxed_madd; v128.not. */
const PROBES: Record<Variant, number[]> = {
  'relaxed SIMD': [32, 0, 32, 0, 32, 0, 0xfd, 0x85, 0x02],
  SIMD: [32, 0, 0xfd, 77],
}

function probe(instructions: readonly number[]): boolean {
  const body = [0, ...instructions, 11]
  const code = [10, body.length + 2, 1, body.length, ...body]
  const type = [1, 6, 1, 0x60, 1, 0x7b, 1, 0x7b]
  return WebAssembly.validate(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, ...type, 3, 2, 1, 0, ...code]))
}

/** The fastest build that the engine around us can run; undefined without SIMD. */
export function bestVariant(): Variant | undefined {
  if (typeof WebAssembly === 'undefined') return undefined
  return (['relaxed SIMD', 'SIMD'] as const).find((variant) => probe(PROBES[variant]))
}

/** Compiled by scripts/kernels.mjs out of assembly/; loaded when asked for. */
const BINARIES: Record<Variant, Record<'shared' | 'alone', () => Promise<{ default: string }>>> = {
  'relaxed SIMD': {
    shared: () => import('virtual:kernels/relaxed-shared'),
    alone: () => import('virtual:kernels/relaxed'),
  },
  SIMD: {
    shared: () => import('virtual:kernels/plain-shared'),
    alone: () => import('virtual:kernels/plain'),
  },
}

/** All that an address of 32 bits reaches, less where a browser gives less. */
const MOST_PAGES = [65536, 32768, 16384, 8192]
const FIRST_PAGES = 256

export interface MachineOptions {
  /** In all, the caller's own included. */
  threads: number
  /** Absent: one thread, whose memory need not be shared. */
  openThread?: OpenThread
  variant?: Variant
  /** Work that repays another thread's help; tests let threads help with everything. */
  worth?: number
}

/** @throws BasinError `device` where there is no WebAssembly SIMD */
export async function openMachine({ threads, openThread, variant, worth }: MachineOptions): Promise<Machine> {
  const best = variant ?? bestVariant()
  if (!best) {
    throw new BasinError(
      'device',
      'wasm: WebAssembly with SIMD is needed, got none',
      'Update the browser, or choose another device.',
    )
  }
  const shared = threads > 1 && openThread !== undefined
  const { default: base64 } = await BINARIES[best][shared ? 'shared' : 'alone']()
  const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))
  const module = await WebAssembly.compile(bytes)
  const { memory, pages } = openMemory(shared)
  return new Machine(
    best,
    module,
    memory,
    pages * 65536,
    shared ? threads : 1,
    shared ? openThread : undefined,
    worth,
  )
}

function openMemory(shared: boolean): { memory: WebAssembly.Memory; pages: number } {
  let failure: unknown
  for (const pages of MOST_PAGES) {
    try {
      const memory = new WebAssembly.Memory({ initial: FIRST_PAGES, maximum: pages, shared })
      return { memory, pages }
    } catch (error) {
      failure = error
    }
  }
  throw new BasinError(
    'device',
    `wasm: no memory could be had (${failure instanceof Error ? failure.message : failure})`,
    'Close other pages, or choose another device.',
  )
}
