/**
 * Residual networks for large images: ResNet-v1 with bottlenecks, the stride on the 3×3 convolution.
 * Source: He et al. 2016 (arXiv 1512.03385), table 1; last batch-norm scale of a branch at zero: Goyal et al. 2017,
 * §5.1. As the reference builds it: no ReLU between the stem's batch norm and the max pool.
 */
import * as tf from '../../engine/tf'
import { applyLayers, type Layer, LayoutBuilder, layerOf, type MapShape, under } from './builder'
import { truncatedLecunNormal, zeros } from './initializers'
import { batchNorm, conv, dense, globalAveragePool, module, relu } from './layers'
import type { Network } from './network'

/** Blocks of each of the four stages, by depth. */
export const RESNET_STAGES: Record<number, readonly number[]> = {
  50: [3, 4, 6, 3],
  101: [3, 4, 23, 3],
  152: [3, 8, 36, 3],
}

const EXPANSION = 4

export function resnet(
  inputShape: MapShape,
  numClasses: number,
  options: { name: string; stages: readonly number[] },
): Network {
  const builder = new LayoutBuilder()
  const stem = conv(builder, 'conv_init', {
    in: inputShape,
    out: 64,
    size: 7,
    stride: 2,
    padding: 3,
    init: truncatedLecunNormal,
  })
  const stemNorm = batchNorm(builder, 'bn_init', stem.out)
  let shape: MapShape = [Math.ceil(stem.out[0] / 2), Math.ceil(stem.out[1] / 2), 64]
  const pool = layerOf(shape, (_, x) => stemPool(x))
  builder.row({ path: 'conv_init', kind: 'max pool 3×3 / 2', in: stem.out, out: shape, params: 0, flops: 0 })
  const blocks: Layer[] = []
  options.stages.forEach((count, stage) => {
    for (let b = 0; b < count; b++) {
      const layer = bottleneck(builder, `BottleneckResNetBlock_${blocks.length}`, {
        in: shape,
        width: 64 * 2 ** stage,
        stride: stage > 0 && b === 0 ? 2 : 1,
      })
      shape = layer.out
      blocks.push(layer)
    }
  })
  const classify = dense(builder, `Dense_${blocks.length}`, {
    in: shape[2],
    out: numClasses,
    init: truncatedLecunNormal,
  })
  return builder.finish({ name: options.name, inputShape, numClasses }, (bound, images) => {
    const x = applyLayers(bound, [stem, stemNorm, pool, ...blocks], images)
    return classify(bound, globalAveragePool(x))
  })
}

/** 3 × 3 / 2, SAME: the padding never wins. */
export const stemPool = (x: tf.Tensor4D): tf.Tensor4D => tf.maxPool(x, 3, 2, 'same')

interface BottleneckShape {
  in: MapShape
  /** Channels inside; four times as many come out. */
  width: number
  stride: number
}

/** conv 1×1, BN, ReLU, conv 3×3 (strided), BN, ReLU, conv 1×1, BN, plus the input (projected where shapes differ), ReLU. */
export function bottleneck(builder: LayoutBuilder, path: string, shape: BottleneckShape): Layer {
  const { in: input, width, stride } = shape
  const out = EXPANSION * width
  const init = truncatedLecunNormal
  const conv0 = conv(builder, under(path, 'Conv_0'), { in: input, out: width, size: 1, init })
  const norm1 = batchNorm(builder, under(path, 'BatchNorm_1'), conv0.out, { activation: 'relu' })
  const conv2 = conv(builder, under(path, 'Conv_2'), { in: conv0.out, out: width, size: 3, stride, init })
  const norm3 = batchNorm(builder, under(path, 'BatchNorm_3'), conv2.out, { activation: 'relu' })
  const conv4 = conv(builder, under(path, 'Conv_4'), { in: conv2.out, out, size: 1, init })
  const norm5 = batchNorm(builder, under(path, 'BatchNorm_5'), conv4.out, { scaleInit: zeros })
  const projected = input.some((length, axis) => length !== conv4.out[axis])
  const residual = projected ? projection(builder, path, { in: input, out, stride }) : undefined
  return module(path, conv4.out, (bound, x) => {
    const z = applyLayers(bound, [conv0, norm1, conv2, norm3, conv4, norm5], x)
    return relu(tf.add(residual ? residual(bound, x) : x, z))
  })
}

function projection(
  builder: LayoutBuilder,
  path: string,
  { in: input, out, stride }: { in: MapShape; out: number; stride: number },
): Layer {
  const options = { in: input, out, size: 1, stride, init: truncatedLecunNormal }
  const project = conv(builder, under(path, 'conv_proj'), options)
  const norm = batchNorm(builder, under(path, 'norm_proj'), project.out)
  return module(under(path, 'projection'), norm.out, (bound, x) => applyLayers(bound, [project, norm], x))
}
