import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BasinError } from '../../base/errors'
import { encodeFileHeader, encodeScalar } from '../formats/tfevents'
import { readRecord, writeRecord } from './record'
import { curvesRecord, isEventFile, readCurves } from './tensorBoard'

const golden = new Uint8Array(
  readFileSync(new URL('../formats/goldens/linear_sgd.tfevents', import.meta.url)),
)
const file = (...scalars: Uint8Array[]) => new Uint8Array(Buffer.concat([encodeFileHeader(100), ...scalars]))

describe('a TensorBoard folder', () => {
  it('of the reference has its curves under the names of ours', () => {
    const curves = readCurves([['events', golden]])
    expect(Object.keys(curves)).toEqual(expect.arrayContaining(['loss', 'errorRate', 'learningRate']))
    expect([...curves.loss.axes.step]).toEqual([3, 6, 9, 12])
    expect([...curves.loss.y]).toEqual([
      0.3283384144306183, 0.14830462634563446, 0.10317078232765198, 0.09790003299713135,
    ])
    expect(curves.loss.axes.epoch).toBeUndefined()
  })

  it('of several files is one run; a step that was written again has the later value', () => {
    const first = file(encodeScalar(101, 1, 'acc', 0.5), encodeScalar(103, 2, 'acc', 0.25))
    const second = file(encodeScalar(109, 2, 'acc', 0.75), encodeScalar(110, 3, 'acc', 1))
    for (const files of [
      [first, second],
      [second, first],
    ]) {
      const { acc } = readCurves(files.map((bytes, i) => [`events${i}`, bytes] as const))
      expect([...acc.axes.step]).toEqual([1, 2, 3])
      expect([...acc.y]).toEqual([0.5, 0.75, 1])
      expect([...acc.axes.seconds!]).toEqual([0, 8, 9])
    }
  })

  it('with two tags for one curve has the one that is L(θ)', () => {
    const { loss } = readCurves([
      ['events', file(encodeScalar(1, 1, 'train_loss', 9), encodeScalar(1, 1, 'clean_loss', 4))],
    ])
    expect([...loss.y]).toEqual([4])
  })

  it('that is damaged is refused with the file and the byte', () => {
    const damaged = golden.slice()
    damaged[200] ^= 1
    expect(() => readCurves([['runs/a/events', damaged]])).toThrow(
      /^runs\/a\/events: event file: the record at byte/,
    )
  })

  it('makes a record that can be read back, whatever its tags, steps and times are', () => {
    const double = fc.double()
    const scalar = fc.tuple(double, fc.maxSafeNat(), fc.string(), fc.float())
    fc.assert(
      fc.property(fc.string(), fc.array(scalar, { minLength: 1, maxLength: 6 }), (name, scalars) => {
        const bytes = file(...scalars.map(([time, step, tag, value]) => encodeScalar(time, step, tag, value)))
        try {
          const curves = readCurves([['events', bytes]])
          const record = curvesRecord(name, curves, scalars[0][0])
          expect(readRecord(writeRecord(record), 'run.json')).toMatchObject({ curvesOnly: true })
        } catch (error) {
          expect(error).toBeInstanceOf(BasinError)
        }
      }),
    )
  })

  it('without a scalar is refused', () => {
    expect(() => curvesRecord('logs', readCurves([['events', file()]]), 100)).toThrow(/^logs: scalars/)
  })
})

it('knows event files by their names', () => {
  expect(isEventFile('logs/a/events.out.tfevents.1700000000.host.1.0.v2')).toBe(true)
  expect(isEventFile('events.out.tfevents.1')).toBe(true)
  expect(isEventFile('tfevents.txt')).toBe(false)
})
