import { describe, expect, it } from 'vitest'
import { DEFAULT_CONFIG, type RunConfig } from '../config/schema'
import { probeRadius, runSpecs, steppedRun } from './runSpec'

const specs = (changes: Partial<RunConfig> = {}) => runSpecs({ ...DEFAULT_CONFIG, ...changes })
const named = (changes: Partial<RunConfig>) => specs(changes).map(({ key, label }) => `${key} ${label}`)

describe('the runs of a config', () => {
  it('are the pair unless something else is asked for', () => {
    expect(named({})).toEqual(['sgd SGD', 'sam SAM'])
    const [sgd, sam] = specs()
    expect(sgd.config).toEqual({ ...DEFAULT_CONFIG, runs: '', sam_rho: 0 })
    expect(sam.config).toEqual({ ...DEFAULT_CONFIG, runs: '' })
    expect(sam.differs).toEqual(['sam_rho'])
    expect(named({ runs: '' })).toEqual(['sam SAM'])
    expect(specs({ runs: '' })[0].differs).toEqual([])
  })

  it('that would give the same numbers are one', () => {
    expect(named({ sam_rho: 0 })).toEqual(['sgd SGD'])
    expect(named({ runs: 'sam_rho:0;perturbed_loss_every:2,sam_rho:0' })).toEqual(['sgd SGD'])
    expect(named({ runs: 'sam_rho:0;output=sam_rho:0' })).toEqual(['sgd SGD'])
  })

  it('are named after what tells them apart', () => {
    expect(named({ runs: 'sam_rho:0;sam_rho:0.05;sam_rho:0.2' })).toEqual([
      'sgd SGD',
      'sam SAM 0.05',
      'sam2 SAM 0.2',
    ])
    expect(named({ runs: 'learning_rate:0.1;learning_rate:0.2,num_epochs:5;Mine=' })).toEqual([
      'sam SAM learning rate 0.1',
      'sam2 SAM epochs 5 learning rate 0.2',
      'sam3 Mine',
    ])
    expect(named({ runs: 'sam_rho:0;sam_rho:0,num_epochs:60' })).toEqual(['sgd SGD', 'sgd2 SGD epochs 60'])
  })

  it('that do not look uphill measure their gap at the largest radius of the others', () => {
    expect(probeRadius(specs({ runs: 'sam_rho:0;sam_rho:0.3;sam_rho:0.1' }))).toBe(0.3)
    expect(probeRadius(specs({ sam_rho: 0 }))).toBeUndefined()
    // A relative's radius is another length.
    const family = specs({
      runs: 'sam_rho:0;sam_rho:20,sam_variant:random;sam_rho:0.2;sam_rho:2,sam_variant:asam',
    })
    expect(probeRadius(family)).toBe(0.2)
    expect(steppedRun(family)?.config.sam_rho).toBe(0.2)
    const relatives = specs({ runs: 'sam_rho:0;sam_rho:2,sam_variant:asam' })
    expect(probeRadius(relatives)).toBe(2)
    expect(steppedRun(relatives)?.config.sam_variant).toBe('asam')
    expect(steppedRun(specs({ sam_rho: 0 }))?.config.sam_rho).toBe(0)
  })

  it('cannot be told from a list that cannot be read', () => {
    expect(() => specs({ runs: 'sam_rho:-1' })).toThrow(/^runs: sam_rho: number, 0 to 100, got "-1"/)
  })
})
