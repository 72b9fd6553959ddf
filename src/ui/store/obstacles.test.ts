import { describe, expect, it } from 'vitest'
import { DEFAULT_CONFIG, type RunConfig } from '../../core/config/schema'
import { awayText, contradictionAt, contradictions } from './obstacles'

const config = (changes: Partial<RunConfig>): RunConfig => ({ ...DEFAULT_CONFIG, ...changes })

describe('contradictions', () => {
  it('stand at the field that they name, in the form’s words', () => {
    const wrong = config({ batch_size: 600, num_train_examples: 512 })
    expect(contradictionAt(wrong, 'batch_size')).toMatch(/^At most “Training images” \(512\), got 600\./)
    expect(contradictionAt(wrong, 'num_train_examples')).toBeUndefined()
    expect(contradictions(DEFAULT_CONFIG)).toEqual([])
  })

  it('of a single run stand at the list of runs', () => {
    const wrong = config({ num_train_examples: 512, runs: ';batch_size:600' })
    expect(contradictions(wrong).map(({ field }) => field)).toEqual(['runs'])
  })
})

it('data of a run that are not here are named', () => {
  const two = config({ runs: ';dataset:cifar10' })
  expect(awayText(two, [{ name: 'fashion_mnist' }])).toMatch(/its data set cifar10 is not here/)
  expect(awayText(two, undefined)).toBeUndefined()
})
