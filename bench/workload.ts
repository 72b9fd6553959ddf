/**
 * What every contestant of a case trains: the same network, the same first weights, the same batch. Made once by the
 * coordinator from Basin's own layout, handed out as numbers, so that a peer needs none of Basin's code.
 */

import { randomStream } from '../src/base/random'
import { DEFAULT_CONFIG } from '../src/core/config/schema'
import { cnnSmall } from '../src/core/models/cnnSmall'
import { initTheta } from '../src/core/models/init'
import { mlp } from '../src/core/models/mlp'
import type { Network } from '../src/core/models/network'
import { wideResnet } from '../src/core/models/wideResnet'

export type ModelName = 'mlp' | 'cnn_small' | 'WideResnet_mini' | 'WideResnet28x10_slice'
export const MODELS: readonly ModelName[] = ['WideResnet_mini', 'mlp', 'cnn_small', 'WideResnet28x10_slice']
export const CLASSES = 10
export const SEED = 0

export interface Spec {
  model: ModelName
  /** [height, width, channels] */
  shape: [number, number, number]
  batch: number
}

/** What is sent beside the numbers. */
export interface WorkloadHead extends Spec {
  classes: number
  /** Blocks a group, of the residual networks. */
  blocksPerGroup: number
  /** Parameters in the order of θ; HWIO and [in, out]. */
  entries: { name: string; shape: readonly number[]; offset: number; size: number }[]
  parameters: number
  hyper: { learningRate: number; weightDecay: number; clip: number; momentum: number }
}

export interface Workload extends WorkloadHead {
  /** [P] */
  theta: Float32Array
  /** [batch, H, W, C] */
  images: Uint8Array
  /** [batch] */
  labels: Uint8Array
}

export function networkOf({ model, shape }: Pick<Spec, 'model' | 'shape'>): Network {
  const { mlp_layers, cnn_channels, cnn_dense } = DEFAULT_CONFIG
  const sizes = (list: string) => list.split(',').map(Number)
  if (model === 'mlp') return mlp(shape, CLASSES, sizes(mlp_layers))
  if (model === 'cnn_small') return cnnSmall(shape, CLASSES, sizes(cnn_channels), cnn_dense)
  const [blocksPerGroup, widthMultiplier] = model === 'WideResnet_mini' ? [2, 1] : [1, 10]
  return wideResnet(shape, CLASSES, {
    name: model,
    blocksPerGroup,
    widthMultiplier,
    useAdditionalSkipConnections: false,
  })
}

export function makeWorkload(spec: Spec): Workload {
  const network = networkOf(spec)
  const { params } = network
  return {
    ...spec,
    classes: CLASSES,
    blocksPerGroup: spec.model === 'WideResnet_mini' ? 2 : 1,
    entries: params.entries.map(({ name, shape, offset, size }) => ({ name, shape, offset, size })),
    parameters: params.size,
    hyper: { learningRate: 0.01, weightDecay: 5e-4, clip: 5, momentum: 0.9 },
    theta: initTheta(network, SEED),
    ...images(spec.batch, spec.shape),
  }
}

/** Every class a seeded pattern, every image that pattern with noise. */
export function images(count: number, [height, width, channels]: Spec['shape']) {
  const random = randomStream(SEED, 'noise')
  const pixels = height * width * channels
  const patterns = Array.from({ length: CLASSES }, () =>
    Uint8Array.from({ length: pixels }, () => random.int(200)),
  )
  const values = new Uint8Array(count * pixels)
  const labels = Uint8Array.from({ length: count }, (_, i) => i % CLASSES)
  for (let i = 0; i < count; i++) {
    for (let p = 0; p < pixels; p++) values[i * pixels + p] = patterns[labels[i]][p] + random.int(55)
  }
  return { images: values, labels }
}

/** θ as float32, then images and labels as bytes. */
export function packWorkload({ theta, images, labels, ...head }: Workload): {
  head: WorkloadHead
  bytes: Uint8Array
} {
  const bytes = new Uint8Array(theta.byteLength + images.length + labels.length)
  bytes.set(new Uint8Array(theta.buffer, theta.byteOffset, theta.byteLength))
  bytes.set(images, theta.byteLength)
  bytes.set(labels, theta.byteLength + images.length)
  return { head, bytes }
}
