/** Every device that is opened from here on, and what each says of errors nobody asked for. Once for all files of a page. */
export const devices: GPUDevice[] = []
export const errors: string[] = []

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
