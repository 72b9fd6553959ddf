/** Networks as a golden describes them: sizes are read off its tensors' shapes, never off its name. */
import { MODELS, type ModelName } from '../../src/core/config/models'
import { DEFAULT_CONFIG } from '../../src/core/config/schema'
import { LayoutBuilder } from '../../src/core/models/builder'
import { EFFICIENTNETS, type EfficientNetSize, efficientNet } from '../../src/core/models/efficientNet'
import { heNormalFanOut, uniformByClasses } from '../../src/core/models/initializers'
import { batchNorm, conv, dense, flatten, globalAveragePool, swish } from '../../src/core/models/layers'
import type { Network } from '../../src/core/models/network'
import { createNetwork } from '../../src/core/models/registry'
import { wideResnet } from '../../src/core/models/wideResnet'
import { Unsupported } from './checks'
import { NUMBER } from './flags'

type Shapes = ReadonlyMap<string, readonly number[]>
type ImageShape = readonly [number, number, number]

/**
 * The reference's WideResnet with the depth and width that the parameters have.
 * @param shapes of the parameters by name
 */
export function wideResnetOf(
  shapes: Shapes,
  inputShape: ImageShape,
  useAdditionalSkipConnections: boolean,
): Network {
  const first = shapes.get('WideResnetGroup_0/WideResnetBlock_0/conv1/kernel')
  const head = [...shapes].find(([name]) => /^Dense_\d+\/kernel$/.test(name))?.[1]
  if (!first || !head) throw new Unsupported('its parameters are not those of a WideResnet')
  const blocks = [...shapes.keys()].filter((name) =>
    /^WideResnetGroup_0\/WideResnetBlock_\d+\/conv1\/kernel$/.test(name),
  )
  const network = wideResnet(inputShape, head[1], {
    name: 'WideResnet',
    blocksPerGroup: blocks.length,
    widthMultiplier: first[3] / 16,
    useAdditionalSkipConnections,
  })
  mustFit(network, shapes)
  return network
}

/** Depth and width that a model's name stands for: `WideResnet_mini`, `WideResnet28x10`. */
export function wideResnetNamed(
  model: string,
): { blocksPerGroup: number; widthMultiplier: number } | undefined {
  if (model === 'WideResnet_mini') return { blocksPerGroup: 2, widthMultiplier: 1 }
  const [, depth, width] = /^WideResnet(\d+)x(\d+)$/.exec(model) ?? []
  if (!depth) return undefined
  return { blocksPerGroup: (Number(depth) - 4) / 6, widthMultiplier: Number(width) }
}

const WIDE_OPTION = 'use_additional_skip_connections'

/**
 * Any network of the reference by what a golden says of it: a name, then in parentheses what was changed
 * (`efficientnet-b0 (resolution forced to 64, dropout_rate=0, drop_connect_rate=0)`).
 * @param kwargs of the model, reference flag names
 */
export function networkCalled(
  description: string,
  inputShape: ImageShape,
  numClasses: number,
  kwargs: Readonly<Record<string, unknown>> = {},
): Network {
  const [, name, changes] = /^(\S+)\s*(?:\((.*)\))?/.exec(description) ?? []
  for (const [option, value] of Object.entries(kwargs)) {
    const known = option === WIDE_OPTION || option === 'dropout_rate' || option === 'drop_connect_rate'
    if (!known && value !== null && value !== false) throw new Unsupported(`model option ${option}`)
  }
  const use_additional_skip_connections = kwargs[WIDE_OPTION] === true
  const wide = wideResnetNamed(name)
  if (wide) {
    const useAdditionalSkipConnections = use_additional_skip_connections
    return wideResnet(inputShape, numClasses, { name, ...wide, useAdditionalSkipConnections })
  }
  const size = EFFICIENTNETS[name as keyof typeof EFFICIENTNETS] as EfficientNetSize | undefined
  if (size) {
    const rate = (key: string) => {
      const text = new RegExp(`${key}\\s*=\\s*${NUMBER}`).exec(changes ?? '')?.[1] ?? kwargs[key]
      return text === undefined ? undefined : Number(text)
    }
    return efficientNet(inputShape, numClasses, {
      name,
      ...size,
      dropout: rate('dropout_rate') ?? size.dropout,
      dropConnect: rate('drop_connect_rate'),
      // A golden may be of images of any size: its model was built.
      checkResolution: false,
    })
  }
  if (!(MODELS as readonly string[]).includes(name)) throw new Unsupported(`model ${description}`)
  const config = { ...DEFAULT_CONFIG, model_name: name as ModelName, use_additional_skip_connections }
  const [height, width, channels] = inputShape
  return createNetwork(config, { height, width, channels }, numClasses)
}

/** conv – batch norm – swish – global mean – dense: the smooth net of the train_smooth goldens. */
export function smoothNet(shapes: Shapes, inputShape: ImageShape): Network {
  const kernel = shapes.get('conv/kernel')
  const head = shapes.get('dense/kernel')
  if (!kernel || !head) throw new Unsupported('its parameters are not conv, bn, dense')
  const builder = new LayoutBuilder()
  const convolve = conv(builder, 'conv', {
    in: inputShape,
    out: kernel[3],
    size: kernel[0],
    init: heNormalFanOut,
  })
  const normalise = batchNorm(builder, 'bn', convolve.out)
  const classify = dense(builder, 'dense', { in: head[0], out: head[1], init: uniformByClasses })
  const network = builder.finish({ name: 'smooth', inputShape, numClasses: head[1] }, (bound, images) =>
    classify(bound, globalAveragePool(swish(normalise(bound, convolve(bound, images))))),
  )
  mustFit(network, shapes)
  return network
}

/** One dense layer on the flattened input. */
export function linearNet(inputs: number, outputs: number): Network {
  const builder = new LayoutBuilder()
  const layer = dense(builder, 'Dense_0', { in: inputs, out: outputs, init: uniformByClasses })
  return builder.finish(
    { name: 'linear', inputShape: [1, 1, inputs], numClasses: outputs },
    (bound, images) => layer(bound, flatten(images)),
  )
}

function mustFit({ params }: Network, shapes: Shapes): void {
  for (const [name, shape] of shapes) {
    const entry = params.entries.find((candidate) => candidate.name === name)
    if (!entry) throw new Unsupported(`parameter ${name} is unknown to this network`)
    if (String(entry.shape) !== String(shape)) {
      throw new Unsupported(`parameter ${name}: shape [${entry.shape}] expected, got [${shape}]`)
    }
  }
  const missing = params.entries.find(({ name }) => !shapes.has(name))
  if (missing) throw new Unsupported(`parameter ${missing.name} is missing`)
}
