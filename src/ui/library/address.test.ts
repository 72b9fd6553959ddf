import fc from 'fast-check'
import { expect, it } from 'vitest'
import { DEFAULT_VIEW, type ListView, viewFromHash, viewToHash } from './address'

it('says nothing of defaults', () => {
  expect(viewToHash(DEFAULT_VIEW)).toBe('#runs')
  expect(viewFromHash('#runs')).toBeUndefined()
  expect(viewFromHash('#train?picked=aaaa')).toBeUndefined()
})

it('reads back what it wrote', () => {
  const view = fc.record<ListView>({
    picked: fc.uniqueArray(fc.stringMatching(/^[a-z0-9][a-z0-9-]{3,20}$/), { maxLength: 5 }),
    byGroup: fc.boolean(),
    axis: fc.constantFrom('step', 'epoch', 'gradientEvaluations', 'seconds'),
    filter: fc.string({ unit: 'grapheme' }),
    hidden: fc.boolean(),
    setting: fc.constantFrom('sam_rho', 'learning_rate'),
    metric: fc.constantFrom('testError', 'gap'),
  })
  fc.assert(
    fc.property(view, (wanted) => {
      const hash = viewToHash(wanted)
      expect(viewFromHash(hash) ?? DEFAULT_VIEW).toEqual(wanted)
    }),
  )
})

it('passes over what does not fit', () => {
  expect(viewFromHash('#runs?picked=aaaa,<img>,aaaa,bbbb&axis=toString&group=maybe')).toEqual({
    ...DEFAULT_VIEW,
    picked: ['aaaa', 'bbbb'],
  })
})
