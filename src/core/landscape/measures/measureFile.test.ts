import { describe, expect, it } from 'vitest'
import { DEFAULT_CONFIG } from '../../config/schema'
import { decodeNpz, encodeNpz } from '../../formats/npz'
import { curvature } from './curvature'
import { interpolation } from './interpolation'
import { line } from './line'
import type { Finding, Measure } from './measure'
import { decodeMeasure, encodeMeasure, type MeasureContents } from './measureFile'

const run = (key: string) => ({
  key,
  step: 8,
  run_config: { ...DEFAULT_CONFIG, runs: '' },
  parameters_sha256: 'ab',
})

function contents(measure: Measure, findings: Finding[]): MeasureContents {
  const keys = [...new Set(findings.flatMap(({ runs }) => runs))]
  return {
    measure,
    settings: { num_images: 24 },
    device: 'cpu',
    runs: keys.map(run),
    findings,
    cancelled: false,
  }
}

const slice = (runs: string[]): Finding => ({
  runs,
  values: {
    a: Float64Array.of(-1, 0, 1),
    loss: Float64Array.of(2, 0.25, Number.NaN),
    error: Float64Array.of(0.5, 0, Number.NaN),
    level: 2.3,
    left: -1,
    right: 0.5,
    width: 1.5,
    clipped: true,
  },
})

describe('files of measures', () => {
  it('come back as they were, truth values and what is not known too', () => {
    const written = contents(line as Measure, [slice(['sgd']), slice(['sam'])])
    const read = decodeMeasure(encodeMeasure(written), 'line.npz')
    expect(read).toMatchObject({ id: 'line', about: line.about, yields: line.yields, device: 'cpu' })
    expect(read.settings).toEqual(written.settings)
    expect(read.runs).toEqual(written.runs)
    expect(read.findings).toEqual(written.findings)
    expect(read.cancelled).toBe(false)
  })

  it('of pairs know both ends, of curvature the names of the parameters', () => {
    const t = Float64Array.of(0, 1)
    const pair: Finding = { runs: ['sgd', 'sam'], values: { t, loss: t, error: t } }
    expect(decodeMeasure(encodeMeasure(contents(interpolation as Measure, [pair])), 'x').findings).toEqual([
      pair,
    ])
    const named: Finding = {
      runs: ['sam'],
      values: {
        rank: Float64Array.of(1),
        eigenvalue: Float64Array.of(12.5),
        residual: Float64Array.of(0.1),
        parameter: ['Dense_0/kernel', 'Dense_0/bias'],
        parameter_trace: Float64Array.of(3, 4),
        parameter_error: Float64Array.of(0.1, 0.2),
        smallest: -1,
        converged: false,
        images: 24,
      },
    }
    expect(decodeMeasure(encodeMeasure(contents(curvature as Measure, [named])), 'x').findings).toEqual([
      named,
    ])
  })

  it('hold the directions, and are read without them', () => {
    const d1 = Float32Array.of(0.5, -2, 3)
    const bytes = encodeMeasure({
      ...contents(line as Measure, [slice(['sam'])]),
      vectors: new Map([['sam/d1', d1]]),
    })
    expect(decodeNpz(bytes).get('sam/d1')?.data).toEqual(d1)
    expect(decodeMeasure(bytes, 'x').findings).toEqual([slice(['sam'])])
  })

  it('that are something else are refused in words', () => {
    const weights = encodeNpz(new Map([['Dense_0/kernel', { shape: [1], data: Float32Array.of(1) }]]))
    expect(() => decodeMeasure(weights, 'weights.npz')).toThrow(
      /^weights\.npz: a measure of Basin, got another file/,
    )
    const arrays = decodeNpz(encodeMeasure(contents(line as Measure, [slice(['sam'])])))
    const cut = arrays.set('sam/loss', { shape: [], dtype: '<f8', data: Float64Array.of(1) })
    expect(() => decodeMeasure(encodeNpz(cut), 'cut.npz')).toThrow(/^cut\.npz: sam\/loss: over a, got \[\]/)
    expect(() => decodeMeasure(new Uint8Array(40), 'none.npz')).toThrow(/^none\.npz: zip: /)
  })
})
