/** Every network by its `model_name`. Adding one: its file, and its line here. */
import type { RunConfig } from '../config/schema'
import { cnnSmall } from './cnnSmall'
import { mlp } from './mlp'
import type { Network } from './network'
import { wideResnet } from './wideResnet'

export type NetworkConfig = Pick<
  RunConfig,
  'model_name' | 'mlp_layers' | 'cnn_channels' | 'cnn_dense' | 'use_additional_skip_connections'
>

type Build = (input: readonly [number, number, number], classes: number, config: NetworkConfig) => Network

const sizes = (list: string): number[] => list.split(',').map(Number)

const NETWORKS: Record<RunConfig['model_name'], Build> = {
  mlp: (input, classes, config) => mlp(input, classes, sizes(config.mlp_layers)),
  cnn_small: (input, classes, config) =>
    cnnSmall(input, classes, sizes(config.cnn_channels), config.cnn_dense),
  WideResnet_mini: (input, classes, config) =>
    wideResnet(input, classes, {
      name: 'WideResnet_mini',
      blocksPerGroup: 2,
      widthMultiplier: 1,
      useAdditionalSkipConnections: config.use_additional_skip_connections,
    }),
}

/**
 * Builds the network a config asks for: layout and forward function, no tensors.
 * @throws BasinError `config` when the settings do not fit the image
 */
export function createNetwork(
  config: NetworkConfig,
  { height, width, channels }: { height: number; width: number; channels: number },
  numClasses: number,
): Network {
  return NETWORKS[config.model_name]([height, width, channels], numClasses, config)
}
