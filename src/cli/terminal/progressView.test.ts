import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Session } from '../../core/session/session'
import type { SessionProgress } from '../../core/session/sessionTypes'
import { ProgressView } from './progressView'

const SESSION = { behind: { step: 0, totalSteps: 3, lane: { stepsPerEpoch: 1 } } } as Session
const AT_ONE: SessionProgress = {
  phase: 'training',
  step: 1,
  totalSteps: 3,
  stepsPerSecond: 0.01,
  imagesPerSecond: 0.3,
  dataWaitShare: 0,
  secondsLeft: undefined,
}

describe('progress in a log', () => {
  let written: string[]
  let view: ProgressView
  beforeEach(() => {
    vi.useFakeTimers()
    written = []
    view = new ProgressView({ write: (text) => written.push(text) })
    view.start(SESSION)
  })
  afterEach(() => {
    view.stop()
    vi.useRealTimers()
  })

  it('breaks its silence before the first step, between steps and in an evaluation', () => {
    vi.advanceTimersByTime(31_000)
    expect(written).toEqual([
      expect.stringMatching(/^step 0\/3 {2}first step: its kernels are compiled {2}3\d s since the start\n$/),
    ])
    view.rows('sam', [{ loss: 2.5 } as Parameters<ProgressView['rows']>[1][number]])
    view.progress(AT_ONE)
    vi.advanceTimersByTime(31_000)
    expect(written.at(-1)).toMatch(/^step 1\/3 {2}sam loss 2\.5000 \| /)
    view.progress({ ...AT_ONE, step: 3, phase: 'evaluation', batchesDone: 2, batchesTotal: 40 })
    vi.advanceTimersByTime(31_000)
    expect(written.at(-1)).toMatch(/^step 3\/3 {2}evaluating 2\/40 batches {2}/)
    expect(written).toHaveLength(3)
  })

  it('says nothing between lines that come often, nor after the end', () => {
    for (let i = 0; i < 6; i++) {
      view.line('something')
      vi.advanceTimersByTime(20_000)
    }
    expect(written).toHaveLength(6)
    view.stop()
    vi.advanceTimersByTime(300_000)
    expect(written).toHaveLength(6)
  })
})
