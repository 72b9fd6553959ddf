/**
 * Set-up of every GPU test: a WebGPU error on any device fails the test it happened in. The error itself is only an
 * event; the values that follow from it are garbage that a loose tolerance may let pass.
 */
import { afterEach, expect } from 'vitest'
import { devices, errors } from './watchedDevices.testing'

afterEach(async () => {
  for (const { queue } of devices) await queue.onSubmittedWorkDone().catch(() => {})
  expect(errors.splice(0)).toEqual([])
})
