/** An error that the GPU reports in the training worker reaches the page's console, where every journey looks for it. */
import { address, button, expect, expectState, SMALL_RUN, test } from './lab'

/** A buffer whose uses contradict each other: refused by validation, on the side, and told with the next answer. */
const FAULT = `
const { requestDevice } = GPUAdapter.prototype
GPUAdapter.prototype.requestDevice = async function (descriptor) {
  const device = await requestDevice.call(this, descriptor)
  setTimeout(() => {
    device.createBuffer({ size: 16, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.STORAGE })
    void device.queue.onSubmittedWorkDone()
  }, 500)
  return device
}
`

test.use({ expectedErrors: [/^GPU: /], newBrowser: true })

test('a validation error in the worker is told', async ({ page }) => {
  await page.route(/lab\.worker[^/]*\.js/, async (route) => {
    const response = await route.fetch()
    await route.fulfill({ response, body: FAULT + (await response.text()) })
  })
  const told: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') told.push(message.text())
  })
  await page.goto(address({ ...SMALL_RUN, device: 'webgpu' }))
  await expectState(page, 'idle')
  await expect(button(page, 'Train')).toBeEnabled()
  await expect.poll(() => told).toEqual([expect.stringMatching(/^GPU: .*usage/i)])
})
