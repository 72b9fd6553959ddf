import { describe, expect, it } from 'vitest'
import { complaints, type House, importsOf, objection } from './layers.mjs'

describe('who may import whom', () => {
  it.each([
    ['src/engine/ops/op.ts', 'src/core/config/schema.ts'],
    ['src/engine/tf/index.ts', 'src/engine/ops/op.ts'],
    ['src/core/config/schema.ts', 'src/core/session/session.ts'],
    ['src/core/data/dataset.ts', 'src/platform/node/folders.ts'],
    ['src/platform/node/folders.ts', 'src/platform/browser/lifeline.ts'],
    ['src/platform/pictures/pngCodec.ts', 'src/engine/backend.ts'],
    ['src/worker/lab/lab.ts', 'src/platform/node/folders.ts'],
    ['src/worker/lab/lab.ts', 'src/ui/App.tsx'],
    ['src/cli/main.ts', 'src/worker/protocol.ts'],
    ['src/ui/App.tsx', 'src/core/session/session.ts'],
    ['src/ui/App.tsx', 'src/worker/lab/lab.ts'],
    ['src/somewhere/else.ts', 'src/base/errors.ts'],
  ])('%s may not import %s', (file, target) => {
    expect(objection(file, target)).toBeTypeOf('string')
    const house: House = new Map([
      [file, [{ target }]],
      [target, []],
    ])
    expect(complaints(house)).toHaveLength(1)
  })

  it.each([
    ['src/core/step/step.ts', '@tensorflow/tfjs-core'],
    ['src/worker/lab/lab.ts', 'node:fs'],
    ['src/core/config/schema.ts', 'zod'],
    ['src/cli/main.ts', 'react'],
  ])('%s may not take %s', (file, name) => {
    expect(objection(file, name, true)).toBeTypeOf('string')
  })

  it('lets a file import what lies below it', () => {
    expect(objection('src/core/step/step.ts', 'src/engine/ops/op.ts')).toBeUndefined()
    expect(objection('src/ui/App.tsx', 'src/core/config/schema.ts')).toBeUndefined()
    expect(objection('src/ui/App.tsx', 'react', true)).toBeUndefined()
    expect(objection('src/core/data/library.ts', 'fflate', true)).toBeUndefined()
  })

  it('finds files that import each other', () => {
    const house: House = new Map([
      ['src/base/a.ts', [{ target: 'src/base/b.ts' }]],
      ['src/base/b.ts', [{ target: 'src/base/c.ts' }]],
      ['src/base/c.ts', [{ target: 'src/base/a.ts' }]],
    ])
    expect(complaints(house)).toEqual([
      'a circle: src/base/a.ts → src/base/b.ts → src/base/c.ts → src/base/a.ts',
    ])
  })

  it('finds imports of every kind', () => {
    const text = `import type { A } from './a'; export * from './b'; export { c } from './c'; import './d'
      type E = import('./e').E; const f = () => import('./f'); export const g = "import './g'"`
    expect(importsOf('x.ts', text).sort()).toEqual(['./a', './b', './c', './d', './e', './f'])
    expect(() => importsOf('x.ts', 'import from')).toThrow('x.ts')
  })
})
