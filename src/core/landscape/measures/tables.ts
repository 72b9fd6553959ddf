/** Findings as tables and as arrays, made from what a measure says that it yields. */
import { type CsvValue, encodeCsv } from '../../formats/csv'
import type { TensorInput } from '../../formats/tensorData'
import { type Finding, findingKey, type Measure, type Values } from './measure'

export interface Table {
  /** `line`, `line_numbers`: for the name of a file. */
  name: string
  columns: string[]
  rows(): Iterable<readonly CsvValue[]>
}

type Described = Pick<Measure, 'id' | 'runs' | 'yields'>

/** The columns that say of whom a line is. */
const WHO = { each: ['run'], pair: ['from', 'to'], all: [] } as const

/**
 * One table for the values over each set of axes, that with most axes first; a line for each place on them. Numbers that
 * stand alone are a table of their own.
 */
export function tablesOf({ id, runs, yields }: Described, findings: readonly Finding[]): Table[] {
  const names = Object.keys(yields)
  const isAxis = (name: string) => yields[name].length === 1 && yields[name][0] === name
  const sets = new Map(
    names.filter((name) => !isAxis(name)).map((name) => [yields[name].join(), yields[name]]),
  )
  const who = WHO[runs]
  return [...sets.values()]
    .sort((a, b) => b.length - a.length)
    .map((axes, k) => {
      const columns = names.filter((name) =>
        isAxis(name) ? axes.includes(name) : yields[name].join() === axes.join(),
      )
      function* rows() {
        for (const finding of findings) {
          const { values } = finding
          const known = columns.some((name) => values[name] !== undefined)
          const lengths = axes.map((axis) => lengthOf(values, axis))
          const count = known ? lengths.reduce((a, b) => a * b, 1) : 0
          for (let at = 0; at < count; at++) {
            const places = placesOf(at, axes, lengths)
            yield [
              ...who.map((_, i) => finding.runs[i]),
              ...columns.map((name) => pick(values[name], isAxis(name) ? places[name] : at)),
            ]
          }
        }
      }
      return {
        name: k === 0 ? id : `${id}_${axes.join('_') || 'numbers'}`,
        columns: [...who, ...columns],
        rows,
      }
    })
}

export const csvOf = ({ columns, rows }: Table): string => encodeCsv(columns, rows())

/** Every value as an array, `sgd/loss` by its run and its name; those that are not known are left out. */
export function arraysOf({ yields }: Pick<Described, 'yields'>, findings: readonly Finding[]) {
  const arrays = new Map<string, TensorInput>()
  for (const finding of findings) {
    for (const [name, axes] of Object.entries(yields)) {
      const value = finding.values[name]
      // Arrays of words are for tables.
      if (value === undefined || isWords(value)) continue
      const data = value instanceof Float64Array ? value : Float64Array.of(Number(value))
      const shape = axes.map((axis) => lengthOf(finding.values, axis))
      arrays.set(`${findingKey(finding)}/${name}`, { shape, data })
    }
  }
  return arrays
}

function lengthOf(values: Values, axis: string): number {
  const along = values[axis]
  return along instanceof Float64Array || isWords(along) ? along.length : 0
}

/** Where a row-major place lies along each axis. */
function placesOf(at: number, axes: readonly string[], lengths: readonly number[]): Record<string, number> {
  const places: Record<string, number> = {}
  for (let k = axes.length - 1; k >= 0; k--) {
    places[axes[k]] = at % lengths[k]
    at = Math.floor(at / lengths[k])
  }
  return places
}

const pick = (value: Values[string], at: number): CsvValue =>
  value instanceof Float64Array || isWords(value) ? value[at] : value

const isWords = (value: Values[string]): value is readonly string[] => Array.isArray(value)
