import { describe, expect, it } from 'vitest'
import { DEFAULT_CONFIG } from '../../core/config/schema'
import { runSpecs } from '../../core/runs/runSpec'
import type { RunInfo, SessionInfo } from '../../worker/protocol'
import { differenceText } from './texts'

function session(runs: string): SessionInfo {
  const config = { ...DEFAULT_CONFIG, runs }
  const data = { numTrain: 5000, numTest: 10000, numClasses: 10, classNames: [], numWrongLabels: 2000 }
  const infos = runSpecs(config).map(
    (spec): RunInfo => ({ ...spec, numParams: 1, stepsPerEpoch: 1, totalSteps: 1, totalGradients: 1, data }),
  )
  return { config, runs: infos }
}

const DATA = '5,000 training images, 2,000 of them with a wrong label'
const SAME = ` Initial weights, batches and their order are the same: ${DATA}.`

describe('what differs', () => {
  it('is spelt out for a few runs', () => {
    expect(differenceText(session('sam_rho:0;'))).toBe(
      `They differ in one setting: sam_rho = 0 for SGD, 0.2 for SAM.${SAME}`,
    )
    expect(differenceText(session('sam_rho:0;A=sam_rho:0.1;B=sam_rho:0.1,ema_decay:0.9'))).toBe(
      `They differ in 2 settings: sam_rho = 0 for SGD, 0.1 for A and B; ema_decay = 0 for SGD and A, 0.9 for B.${SAME}`,
    )
  })

  it('is named for many', () => {
    const many = 'sam_rho:0;sam_rho:0.1;sam_rho:0.2;sam_rho:0.3;ema_decay:0.9'
    expect(differenceText(session(many))).toMatch(/^They differ in 2 settings: sam_rho and ema_decay\./)
  })

  it('says when runs do not see the same', () => {
    expect(differenceText(session('batch_size:32;'))).toBe(
      `They differ in one setting: batch_size = 32 for SAM batch size 32, 64 for SAM. They do not share every batch, since batch_size differs. All learn from ${DATA}.`,
    )
  })

  it('has nothing to compare in one run', () => {
    expect(differenceText(session(''))).toBe(`One run, SAM, on ${DATA}.`)
  })
})
