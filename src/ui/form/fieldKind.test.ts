import { describe, expect, it } from 'vitest'
import { FIELD_NAMES } from '../../core/config/schema'
import { fieldKind } from './fieldKind'

describe('fieldKind', () => {
  it('knows an input for each setting of the schema', () => {
    expect(fieldKind('use_rmsprop')).toEqual({ kind: 'switch' })
    expect(fieldKind('mlp_layers')).toEqual({ kind: 'text' })
    expect(fieldKind('sam_rho')).toEqual({
      kind: 'number',
      min: 0,
      max: 100,
      integer: false,
      nullable: false,
    })
    expect(fieldKind('num_train_examples')).toMatchObject({
      kind: 'number',
      min: 1,
      integer: true,
      nullable: true,
    })
    expect(fieldKind('lr_schedule')).toEqual({ kind: 'select', options: ['cosine', 'exponential'] })
  })

  it('gives every number a finite range', () => {
    for (const name of FIELD_NAMES) {
      const field = fieldKind(name)
      if (field.kind === 'number') expect(Number.isFinite(field.max), name).toBe(true)
    }
  })
})
