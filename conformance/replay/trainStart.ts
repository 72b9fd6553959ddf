/** Where the trajectories of the `train` goldens begin: network, weights, statistics and batches of a companion. */
import type { Network } from '../../src/core/models/network'
import { Unsupported } from './checks'
import type { GoldenTensor, Tensors } from './golden'
import { networkCalled, wideResnetOf } from './goldenNetworks'
import { gather } from './vectors'

export interface Start {
  network: Network
  theta: Float32Array
  batchStats: Float32Array
  images: GoldenTensor
  labels: GoldenTensor
}

/**
 * @param model what the golden calls its network: a WideResnet is of the size that its weights have
 * @throws Unsupported when a tensor is missing or the network is another one
 */
export function startOf(tensors: Tensors, useAdditionalSkipConnections: boolean, model?: unknown): Start {
  const images = tensors.get('images')
  const labels = tensors.get('labels')
  const shapes = new Map(
    [...tensors]
      .filter(([key]) => key.startsWith('init/'))
      .map(([key, tensor]) => [key.slice('init/'.length), tensor.shape]),
  )
  if (!images || !labels || shapes.size === 0) {
    throw new Unsupported('no companion with init/*, images and labels is beside it')
  }
  const [height, width, channels] = images.shape.slice(2)
  const image = [height, width, channels] as const
  const named = typeof model === 'string' && !/^WideResnet(?!.*ShakeShake)/.test(model)
  const network = named
    ? networkCalled(model, image, headOf(shapes))
    : wideResnetOf(shapes, image, useAdditionalSkipConnections)
  if (network.gates.width > 0) throw new Unsupported(`${network.name} in training mode without its draws`)
  return {
    network,
    theta: gather(network.params, tensors, 'init/'),
    batchStats: gather(network.stats, tensors, 'init_state/', ({ name, size }) =>
      new Float32Array(size).fill(name.endsWith(':var') ? 1 : 0),
    ),
    images,
    labels,
  }
}

/** Classes: the length of the last dense layer's bias. */
function headOf(shapes: ReadonlyMap<string, readonly number[]>): number {
  const bias = [...shapes].findLast(([name]) => /dense(_\d+)?\/bias$/i.test(name))?.[1]
  if (!bias) throw new Unsupported('its parameters have no dense layer')
  return bias[0]
}
