/**
 * What the device can bind, checked before a kernel is compiled or queued. WebGPU itself reports a violation later,
 * on the side, and goes on with garbage.
 */
import { BasinError } from '../../base/errors'

const MIB = 2 ** 20

const mebibytes = (bytes: number) => `${(bytes / MIB).toFixed(bytes < 10 * MIB ? 2 : 0)} MiB`

/**
 * @param what is to be kept
 * @throws BasinError `device` naming the limit of a buffer, which is larger than that of a binding on some devices
 */
export function checkBufferSize(
  what: string,
  bytes: number,
  { maxBufferSize }: Pick<GPUSupportedLimits, 'maxBufferSize'>,
): void {
  if (bytes <= maxBufferSize) return
  throw new BasinError(
    'device',
    `GPU: ${what} may have at most ${mebibytes(maxBufferSize)}, got ${mebibytes(bytes)}`,
    TOO_LARGE,
  )
}

/**
 * @param name of the kernel
 * @param shapes of the tensors that it binds, four bytes a value
 * @throws BasinError `device` naming the limit
 */
export function checkLimits(
  name: string,
  shapes: readonly (readonly number[])[],
  limits: Pick<
    GPUSupportedLimits,
    'maxStorageBuffersPerShaderStage' | 'maxStorageBufferBindingSize' | 'maxBufferSize'
  >,
): void {
  if (shapes.length > limits.maxStorageBuffersPerShaderStage) {
    throw new BasinError(
      'device',
      `GPU: ${name} may bind ${limits.maxStorageBuffersPerShaderStage} buffers, got ${shapes.length}`,
      'Another graphics device or driver may allow more.',
    )
  }
  const limit = Math.min(limits.maxStorageBufferBindingSize, limits.maxBufferSize)
  for (const shape of shapes) {
    const bytes = 4 * shape.reduce((a, b) => a * b, 1)
    if (bytes <= limit) continue
    throw new BasinError(
      'device',
      `GPU: ${name} may bind at most ${mebibytes(limit)} a tensor, got [${shape.join(', ')}] with ${mebibytes(bytes)}`,
      TOO_LARGE,
    )
  }
}

const TOO_LARGE =
  'Choose a smaller batch, smaller images or a smaller network, or train on a device with more memory.'
