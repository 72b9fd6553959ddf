/**
 * What a device offers to a run. WebGPU tells how large one buffer may be, and nothing of how much memory there is;
 * so the budget is a guess wherever the platform does not say.
 */

export interface DeviceMemory {
  /** Bytes of the largest tensor that is bound whole. */
  largestTensor: number
  /** Bytes of the largest buffer: of a flat vector, whose kernels bind ranges of it. */
  largestBuffer: number
  /** Bytes that a run may take. */
  budget: number
  /** measured: the platform said how much is free; assumed: from the device's class. */
  source: 'measured' | 'assumed'
}

const GIB = 2 ** 30

/** A page is not told more; half of the memory of an ordinary machine. */
const ASSUMED_HOST = 4 * GIB
/** JavaScript's longest array of floats, within its largest buffer. */
const LARGEST_HOST_TENSOR = 8 * GIB

/** For programs on the CPU: half of what the browser tells of the machine (at most 8 GiB), or a guess. */
export function hostMemory(): DeviceMemory {
  const told = (globalThis.navigator as { deviceMemory?: number } | undefined)?.deviceMemory
  const budget = told === undefined ? ASSUMED_HOST : (told * GIB) / 2
  return { largestTensor: LARGEST_HOST_TENSOR, largestBuffer: LARGEST_HOST_TENSOR, budget, source: 'assumed' }
}

/** Of WebAssembly: what an address of 32 bits reaches, less where the machine has less. */
export function wasmMemory(): DeviceMemory {
  const { budget, source } = hostMemory()
  const most = 4 * GIB
  return { largestTensor: most, largestBuffer: most, budget: Math.min(budget, most), source }
}

/**
 * @param limits as requested from the adapter, at their maximum
 * @param isFallback a CPU implementation, whose memory is the machine's
 */
export function gpuMemory(
  limits: Pick<GPUSupportedLimits, 'maxBufferSize' | 'maxStorageBufferBindingSize'>,
  isFallback: boolean,
): DeviceMemory {
  const largestTensor = Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize)
  const largestBuffer = limits.maxBufferSize
  if (isFallback) return { ...hostMemory(), largestTensor, largestBuffer }
  // Drivers allow one buffer of a quarter to all of the memory; browsers cap it at 4 GiB.
  const budget = Math.min(Math.max(2 * limits.maxBufferSize, GIB), 8 * GIB)
  return { largestTensor, largestBuffer, budget, source: 'assumed' }
}
