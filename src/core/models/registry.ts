/** What every `model_name` builds. Adding a network: its file, its line here, its name in core/config/models.ts. */
import { EFFICIENTNET_SIDES, type ModelName } from '../config/models'
import type { RunConfig } from '../config/schema'
import type { MapShape } from './builder'
import { cnnSmall } from './cnnSmall'
import { EFFICIENTNETS, efficientNet } from './efficientNet'
import { mlp } from './mlp'
import type { Network } from './network'
import { pyramidNet } from './pyramidNet'
import { RESNET_STAGES, resnet } from './resnet'
import { shakeShake } from './shakeShake'
import { wideResnet } from './wideResnet'

export type NetworkConfig = Pick<
  RunConfig,
  | 'model_name'
  | 'mlp_layers'
  | 'mlp_activation'
  | 'cnn_channels'
  | 'cnn_dense'
  | 'use_additional_skip_connections'
  | 'check_resolution'
>

type Build = (name: ModelName, input: MapShape, classes: number, config: NetworkConfig) => Network

const sizes = (list: string): number[] => list.split(',').map(Number)

const NETWORKS: Record<ModelName, Build> = {
  mlp: (_, input, classes, config) => mlp(input, classes, sizes(config.mlp_layers), config.mlp_activation),
  cnn_small: (_, input, classes, config) =>
    cnnSmall(input, classes, sizes(config.cnn_channels), config.cnn_dense),
  WideResnet_mini: wide(2, 1),
  WideResnet16x4: wide(2, 4),
  WideResnet28x10: wide(4, 10),
  WideResnet_ShakeShake_mini: shaking(2, 1),
  WideResnet28x6_ShakeShake: shaking(4, 6),
  Pyramid_ShakeDrop_mini: pyramid(11, 200),
  Pyramid_ShakeDrop: pyramid(272, 200),
  Resnet50: residual(50),
  Resnet101: residual(101),
  Resnet152: residual(152),
  'efficientnet-b0': efficient,
  'efficientnet-b1': efficient,
  'efficientnet-b2': efficient,
  'efficientnet-b3': efficient,
  'efficientnet-b4': efficient,
  'efficientnet-b5': efficient,
  'efficientnet-b6': efficient,
  'efficientnet-b7': efficient,
  'efficientnet-b8': efficient,
  'efficientnet-l2': efficient,
  'efficientnet-l2-475': efficient,
}

function wide(blocksPerGroup: number, widthMultiplier: number): Build {
  return (name, input, classes, config) => {
    const useAdditionalSkipConnections = config.use_additional_skip_connections
    return wideResnet(input, classes, { name, blocksPerGroup, widthMultiplier, useAdditionalSkipConnections })
  }
}

function shaking(blocksPerGroup: number, widthMultiplier: number): Build {
  return (name, input, classes) => shakeShake(input, classes, { name, blocksPerGroup, widthMultiplier })
}

function pyramid(depth: number, alpha: number): Build {
  return (name, input, classes) => pyramidNet(input, classes, { name, depth, alpha })
}

function residual(depth: number): Build {
  return (name, input, classes) => resnet(input, classes, { name, stages: RESNET_STAGES[depth] })
}

function efficient(
  name: ModelName,
  input: MapShape,
  classes: number,
  { check_resolution }: NetworkConfig,
): Network {
  const scaled = name as keyof typeof EFFICIENTNETS
  const resolution = check_resolution ? EFFICIENTNET_SIDES[scaled] : undefined
  return efficientNet(input, classes, { name, resolution, ...EFFICIENTNETS[scaled] })
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
  return NETWORKS[config.model_name](config.model_name, [height, width, channels], numClasses, config)
}
