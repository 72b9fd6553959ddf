/**
 * What a network is made of, without a tensor: layers with their shapes, parameters and floating-point operations,
 * gathered into the blocks that a diagram shows.
 */
import { paperOf } from '../config/models'
import type { RunConfig } from '../config/schema'
import type { LayerRow, Network } from './network'

/** Neighbouring layers of one module: a stem, a block, a head. */
export interface BlockRow {
  /** `WideResnetGroup_1/WideResnetBlock_0`, or the layer's own path where it stands alone. */
  path: string
  /** What its layers do, in order: `conv 3×3 / 2`, `batch norm` … */
  kinds: string[]
  in: readonly number[]
  out: readonly number[]
  params: number
  flops: number
}

export interface NetworkSummary {
  name: string
  paper: { title: string; url?: string }
  /** [height, width, channels] of one image. */
  input: readonly number[]
  numClasses: number
  params: number
  /** Batch-norm statistics. */
  stats: number
  /** Random numbers a training step draws for every image. */
  gates: number
  /** Of one image's forward pass. */
  flops: number
  layers: readonly LayerRow[]
  blocks: BlockRow[]
}

export function summaryOf(network: Network, model: RunConfig['model_name']): NetworkSummary {
  const { layers, params, stats, gates, inputShape, numClasses } = network
  const { title, url } = paperOf(model)
  return {
    name: model,
    paper: { title, url },
    input: inputShape,
    numClasses,
    params: params.size,
    stats: stats.size,
    gates: gates.width,
    flops: layers.reduce((sum, layer) => sum + layer.flops, 0),
    layers: [...layers],
    blocks: blocksOf(layers),
  }
}

/**
 * Floating-point operations of one training step: a gradient is a forward pass and two passes of the same size back
 * (by the input and by the weights); SAM takes two gradients.
 */
export function flopsPerStep(forwardFlops: number, batchSize: number, gradients: number): number {
  return 3 * forwardFlops * batchSize * gradients
}

function blocksOf(layers: readonly LayerRow[]): BlockRow[] {
  const blocks: BlockRow[] = []
  for (const layer of layers) {
    const path = moduleOf(layer.path)
    const last = blocks.at(-1)
    if (last?.path === path) {
      last.kinds.push(layer.kind)
      last.params += layer.params
      last.flops += layer.flops
      if (isMain(layer)) last.out = layer.out
    } else {
      const { in: input, out, params, flops } = layer
      blocks.push({ path, kinds: [layer.kind], in: input, out, params, flops })
    }
  }
  return blocks
}

/** Up to the module that the paper calls a block: `Group_0/Block_1/conv1` and `Block_3/Squeeze_0/conv` end there. */
function moduleOf(path: string): string {
  const parts = path.split('/')
  const block = parts.findIndex((part) => /Block_\d+$|ShakeDrop_\d+$|^(Stem|Head)_\d+$/.test(part))
  return block < 0 ? path : parts.slice(0, block + 1).join('/')
}

/** Whether a layer lies on the way to the block's output; shortcuts and gates beside it do not. */
function isMain({ path }: LayerRow): boolean {
  return !/Shortcut_|_proj$|Squeeze/.test(path)
}
