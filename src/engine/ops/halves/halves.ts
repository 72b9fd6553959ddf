/** Tensors as 16-bit floats, where f16 is on: what convolutions and dense layers then multiply. */
import { f16IsOn } from '../../device/f16'
import type * as tf from '../../tf'
import { canFuse, runFused } from '../../tf/kernels'
import type { ConvShape } from '../shared/convShape'

/** Kernel name. */
export const TO_HALVES = 'BasinToHalves'

/** Whether operands are halves here. Second derivatives are those of the 32-bit convolution. */
export const takesHalves = (...tensors: tf.Tensor[]): boolean => f16IsOn() && canFuse(TO_HALVES, ...tensors)

/** `x`·scale in halves; see toHalves. */
export const inHalves = (x: tf.Tensor, scale = 1): tf.Tensor => runFused(TO_HALVES, { x }, { scale })[0]

/**
 * What gradients of a mean loss are multiplied by before they become halves, a power of two: by themselves they are as
 * small as 1 / (examples · pixels), where halves have no precision left (below 6e-5) or are zero (below 3e-8). The
 * rest of their range lies above, for gradients that gather in few pixels.
 * Source: Micikevicius et al. 2018, §3.2 (one factor for the whole loss; here each layer's own, from its shape).
 */
export const gradientScale = ({ batch, outHeight, outWidth }: ConvShape): number =>
  2 ** Math.max(0, Math.round(Math.log2((batch * outHeight * outWidth) / 16)))
