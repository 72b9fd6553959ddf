/** Counts what reaches the GPU, whoever sends it. */

/** @returns dispatches while `work` ran; undefined without WebGPU */
export async function countDispatches(work: () => Promise<unknown>): Promise<number | undefined> {
  const encoder = (globalThis as { GPUComputePassEncoder?: { prototype: GPUComputePassEncoder } })
    .GPUComputePassEncoder?.prototype
  if (!encoder) {
    await work()
    return undefined
  }
  let count = 0
  const { dispatchWorkgroups, dispatchWorkgroupsIndirect } = encoder
  encoder.dispatchWorkgroups = function (...args) {
    count++
    return dispatchWorkgroups.apply(this, args)
  }
  encoder.dispatchWorkgroupsIndirect = function (...args) {
    count++
    return dispatchWorkgroupsIndirect.apply(this, args)
  }
  try {
    await work()
  } finally {
    Object.assign(encoder, { dispatchWorkgroups, dispatchWorkgroupsIndirect })
  }
  return count
}

/** Puts Dawn's WebGPU where a browser has it; nothing to do in one. */
export async function provideGpu(): Promise<void> {
  if (typeof process === 'undefined' || !process.versions?.node) return
  const { provideWebGpu } = await import('../../src/platform/node/webGpu')
  const missing = await provideWebGpu()
  if (missing) throw new Error(missing)
  // jax-js asks for the browser's name.
  if (!navigator.userAgent)
    Object.defineProperty(navigator, 'userAgent', { value: 'Node', configurable: true })
}

/** An adapter with its largest limits and the features that Basin also asks for. */
export async function requestDevice(): Promise<{ device: GPUDevice; info: GPUAdapterInfo; name: string }> {
  await provideGpu()
  const adapter = await navigator.gpu?.requestAdapter({ powerPreference: 'high-performance' })
  if (!adapter) throw new Error('no WebGPU adapter')
  const { limits, info } = adapter
  const device = await adapter.requestDevice({
    requiredFeatures: (['timestamp-query', 'subgroups'] as GPUFeatureName[]).filter((feature) =>
      adapter.features.has(feature),
    ),
    requiredLimits: {
      maxBufferSize: limits.maxBufferSize,
      maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
      maxStorageBuffersPerShaderStage: limits.maxStorageBuffersPerShaderStage,
      maxComputeWorkgroupsPerDimension: limits.maxComputeWorkgroupsPerDimension,
      maxComputeWorkgroupSizeX: limits.maxComputeWorkgroupSizeX,
      maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
      maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
    },
  })
  return { device, info, name: info.description || info.device || info.architecture || info.vendor }
}

export interface BufferUse {
  bytes: number
  peakBytes: number
  buffers: number
}

/** Counts buffers from now on; those that are only forgotten, not destroyed, count as held. */
export function watchBuffers(): () => BufferUse {
  const use: BufferUse = { bytes: 0, peakBytes: 0, buffers: 0 }
  const device = (globalThis as { GPUDevice?: { prototype: GPUDevice } }).GPUDevice?.prototype
  if (!device) return () => use
  const { createBuffer } = device
  device.createBuffer = function (descriptor) {
    const buffer = createBuffer.call(this, descriptor)
    use.bytes += descriptor.size
    use.buffers++
    use.peakBytes = Math.max(use.peakBytes, use.bytes)
    let held = true
    const destroy = buffer.destroy
    buffer.destroy = () => {
      if (held) {
        use.bytes -= descriptor.size
        use.buffers--
      }
      held = false
      return destroy.call(buffer)
    }
    return buffer
  }
  return () => ({ ...use })
}
