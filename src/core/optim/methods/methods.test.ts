import { build } from 'esbuild'
import { expect, it } from 'vitest'

it('the list of methods loads no tensors', async () => {
  const { metafile } = await build({
    entryPoints: ['src/core/optim/methods/index.ts'],
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
  })
  const loaded = Object.keys(metafile.inputs)
  expect(loaded).toContain('src/core/optim/methods/sam.ts')
  expect(loaded.filter((path) => path.includes('tfjs') || path.includes('engine/tf'))).toEqual([])
})
