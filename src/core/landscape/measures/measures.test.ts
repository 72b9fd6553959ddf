import { describe, expect, it } from 'vitest'
import { FIELD_NAMES } from '../../config/schema'
import { decodeNpz, encodeNpz } from '../../formats/npz'
import { MEASURES, type MeasureId } from './index'
import { DEFAULT_MEASURE_SETTINGS, MEASURE_INFOS, SETTINGS } from './info'
import type { Finding, Measure } from './measure'
import { checkedSettings, chosenRuns, requestOf } from './request'
import { arraysOf, csvOf, tablesOf } from './tables'

const ALL: readonly Measure[] = MEASURES
const infoOf = (id: MeasureId) => MEASURE_INFOS.find((info) => info.id === id)!

describe('the list', () => {
  it('names each once, and every axis has values', () => {
    expect(new Set(ALL.map(({ id }) => id)).size).toBe(ALL.length)
    for (const { yields } of ALL) {
      for (const axis of Object.values(yields).flat()) expect(yields[axis]).toEqual([axis])
    }
  })

  it('has one setting under one name, and none that a run has too', () => {
    for (const { name } of SETTINGS) {
      const takers = ALL.filter(({ settings }) => name in settings).map(({ settings }) => settings[name])
      expect(new Set(takers).size, name).toBe(1)
      expect(FIELD_NAMES, name).not.toContain(name)
    }
  })

  it('can be told to the page, in the order of the form', () => {
    expect(structuredClone({ MEASURE_INFOS, SETTINGS })).toEqual({ MEASURE_INFOS, SETTINGS })
    expect(SETTINGS.map(({ name }) => name).slice(0, 4)).toEqual([
      'range',
      'points_1d',
      'points_2d',
      'num_images',
    ])
    expect(SETTINGS[0]).toMatchObject({ kind: 'number', min: 0.01, max: 10, default: 1, step: 0.25 })
  })

  it.each(MEASURE_INFOS)('$id takes its defaults, and no setting that is not its own', (info) => {
    const measure = ALL.find(({ id }) => id === info.id)!
    const { settings } = requestOf(info, DEFAULT_MEASURE_SETTINGS)
    expect(checkedSettings(measure, settings)).toEqual(settings)
    expect(() => checkedSettings(measure, { ...settings, num_epochs: 3 })).toThrow(/num_epochs/)
    const [name] = info.settings
    expect(() => checkedSettings(measure, { ...settings, [name]: {} })).toThrow(
      new RegExp(`^${info.id}: ${name}: `),
    )
  })
})

describe('the runs that are looked at', () => {
  const each = { id: 'line', runs: 'each' } as const
  const pair = { id: 'way', runs: 'pair' } as const
  const together = { id: 'plane', runs: 'all' } as const
  const three = ['sgd', 'sam', 'sam2']

  it('are all of them, of a pair the first and the last, or those that are named', () => {
    expect(chosenRuns(each, three)).toEqual(three)
    expect(chosenRuns(together, three)).toEqual(three)
    expect(chosenRuns(pair, three)).toEqual(['sgd', 'sam2'])
    expect(chosenRuns(pair, three, ['sam2', 'sam'])).toEqual(['sam2', 'sam'])
    expect(chosenRuns(each, three, ['sam', 'sam'])).toEqual(['sam'])
  })

  it('are refused in words', () => {
    expect(() => chosenRuns(pair, ['sgd'])).toThrow('way: needs two runs, got one')
    expect(() => chosenRuns(pair, three, ['sam', 'sam'])).toThrow('way: needs two runs, got one')
    expect(() => chosenRuns(pair, three, three)).toThrow('way: needs two runs, got 3')
    expect(() => chosenRuns(each, three, ['adam'])).toThrow('line: runs among sgd, sam, sam2, got adam')
    expect(() => chosenRuns(each, [])).toThrow('line: needs a run, got none')
  })
})

describe('tables', () => {
  const surface: Finding = {
    runs: ['sam'],
    values: {
      x: Float64Array.of(-1, 0, 1),
      y: Float64Array.of(5, 6),
      loss: Float64Array.of(1, 2, 3, 4, 5, Number.NaN),
      error: Float64Array.of(0, 0.1, 0.2, 0.3, 0.4, 0.5),
    },
  }
  const line: Finding = {
    runs: ['sgd'],
    values: { a: Float64Array.of(0), loss: Float64Array.of(2), error: Float64Array.of(0.5) },
  }

  it('have a line for each place on the axes, and nothing where nothing is known', () => {
    const tables = tablesOf(infoOf('surface'), [surface])
    expect(tables.map(({ name }) => name)).toEqual([
      'surface',
      'surface_direction',
      'surface_mark',
      'surface_numbers',
    ])
    expect(csvOf(tables[0])).toBe(
      'run,x,y,loss,error\n' +
        'sam,-1,5,1,0\nsam,0,5,2,0.1\nsam,1,5,3,0.2\nsam,-1,6,4,0.3\nsam,0,6,5,0.4\nsam,1,6,,0.5\n',
    )
  })

  it('have numbers that stand alone apart, once they are there', () => {
    const done = {
      ...line,
      values: { ...line.values, level: 2.5, left: -1, right: 0.5, width: 1.5, clipped: true },
    }
    const [main, , , numbers] = tablesOf(infoOf('line'), [line, { ...done, runs: ['sam'] }])
    expect(csvOf(main)).toBe('run,a,loss,error\nsgd,0,2,0.5\nsam,0,2,0.5\n')
    expect(numbers.name).toBe('line_numbers')
    expect(csvOf(numbers)).toBe('run,cosine,level,left,right,width,clipped\nsam,,2.5,-1,0.5,1.5,true\n')
  })

  it('say of a pair from where to where', () => {
    const way = {
      runs: ['sgd', 'sam'],
      values: { t: Float64Array.of(0), loss: Float64Array.of(2), error: Float64Array.of(0) },
    }
    expect(csvOf(tablesOf(infoOf('interpolation'), [way])[0])).toBe('from,to,t,loss,error\nsgd,sam,0,2,0\n')
  })

  it('are arrays too, which a file of NumPy holds', () => {
    const arrays = decodeNpz(encodeNpz(arraysOf(infoOf('surface'), [surface])))
    expect([...arrays.keys()]).toEqual(['sam/x', 'sam/y', 'sam/loss', 'sam/error'])
    expect(arrays.get('sam/loss')).toMatchObject({ shape: [2, 3], data: surface.values.loss })
    const width = decodeNpz(
      encodeNpz(arraysOf(infoOf('line'), [{ ...line, values: { ...line.values, width: 2 } }])),
    )
    expect(width.get('sgd/width')).toMatchObject({ shape: [], data: Float64Array.of(2) })
    expect(width.has('sgd/level')).toBe(false)
  })
})
