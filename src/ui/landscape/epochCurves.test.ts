import { expect, it } from 'vitest'
import { thinned } from '../../base/thinned'
import { DEFAULT_CONFIG } from '../../core/config/schema'
import { shownRuns } from '../runs/shownRuns'
import { epochCsv, epochCurves } from './epochCurves'

const runs = shownRuns({ config: DEFAULT_CONFIG })
const a = Float64Array.of(-1, 0, 1)
const lines = (count: number) =>
  Array.from({ length: count }, (_, i) => ({
    epoch: i + 1,
    loss: Float64Array.of(9 - i / 10, 1 / (i + 1), 8),
  }))

it('the newest of each run is strong and has its look; older ones are fainter the older, and no reading names them', () => {
  const { older, newest } = epochCurves(runs, { sgd: lines(4), sam: lines(3) }, a)
  expect(newest.map(({ key, epoch, line }) => [key, epoch, line.raw])).toEqual([
    ['sgd', 4, undefined],
    ['sam', 3, undefined],
  ])
  expect(older.map(({ key }) => key)).toEqual(['sgd@1', 'sgd@2', 'sgd@3', 'sam@1', 'sam@2'])
  const [first, second, third] = older.map(({ line }) => line.opacity!)
  expect(first).toBeLessThan(second)
  expect(second).toBeLessThan(third)
  expect(older.every(({ line }) => line.raw && line.opacity! < 1)).toBe(true)
})

it('many epochs are drawn in part, the first and the last among them', () => {
  const { older } = epochCurves(runs, { sgd: lines(200), sam: lines(200) }, a)
  const ofSgd = older.filter(({ run }) => run.key === 'sgd').map(({ epoch }) => epoch)
  expect(ofSgd).toHaveLength(8)
  expect([ofSgd[0], ofSgd.at(-1)]).toEqual([1, 199])
  expect(thinned([1, 2, 3], 1)).toEqual([3])
})

it('a run without a line is not there; a file has all of them', () => {
  const { newest } = epochCurves(runs, { sam: lines(1) }, a)
  expect(newest.map(({ key }) => key)).toEqual(['sam'])
  expect(
    epochCsv(runs, { sam: lines(2) }, a)
      .trim()
      .split('\n'),
  ).toHaveLength(7)
})
