import { describe, expect, it } from 'vitest'
import { DEFAULT_CONFIG } from '../../core/config/schema'
import type { EdgeMetrics } from '../../worker/protocol'
import type { ShownRun } from '../runs/shownRuns'
import { chartLines, costShare, edgeFormula, edgeLines, edgeRows } from './edgeLines'

const run = (key: string, changes = {}): ShownRun =>
  ({ key, label: key.toUpperCase(), color: key, config: { ...DEFAULT_CONFIG, ...changes } }) as ShownRun

const edge = (step: number, changes: Partial<EdgeMetrics> = {}): EdgeMetrics => ({
  step,
  epoch: step / 10,
  seconds: step,
  gradientEvaluations: step,
  topEigenvalue: 30,
  topEigenvalueResidual: 0.1,
  edgeGradientNorm: 1,
  stabilityEdge: 40,
  edgeSeconds: step / 3,
  ...changes,
})

describe('λ₁ and its edges as lines', () => {
  it('has an edge that all runs share once', () => {
    const runs = [run('a'), run('b')]
    const same = { a: [edge(10), edge(20)], b: [edge(10, { samEdge: 12 })] }
    expect(chartLines(edgeLines(runs, same)).map(({ label }) => label)).toEqual([
      'A, λ₁',
      'B, λ₁',
      'B, SAM’s value for a frozen ‖g‖',
      'edge',
    ])
    // At one rate it is the same wherever it was looked at.
    const apart = { a: [edge(10), edge(20)], b: [edge(5), edge(15)] }
    expect(chartLines(edgeLines(runs, apart)).map(({ label }) => label)).toEqual(['A, λ₁', 'B, λ₁', 'edge'])
    const moving = { a: [edge(10), edge(20, { stabilityEdge: 50 })], b: [edge(5), edge(15)] }
    expect(chartLines(edgeLines(runs, moving))).toHaveLength(4)
    const other = { ...same, b: [edge(10, { stabilityEdge: 20 })] }
    expect(chartLines(edgeLines(runs, other)).map(({ label }) => label)).toEqual([
      'A, λ₁',
      'A, edge',
      'B, λ₁',
      'B, edge',
    ])
  })

  it('calls SAM’s edge one only without momentum', () => {
    const lines = edgeLines([run('a', { momentum: 0 })], { a: [edge(10, { samEdge: 12 })] })
    expect(chartLines(lines).map(({ label }) => label)).toContain('A, SAM’s edge')
    expect(edgeFormula({ ...DEFAULT_CONFIG, nesterov: false })).toContain('Polyak')
    expect(edgeFormula({ ...DEFAULT_CONFIG, momentum: 0 })).toBe('2/η (gradient descent)')
    expect(edgeFormula({ ...DEFAULT_CONFIG, use_rmsprop: true })).toContain('none')
  })

  it('leaves out what is far above all λ₁, but not where an edge begins', () => {
    const list = [edge(10, { stabilityEdge: 400 }), edge(20, { stabilityEdge: 4000 })]
    const lines = edgeLines([run('a')], { a: list })
    expect(edgeRows(lines, 'epoch')).toEqual([
      { x: 1, a: 30, 'a-stabilityEdge': 400 },
      { x: 2, a: 30 },
    ])
  })

  it('says what looking costs', () => {
    expect(costShare({ a: [edge(10), edge(30)], b: [] })).toBeCloseTo(0.25)
    expect(costShare({})).toBeUndefined()
  })
})
