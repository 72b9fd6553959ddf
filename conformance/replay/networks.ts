/** The networks of goldens, by their fields. */

import { HIDDEN_ACTIVATIONS } from '../../src/core/config/activations'
import { MODELS, type ModelName } from '../../src/core/config/models'
import { DEFAULT_CONFIG } from '../../src/core/config/schema'
import { LayoutBuilder } from '../../src/core/models/builder'
import { cnnSmall } from '../../src/core/models/cnnSmall'
import { EFFICIENTNETS, type EfficientNetSize, efficientNet } from '../../src/core/models/efficientNet'
import { heNormalFanOut, uniformByClasses } from '../../src/core/models/initializers'
import { batchNorm, conv, dense, flatten, globalAveragePool, swish } from '../../src/core/models/layers'
import { mlp } from '../../src/core/models/mlp'
import type { Network } from '../../src/core/models/network'
import { createNetwork } from '../../src/core/models/registry'
import { wideResnet } from '../../src/core/models/wideResnet'
import { z } from '../../src/core/zod'
import { Unsupported } from '../golden'

export const networkFields = z.strictObject({
  /** One of Basin's networks, WideResnet of any size, or one of the two that only goldens have: smooth, linear. */
  model_name: z.string(),
  /** [height, width, channels] */
  image: z.tuple([z.number(), z.number(), z.number()]),
  num_classes: z.number(),
  /** Of a WideResnet. */
  blocks_per_group: z.number().optional(),
  width_multiplier: z.number().optional(),
  use_additional_skip_connections: z.boolean().optional(),
  /** Of mlp, and of cnn_small. */
  mlp_layers: z.string().optional(),
  cnn_channels: z.string().optional(),
  cnn_dense: z.number().optional(),
  activation: z.enum(HIDDEN_ACTIVATIONS).optional(),
  /** Of an EfficientNet. */
  dropout_rate: z.number().optional(),
  drop_connect_rate: z.number().optional(),
  /** Of the smooth net: its convolution. */
  channels: z.number().optional(),
  kernel_size: z.number().optional(),
})

export type NetworkFields = z.infer<typeof networkFields>

/** @throws Unsupported when it is none of ours */
export function networkOf(fields: NetworkFields): Network {
  const { model_name, image, num_classes, use_additional_skip_connections = false } = fields
  const { blocks_per_group: blocksPerGroup, width_multiplier: widthMultiplier } = fields
  if (model_name === 'smooth') return smoothNet(fields)
  if (model_name === 'linear') return linearNet(image, num_classes)
  const sizes = (text: string) => text.split(',').map(Number)
  const { activation, mlp_layers, cnn_channels, cnn_dense } = fields
  if (model_name === 'mlp' && mlp_layers) return mlp(image, num_classes, sizes(mlp_layers), activation)
  if (model_name === 'cnn_small' && cnn_channels && cnn_dense) {
    return cnnSmall(image, num_classes, sizes(cnn_channels), cnn_dense, activation)
  }
  if (activation && activation !== 'relu') throw new Unsupported(`activation ${activation} of ${model_name}`)
  if (blocksPerGroup !== undefined && widthMultiplier !== undefined) {
    const useAdditionalSkipConnections = use_additional_skip_connections
    const size = { blocksPerGroup, widthMultiplier, useAdditionalSkipConnections }
    return wideResnet(image, num_classes, { name: model_name, ...size })
  }
  const size = EFFICIENTNETS[model_name as keyof typeof EFFICIENTNETS] as EfficientNetSize | undefined
  if (size) {
    return efficientNet(image, num_classes, {
      name: model_name,
      ...size,
      dropout: fields.dropout_rate ?? size.dropout,
      dropConnect: fields.drop_connect_rate,
    })
  }
  if (!(MODELS as readonly string[]).includes(model_name)) throw new Unsupported(`model ${model_name}`)
  const [height, width, channels] = image
  const config = { ...DEFAULT_CONFIG, model_name: model_name as ModelName, use_additional_skip_connections }
  return createNetwork(config, { height, width, channels }, num_classes)
}

/** conv – batch norm – swish – global mean – dense: smooth, so float32 has no chaos on it. */
function smoothNet({ image, num_classes, channels = 1, kernel_size = 3 }: NetworkFields): Network {
  const builder = new LayoutBuilder()
  const convolve = conv(builder, 'conv', {
    in: image,
    out: channels,
    size: kernel_size,
    init: heNormalFanOut,
  })
  const normalise = batchNorm(builder, 'bn', convolve.out)
  const classify = dense(builder, 'dense', { in: channels, out: num_classes, init: uniformByClasses })
  return builder.finish({ name: 'smooth', inputShape: image, numClasses: num_classes }, (bound, images) =>
    classify(bound, globalAveragePool(swish(normalise(bound, convolve(bound, images))))),
  )
}

/** One dense layer on the flattened input. */
function linearNet(image: NetworkFields['image'], numClasses: number): Network {
  const builder = new LayoutBuilder()
  const inputs = image.reduce((a, b) => a * b, 1)
  const layer = dense(builder, 'Dense_0', { in: inputs, out: numClasses, init: uniformByClasses })
  return builder.finish({ name: 'linear', inputShape: image, numClasses }, (bound, images) =>
    layer(bound, flatten(images)),
  )
}
