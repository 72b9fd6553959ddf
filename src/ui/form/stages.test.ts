import { describe, expect, it } from 'vitest'
import { stagesOf } from './stages'

const block = (path: string, kinds: string[], out: number[]) => ({
  path,
  kinds,
  in: out,
  out,
  params: 5,
  flops: 1,
})

describe('the boxes of a diagram', () => {
  it('count neighbours of the same make and map, and end with the last one’s channels', () => {
    const stages = stagesOf([
      block('init_conv', ['conv 3×3'], [28, 28, 16]),
      block('G_0/Block_0', ['batch norm', 'conv 3×3'], [28, 28, 16]),
      block('G_0/Block_1', ['batch norm', 'conv 3×3'], [28, 28, 20]),
      block('G_1/Block_0', ['batch norm', 'conv 3×3 / 2'], [14, 14, 32]),
      block('Dense_3', ['dense'], [10]),
    ])
    expect(stages.map(({ name, count, out, params }) => [name, count, out, params])).toEqual([
      ['init_conv', 1, [28, 28, 16], 5],
      ['Block', 2, [28, 28, 20], 10],
      ['Block', 1, [14, 14, 32], 5],
      ['Dense', 1, [10], 5],
    ])
  })
})
