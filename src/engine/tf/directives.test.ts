import { expect, it } from 'vitest'
import { directivesFirst } from './directives'

it('moves directives before the declarations and leaves everything else', () => {
  const code = 'var<private> a : u32;\nenable f16;\n  diagnostic(off, x);\nfn main() { enabled(); }'
  expect(directivesFirst(code)).toBe(
    'enable f16;\n  diagnostic(off, x);\nvar<private> a : u32;\n\n\nfn main() { enabled(); }',
  )
})

it('gives a text without directives back as it was', () => {
  const code = 'fn main() { let enable = 1; }'
  expect(directivesFirst(code)).toBe(code)
})
