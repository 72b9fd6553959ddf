/** On the device, recorded and replayed: a method at its neutral value is its plain relative, bit for bit. */
import { expect, it } from 'vitest'
import { onWebGpu } from '../../engine/gpu.testing'
import { type Changes, NEUTRAL, sharedOf, type Trained, trained } from './methods.testing'

onWebGpu()

const known = new Map<string, Promise<Trained>>()

/** Several have the same relative: it is trained once. */
function relativeOf(changes: Changes): Promise<Trained> {
  const key = JSON.stringify(changes)
  const run = known.get(key) ?? trained(changes)
  known.set(key, run)
  return run
}

it.each(NEUTRAL)('%s', async (_, neutral, relative) => {
  const run = await trained(neutral)
  expect(run.recordings).toBeGreaterThan(0)
  expect(run.left).toBe(0)
  expect(sharedOf(run)).toEqual(sharedOf(await relativeOf(relative)))
})
