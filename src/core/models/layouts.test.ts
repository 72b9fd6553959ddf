import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { MODELS, type ModelName } from '../config/models'
import { DEFAULT_CONFIG } from '../config/schema'
import type { Network } from './network'
import { createNetwork } from './registry'

/** The reference's layouts of every network, as name and shape a line. */
interface Architecture {
  model_name: ModelName
  num_classes: number
  image_size: number
  channels: number
  param_count: number
  batch_stat_count: number
  params?: string
  stats?: string
}

const architectures: Record<string, Architecture> = JSON.parse(
  gunzipSync(readFileSync(join(import.meta.dirname, 'goldens/architectures.json.gz'))).toString(),
)

const build = (model_name: ModelName, side: number, channels: number, classes: number, skips = false) =>
  createNetwork(
    { ...DEFAULT_CONFIG, model_name, use_additional_skip_connections: skips },
    { height: side, width: side, channels },
    classes,
  )

const lines = (layout: Network['params'] | Network['stats']) =>
  layout.entries.map(({ name, shape }) => `${name} ${shape.join(',')}`)

// No tfjs backend is registered here: whoever made a tensor would fail.
describe('layouts', () => {
  it.each(Object.entries(architectures))('%s is the reference’s', (key, golden) => {
    const { model_name, image_size, channels, num_classes } = golden
    const skips = key.endsWith('use_additional_skip_connections')
    const network = build(model_name, image_size, channels, num_classes, skips)
    // Differs: on 28-pixel images the reference's last pool of PyramidNet is empty, and so is its dense kernel.
    const empty = / 0,(\d+)$/m
    const missing = empty.test(golden.params ?? '')
    const head = network.params.entries.find(({ name }) => /^Dense_\d+\/kernel$/.test(name))
    expect(network.params.size).toBe(golden.param_count + (missing ? head!.size : 0))
    expect(network.stats.size).toBe(golden.batch_stat_count)
    if (golden.params) {
      const wanted = golden.params.replace(empty, (_, classes) => ` ${head!.shape[0]},${classes}`).split('\n')
      expect(lines(network.params)).toEqual(wanted)
    }
    if (golden.stats) expect(lines(network.stats)).toEqual(golden.stats.split('\n'))
    contiguous(network)
  })

  it('say which modules have no parameters', () => {
    const { emptyModules } = build('WideResnet_ShakeShake_mini', 32, 3, 10)
    // A shortcut projects where the channels change: in the first block of the groups but the first.
    const blocks = emptyModules.map((path) =>
      /Group_(\d)\/ShakeShakeBlock_(\d)\/Shortcut_0$/.exec(path)?.slice(1),
    )
    expect(blocks.join(' ')).toBe('0,0 0,1 1,1 2,1')
    expect(build('WideResnet_mini', 32, 3, 10).emptyModules).toEqual([])
  })

  it('cover every network but ours', () => {
    const covered = new Set(Object.values(architectures).map(({ model_name }) => model_name))
    expect(MODELS.filter((model) => !covered.has(model))).toEqual(['mlp', 'cnn_small', 'WideResnet16x4'])
  })

  it('sum up in the layers of the summary', () => {
    for (const [key, { model_name, image_size, channels, num_classes }] of Object.entries(architectures)) {
      const network = build(model_name, image_size, channels, num_classes)
      const counted = network.layers.reduce((sum, layer) => sum + layer.params, 0)
      expect(`${key} ${counted}`).toBe(`${key} ${network.params.size}`)
    }
  })

  it('refuse images that an EfficientNet was not made for, unless told not to', () => {
    expect(() => build('efficientnet-b3', 224, 3, 10)).toThrow(
      /efficientnet-b3: images of 300 × 300 pixels, got 224 × 224/,
    )
    const config = { ...DEFAULT_CONFIG, model_name: 'efficientnet-b3' as const, check_resolution: false }
    expect(() => createNetwork(config, { height: 28, width: 28, channels: 1 }, 10)).not.toThrow()
  })
})

describe('floating-point operations', () => {
  // Multiply-adds as the papers give them: ResNet table 1, EfficientNet table 2; 28-10: Zagoruyko's 5.2 G.
  it.each([
    ['Resnet50', 224, 3, 1000, 3.8e9, 4.2e9],
    ['Resnet152', 224, 3, 1000, 11.3e9, 11.7e9],
    ['efficientnet-b0', 224, 3, 1000, 0.38e9, 0.41e9],
    ['efficientnet-b7', 600, 3, 1000, 36e9, 39e9],
    ['WideResnet28x10', 32, 3, 10, 5.2e9, 5.3e9],
  ] as const)('of %s are as published', (model, side, channels, classes, low, high) => {
    const { layers } = build(model, side, channels, classes)
    const multiplyAdds = layers.reduce((sum, { flops }) => sum + flops / 2, 0)
    expect(multiplyAdds).toBeGreaterThan(low)
    expect(multiplyAdds).toBeLessThan(high)
  })
})

function contiguous({ params, stats, gates }: Network) {
  for (const { entries, size } of [params, stats]) {
    let offset = 0
    for (const entry of entries) {
      expect(entry.offset).toBe(offset)
      offset += entry.size
    }
    expect(size).toBe(offset)
  }
  expect(gates.entries.reduce((sum, { width }) => sum + width, 0)).toBe(gates.width)
}
