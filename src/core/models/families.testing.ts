/** Every family of networks, built by its own function as small as it goes with all of its parts. */
import type { MapShape } from './builder'
import { cnnSmall } from './cnnSmall'
import { efficientNet } from './efficientNet'
import { mlp } from './mlp'
import type { Network } from './network'
import { pyramidNet } from './pyramidNet'
import { resnet } from './resnet'
import { shakeShake } from './shakeShake'
import { wideResnet } from './wideResnet'

const IMAGE: MapShape = [8, 8, 1]
const CLASSES = 3

/** By the name of the paper's network that each stands for. */
export const FAMILIES: Record<string, Network> = {
  mlp: mlp(IMAGE, CLASSES, [20, 12]),
  cnn_small: cnnSmall(IMAGE, CLASSES, [4, 6], 8),
  WideResnet: wideResnet(IMAGE, CLASSES, {
    name: 'wide',
    blocksPerGroup: 1,
    widthMultiplier: 1,
    useAdditionalSkipConnections: true,
  }),
  'Shake-Shake': shakeShake(IMAGE, CLASSES, { name: 'shake', blocksPerGroup: 1, widthMultiplier: 1 }),
  'PyramidNet with ShakeDrop': pyramidNet(IMAGE, CLASSES, { name: 'pyramid', depth: 11, alpha: 12 }),
  // Two stages: the second strides, and both project.
  ResNet: resnet(IMAGE, CLASSES, { name: 'resnet', stages: [2, 1] }),
  // Two blocks with a shortcut that drops, dropout before the last layer.
  EfficientNet: efficientNet([16, 16, 1], CLASSES, {
    name: 'efficient',
    width: 0.25,
    depth: 0.3,
    dropout: 0.2,
  }),
}
