/**
 * Set-up of every GPU test: a WebGPU error on any device fails the test it happened in. The error itself is only an
 * event; the values that follow from it are garbage that a loose tolerance may let pass.
 */
import { afterEach, expect } from 'vitest'

const devices: GPUDevice[] = []
const errors: string[] = []

const { requestDevice } = GPUAdapter.prototype
GPUAdapter.prototype.requestDevice = async function watched(descriptor) {
  const device = await requestDevice.call(this, descriptor)
  device.addEventListener('uncapturederror', ({ error, isTrusted }) => {
    // An event that a test makes itself is no error of the device.
    if (isTrusted) errors.push(error.message)
  })
  devices.push(device)
  return device
}

afterEach(async () => {
  for (const { queue } of devices) await queue.onSubmittedWorkDone().catch(() => {})
  expect(errors.splice(0)).toEqual([])
})
