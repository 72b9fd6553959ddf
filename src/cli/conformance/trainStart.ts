/** Where the trajectories of the `train` goldens begin: network, weights, statistics and batches of a companion. */
import type { Network } from '../../core/models/network'
import { Unsupported } from './checks'
import type { GoldenTensor, Tensors } from './golden'
import { wideResnetOf } from './goldenNetworks'
import { gather } from './vectors'

export interface Start {
  network: Network
  theta: Float32Array
  batchStats: Float32Array
  images: GoldenTensor
  labels: GoldenTensor
}

/** @throws Unsupported when a tensor is missing or the network is another one */
export function startOf(tensors: Tensors, useAdditionalSkipConnections: boolean): Start {
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
  const network = wideResnetOf(shapes, [height, width, channels], useAdditionalSkipConnections)
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
