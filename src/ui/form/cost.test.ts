import { describe, expect, it } from 'vitest'
import { DEFAULT_CONFIG } from '../../core/config/schema'
import { sessionCost } from './cost'

describe('sessionCost', () => {
  it('counts the first visit: 2,340 steps each, 7,020 passes', () => {
    expect(sessionCost(DEFAULT_CONFIG)).toEqual({ steps: [2340, 2340], gradientEvaluations: 7020 })
  })

  it('counts runs that are the same once', () => {
    expect(sessionCost({ ...DEFAULT_CONFIG, sam_rho: 0 })).toEqual({
      steps: [2340],
      gradientEvaluations: 2340,
    })
  })

  it('counts each run by its own settings', () => {
    const runs = 'sam_rho:0,num_epochs:2;num_train_examples:640;num_train_examples:640,batch_size:640'
    expect(sessionCost({ ...DEFAULT_CONFIG, num_epochs: 1, runs })).toEqual({
      steps: [156, 10, 1],
      gradientEvaluations: 156 + 2 * 10 + 2,
    })
  })

  it('uses all images when none are named, and those that are here', () => {
    const config = { ...DEFAULT_CONFIG, num_train_examples: null, num_epochs: 1 }
    expect(sessionCost(config).steps).toEqual([937, 937])
    expect(sessionCost(config, () => 128).steps).toEqual([2, 2])
  })
})
