import { expect, it } from 'vitest'
import { aggregate } from './aggregate'

it('sums by kernel, the dearest first, shares of the whole', () => {
  const profile = aggregate(
    [
      { kernel: 'add', ms: 1 },
      { kernel: 'conv', ms: 2, flops: 4e6 },
      { kernel: 'add', ms: 1 },
      { kernel: 'conv', ms: 4, flops: 2e6 },
    ],
    true,
    9,
  )
  expect(profile).toMatchObject({ timed: true, dispatches: 4, deviceMs: 8, wallMs: 9 })
  expect(profile.rows).toEqual([
    // 6 MFLOP in 6 ms.
    { kernel: 'conv', count: 2, ms: 6, share: 0.75, gflops: 1 },
    { kernel: 'add', count: 2, ms: 2, share: 0.25, gflops: undefined },
  ])
})

it('rates only the dispatches whose work is known', () => {
  const { rows } = aggregate(
    [
      { kernel: 'conv', ms: 1, flops: 3e6 },
      { kernel: 'conv', ms: 5 },
    ],
    true,
    6,
  )
  expect(rows).toEqual([{ kernel: 'conv', count: 2, ms: 6, share: 1, gflops: 3 }])
})

it('without timestamps counts, most frequent first, and claims no time', () => {
  const profile = aggregate([{ kernel: 'a' }, { kernel: 'b', flops: 1 }, { kernel: 'b', flops: 1 }], false, 5)
  expect(profile.deviceMs).toBeUndefined()
  expect(profile.rows).toEqual([
    { kernel: 'b', count: 2 },
    { kernel: 'a', count: 1 },
  ])
})

it('times below the clock’s resolution give no rate and no share', () => {
  const { rows } = aggregate([{ kernel: 'tiny', ms: 0, flops: 10 }], true, 1)
  expect(rows).toEqual([{ kernel: 'tiny', count: 1, ms: 0, share: 0, gflops: undefined }])
})
