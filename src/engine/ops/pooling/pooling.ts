/**
 * Average pooling as residual networks use it. On WebGPU the shortcut is a kernel each way and a global average's
 * gradient is one; elsewhere, and where second derivatives are taken, compositions of tfjs ops.
 */
import * as tf from '../../tf'
import { canFuse, runFused } from '../../tf/kernels'

/** Kernel names. */
export const SHORTCUT = 'BasinShortcut'
export const SHORTCUT_GRADIENT = 'BasinShortcutGradient'

/** Height and width of the windows, which are also their distance, and the shape of what is pooled. */
export interface ShortcutAttrs {
  size: [number, number]
  shape: [number, number, number, number]
}

/**
 * x + `residual`, average-pooled by size × size windows (VALID) and padded with channels of zeros.
 * @param x [N, H', W', C']
 * @param residual [N, H, W, C], C ≤ C'
 */
export function addPooled(x: tf.Tensor4D, residual: tf.Tensor4D, size: number): tf.Tensor4D {
  const [, height, width, channels] = residual.shape
  const fits = [height, width].every((side, i) => Math.floor(side / size) === x.shape[i + 1])
  if (fits && channels <= x.shape[3] && canFuse(SHORTCUT, x, residual)) {
    return runFused(
      SHORTCUT,
      { x, residual },
      { size: [size, size], shape: residual.shape },
    )[0] as tf.Tensor4D
  }
  const pooled = size > 1 ? tf.avgPool(residual, size, size, 'valid') : residual
  const missing = x.shape[3] - residual.shape[3]
  if (missing === 0) return tf.add(x, pooled)
  const padding: [number, number] = [0, 0]
  return tf.add(x, tf.pad4d(pooled, [padding, padding, padding, [0, missing]]))
}

/** Mean over the whole map: [N, H, W, C] → [N, C]. */
export function globalMean(x: tf.Tensor4D): tf.Tensor2D {
  if (!canFuse(SHORTCUT_GRADIENT, x)) return tf.mean(x, [1, 2])
  const { shape } = x
  const op = tf.customGrad((...args) => {
    const gradFunc = (dy: tf.Tensor) => {
      const spread = tf.reshape(dy, [shape[0], 1, 1, shape[3]])
      return runFused(SHORTCUT_GRADIENT, { dy: spread }, { size: [shape[1], shape[2]], shape })[0]
    }
    return { value: tf.mean(args[0] as tf.Tensor4D, [1, 2]), gradFunc }
  })
  return op(x) as tf.Tensor2D
}
