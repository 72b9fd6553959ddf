/** Every network in a line: what it has and what it costs, by arithmetic. The table in README is this one. */

import { bytesText } from '../../base/units'
import { MODELS, type ModelName, PAPERS } from '../../core/config/models'
import { DEFAULT_CONFIG } from '../../core/config/schema'
import { networkSide } from '../../core/data/inputShape'
import type { Network } from '../../core/models/network'
import { createNetwork } from '../../core/models/registry'
import { planMemory } from '../../core/plan/memoryPlan'
import { shortCount } from './units'

interface Images {
  height: number
  width: number
  channels: number
  numClasses: number
}

/** The images of the network's paper; Fashion-MNIST's for the networks of our own. */
export function paperImages(model: ModelName): Images {
  const { title } = PAPERS.find(({ models }) => models.some((name) => name === model))!
  if (title.startsWith('Small')) return square(28, 1, 10)
  return isForImageNet(model) ? square(networkSide(model), 3, 1000) : square(32, 3, 10)
}

/** Networks whose paper trains them on ImageNet. */
const isForImageNet = (model: ModelName): boolean =>
  PAPERS.some(({ title, models }) => /^(ResNet|EfficientNet)/.test(title) && models.some((m) => m === model))

const square = (side: number, channels: number, numClasses: number): Images => ({
  height: side,
  width: side,
  channels,
  numClasses,
})

/** Markdown, line by line. */
export function networkTable(): string[] {
  const rows = MODELS.map((model_name) => {
    const images = paperImages(model_name)
    const network = createNetwork({ ...DEFAULT_CONFIG, model_name }, images, images.numClasses)
    const { params, stats, layers } = network
    return [
      `\`${model_name}\``,
      `${images.height} × ${images.width} × ${images.channels}`,
      String(images.numClasses),
      params.size.toLocaleString('en-US'),
      stats.size.toLocaleString('en-US'),
      shortCount(layers.reduce((sum, { flops }) => sum + flops, 0)),
      bytesText(activationsOf(network)),
    ]
  })
  const head = [
    'network',
    'images',
    'classes',
    'parameters',
    'statistics',
    'FLOP an image',
    'activations an image',
  ]
  const rule = head.map((_, i) => (i < 2 ? '---' : '---:'))
  return [head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`)
}

/** What a training step on WebGPU holds of one more image. */
function activationsOf(network: Network): number {
  const of = (batch_size: number) =>
    planMemory([{ network, config: { ...DEFAULT_CONFIG, sam_rho: 0, batch_size } }], 'webgpu').activations
  return of(2) - of(1)
}
