/**
 * Gradient of max pooling in plain JavaScript: every output pixel looks up its maximum once and hands it its
 * gradient. Channels run innermost, as they lie in memory.
 */
import * as tf from '../../tf'
import type { Kernels } from '../../tf/kernels'
import { onCpu } from '../shared/callKernels'
import type { ConvShape } from '../shared/convShape'
import { maxPoolGradCall, maxPoolReadCall } from './calls'
import { MAX_POOL_READ } from './gradients'

/**
 * dy [N, H', W', C], x [N, H, W, C] → dx like x. The first maximum of a window (row by row) takes its gradient, as
 * in tfjs; a window without any number (all NaN) passes none on.
 */
export function maxPoolGradient(dy: Float32Array, x: Float32Array, s: ConvShape): Float32Array {
  const dx = new Float32Array(x.length)
  forEachMaximum(x, s, (at, place) => {
    if (place >= 0) dx[place] += dy[at]
  })
  return dx
}

/** v and x like one another → [N, H', W', C]: v at the first maximum of every window of x; 0 where there is none. */
export function maxPoolRead(v: Float32Array, x: Float32Array, s: ConvShape): Float32Array {
  const read = new Float32Array(s.batch * s.outHeight * s.outWidth * s.inChannels)
  forEachMaximum(x, s, (at, place) => {
    if (place >= 0) read[at] = v[place]
  })
  return read
}

/** Tells every output value's index and the index of its window's first maximum in x, −1 where there is none. */
function forEachMaximum(x: Float32Array, s: ConvShape, tell: (at: number, place: number) => void): void {
  const channels = s.inChannels
  for (let n = 0, at = 0; n < s.batch; n++) {
    for (let oy = 0; oy < s.outHeight; oy++) {
      const top = oy * s.strideHeight - s.padTop
      const yEnd = Math.min(s.inHeight, top + s.filterHeight)
      for (let ox = 0; ox < s.outWidth; ox++) {
        const left = ox * s.strideWidth - s.padLeft
        const xBegin = Math.max(0, left)
        const xEnd = Math.min(s.inWidth, left + s.filterWidth)
        for (let c = 0; c < channels; c++, at++) {
          let largest = Number.NEGATIVE_INFINITY
          let place = -1
          for (let iy = Math.max(0, top); iy < yEnd; iy++) {
            const row = (n * s.inHeight + iy) * s.inWidth
            for (let ix = xBegin; ix < xEnd; ix++) {
              const candidate = (row + ix) * channels + c
              if (x[candidate] > largest) {
                largest = x[candidate]
                place = candidate
              }
            }
          }
          tell(at, place)
        }
      }
    }
  }
}

export const cpu: Kernels = {
  [tf.MaxPoolGrad]: onCpu(maxPoolGradCall, maxPoolGradient),
  [MAX_POOL_READ]: onCpu(maxPoolReadCall, maxPoolRead),
}
