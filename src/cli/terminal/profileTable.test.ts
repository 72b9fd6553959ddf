import { expect, it } from 'vitest'
import { profileTable } from './profileTable'

it('aligns the columns, adds the sum, and says how far from the peak each kernel is', () => {
  const rows = [
    { kernel: 'conv', count: 12, ms: 30, share: 0.75, gflops: 25 },
    { kernel: 'add', count: 2, ms: 10, share: 0.25 },
  ]
  const text = profileTable({ timed: true, dispatches: 14, deviceMs: 40, wallMs: 50, rows }, 100)
  expect(text.split('\n')).toEqual([
    'kernel  dispatches     ms   share  GFLOP/s  of peak',
    'conv            12  30.00  75.0 %     25.0     25 %',
    'add              2  10.00  25.0 %',
    'all             14  40.00',
  ])
})

it('says that times are missing where there is no timestamp-query', () => {
  const text = profileTable(
    { timed: false, dispatches: 1, wallMs: 5, rows: [{ kernel: 'conv', count: 1 }] },
    100,
  )
  expect(text).toMatch(/^conv +1 +–/m)
  expect(text).toContain('no timestamp-query')
})
