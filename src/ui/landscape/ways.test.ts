import { expect, it } from 'vitest'
import type { ValuesOf } from '../../worker/protocol'
import type { ShownRun } from '../runs/shownRuns'
import { behind, drawnWays, grownWays, isGrowing, lastStep, squareAround, stopsOf } from './ways'

const runs = ['sgd', 'sam', 'other'].map((key) => ({ key, label: key }) as ShownRun)
const numbers = (...values: number[]) => Float64Array.from(values)
const values = {
  point_run: ['sgd', 'sgd', 'sam', 'sam', 'sam'],
  point_step: numbers(0, 10, 0, 5, 20),
  point_x: numbers(0, 1, 0, -1, -2),
  point_y: numbers(0, 1, 0, 2, 3),
  point_outside: numbers(0, 0.1, 0, 0.2, 0.3),
  point_loss: numbers(2, 1, 2, 1.5, 0.5),
  point_error: numbers(0.9, 0.5, 0.9, 0.6, 0.2),
} as Partial<ValuesOf<'trajectory'>> as ValuesOf<'trajectory'>

it('ways are the runs’ own, walked as far as the slider says', () => {
  const ways = drawnWays(runs, values)
  expect(ways.map(({ run, stops }) => [run.key, stops.length])).toEqual([
    ['sgd', 2],
    ['sam', 3],
  ])
  expect(stopsOf(ways)).toEqual([0, 5, 10, 20])
  expect(lastStep(ways)).toBe(20)
  expect(ways.map((way) => behind(way, 7).at(-1)?.step)).toEqual([0, 5])
  expect(ways.map((way) => behind(way, 20).at(-1)?.loss)).toEqual([1, 0.5])
  expect(behind(ways[0], -1)).toHaveLength(1)
})

it('ways that grow are shown while they are newer than what was measured', () => {
  const at = (run: string, step: number, x: number, y: number) => ({ run, step, x, y, outside: 0 })
  const ways = {
    points: [at('sgd', 0, 0, 0), at('sgd', 20, 4, 1), at('sam', 0, 0, 0)],
    share: [0.9, 0.1] as [number, number],
  }
  const drawn = grownWays(runs, ways)
  expect(drawn.map(({ run, stops }) => [run.key, stops.length])).toEqual([
    ['sgd', 2],
    ['sam', 1],
  ])
  expect(squareAround(drawn).map((ends) => ends.map((end) => +end.toFixed(9)))).toEqual([
    [-0.4, 4.4],
    [-1.9, 2.9],
  ])
  expect(isGrowing({ state: 'training' }, values)).toBe(false)
  expect(isGrowing({ state: 'training', ways }, values)).toBe(true)
  expect(isGrowing({ state: 'paused', ways })).toBe(true)
  // Both stand at step 20.
  expect(isGrowing({ state: 'paused', ways }, values)).toBe(false)
})
