/** uint8 images decoded on the device; where there is no kernel for it the host does it before. */
import * as tf from '../../tf'
import { runFused } from '../../tf/kernels'

export const DECODE_IMAGES = 'BasinDecodeImages'

/** True where the running backend decodes images. */
export const decodesImages = (): boolean => tf.getKernel(DECODE_IMAGES, tf.getBackend()) !== undefined

export interface EncodedImages {
  /** [N, H, W, C] */
  pixels: Uint8Array
  /** [3·N] flip (0 or 1), row and column offset (0 … 2·pad) of every image; absent: as they are. */
  moves?: Uint8Array
  /** Offset that is no shift. */
  pad: number
  /** [256·C] what value v of channel c becomes, at 256·c + v. */
  table: Float32Array
  /** Mixup: [256·C] what is added for the value that image N − 1 − i has in the same place. */
  partnerTable?: Float32Array
  /** Cutout: from the first to before the second, 0 in every image. */
  square?: { rows: readonly [number, number]; columns: readonly [number, number] }
}

/**
 * Flipped, shifted (edges mirrored, the edge pixel not repeated), normalised, mixed and cut out:
 * [N, H, W, C] float32. No gradient.
 */
export function decodeImages(
  { pixels, moves, pad, table, partnerTable, square }: EncodedImages,
  shape: [number, number, number, number],
): tf.Tensor4D {
  const packed = new Int32Array(shape[0]).fill((pad << 8) | (pad << 16))
  if (moves) {
    for (let i = 0; i < packed.length; i++) {
      packed[i] = moves[3 * i] | (moves[3 * i + 1] << 8) | (moves[3 * i + 2] << 16)
    }
  }
  const { rows, columns } = square ?? { rows: [0, 0], columns: [0, 0] }
  return tf.tidy(() => {
    const inputs = {
      pixels: tf.tensor1d(packedBytes(pixels), 'int32'),
      moves: tf.tensor1d(packed, 'int32'),
      table: tf.tensor1d(partnerTable ? joined(table, partnerTable) : table),
    }
    return runFused(DECODE_IMAGES, inputs, { shape, pad, rows, columns })[0] as tf.Tensor4D
  })
}

/** Four in each. */
function packedBytes(bytes: Uint8Array): Int32Array {
  const words = new Int32Array(Math.ceil(bytes.length / 4))
  new Uint8Array(words.buffer).set(bytes)
  return words
}

function joined(first: Float32Array, second: Float32Array): Float32Array {
  const both = new Float32Array(first.length + second.length)
  both.set(first)
  both.set(second, first.length)
  return both
}
