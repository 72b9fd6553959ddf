/** The platform's GPU with all that it allows us. */
import { isCpuAdapter } from './adapter'

/**
 * @param onlyGpu a program on the CPU that behaves like one does not count
 * @returns undefined where there is no WebGPU or no adapter
 */
export async function openGpu(
  onlyGpu = false,
): Promise<{ device: GPUDevice; info: GPUAdapterInfo } | undefined> {
  const adapter = await globalThis.navigator?.gpu?.requestAdapter({ powerPreference: 'high-performance' })
  if (!adapter || (onlyGpu && isCpuAdapter(adapter.info))) return undefined
  const device = await adapter.requestDevice({
    requiredLimits: maximumLimits(adapter),
    requiredFeatures: optionalFeatures(adapter),
  })
  return { device, info: adapter.info }
}

/** The default limits (128 MiB a binding) are too small for the flat vectors of large networks. */
function maximumLimits(adapter: GPUAdapter): Record<string, number> {
  const { limits } = adapter
  return {
    maxBufferSize: limits.maxBufferSize,
    maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
    maxStorageBuffersPerShaderStage: limits.maxStorageBuffersPerShaderStage,
    maxComputeWorkgroupsPerDimension: limits.maxComputeWorkgroupsPerDimension,
    maxComputeWorkgroupSizeX: limits.maxComputeWorkgroupSizeX,
    maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
    maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
  }
}

function optionalFeatures(adapter: GPUAdapter): GPUFeatureName[] {
  const wanted: GPUFeatureName[] = ['timestamp-query', 'bgra8unorm-storage', 'subgroups', 'shader-f16']
  return wanted.filter((feature) => adapter.features.has(feature))
}
