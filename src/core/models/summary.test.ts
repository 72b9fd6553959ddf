import { describe, expect, it } from 'vitest'
import { DEFAULT_CONFIG } from '../config/schema'
import { createNetwork } from './registry'
import { flopsPerStep, summaryOf } from './summary'

const summary = (model_name: typeof DEFAULT_CONFIG.model_name, side: number, channels: number) => {
  const config = { ...DEFAULT_CONFIG, model_name }
  return summaryOf(createNetwork(config, { height: side, width: side, channels }, 10), model_name)
}

describe('a summary', () => {
  it('adds up, block by block and layer by layer', () => {
    for (const model of ['WideResnet28x10', 'Pyramid_ShakeDrop', 'WideResnet28x6_ShakeShake'] as const) {
      const { blocks, layers, params, flops } = summary(model, 32, 3)
      const total = (rows: readonly { params: number; flops: number }[]) =>
        rows.reduce((sum, row) => [sum[0] + row.params, sum[1] + row.flops], [0, 0])
      expect(total(blocks)).toEqual([params, flops])
      expect(total(layers)).toEqual([params, flops])
    }
  })

  it('has a block for each of the paper’s, each beginning where the one before ended', () => {
    const { blocks } = summary('efficientnet-b0', 224, 3)
    expect(blocks.map(({ path }) => path)).toEqual([
      'Stem_0',
      ...Array.from({ length: 16 }, (_, i) => `MBConvBlock_${i + 1}`),
      'Head_17',
    ])
    for (let i = 1; i < blocks.length; i++) expect(blocks[i].in).toEqual(blocks[i - 1].out)
    expect(blocks[1].out).toEqual([112, 112, 16])
    expect(blocks[16].out).toEqual([7, 7, 320])
    const wide = summary('WideResnet_mini', 28, 1).blocks
    expect(wide.map(({ path }) => path)).toContain('WideResnetGroup_2/WideResnetBlock_1')
    expect(wide.at(-1)!.out).toEqual([10])
  })

  it('prices a step at three forward passes for each gradient', () => {
    expect(flopsPerStep(10, 4, 2)).toBe(240)
  })
})
