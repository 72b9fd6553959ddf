/** uint8 images to floats in WebAssembly. */
import type * as tf from '../../tf'
import type { Kernels } from '../../tf/kernels'
import { sizeOf, wasmKernel } from '../shared/onWasm'
import { DECODE_IMAGES } from './decodeImages'

interface Attrs {
  shape: [number, number, number, number]
  pad: number
  rows: [number, number]
  columns: [number, number]
}

export const wasm: Kernels = {
  [DECODE_IMAGES]: wasmKernel(
    (
      backend,
      { pixels, moves, table }: Record<'pixels' | 'moves' | 'table', tf.TensorInfo>,
      { shape, pad, rows, columns }: Attrs,
    ) => {
      const { machine } = backend
      const [batch, height, width, channels] = shape
      const { info, address } = backend.output([...shape])
      const [pixelsAt, movesAt] = [pixels, moves].map((tensor) => backend.wordsOf(tensor))
      const isMixed = table.shape[0] === 2 * 256 * channels
      const square = [...rows, ...columns]
      machine.run(
        'decodeImages',
        [
          pixelsAt,
          movesAt,
          backend.addressOf(table),
          address,
          batch,
          height,
          width,
          channels,
          pad,
          ...square,
          isMixed ? 1 : 0,
        ],
        batch * height,
        2 * sizeOf(shape),
      )
      for (const at of [pixelsAt, movesAt]) machine.give(at)
      return info
    },
  ),
}
