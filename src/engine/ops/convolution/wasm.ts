/**
 * A convolution's three products in WebAssembly: the filter is packed, then the tile runs over windows of images with
 * their padding around them (wasm/assembly/convolution.ts). What is worked on at a time is chosen to stay in the caches.
 */
import * as tf from '../../tf'
import type { Kernels } from '../../tf/kernels'
import { packedColumns } from '../matMul/wasm'
import type { ConvCall, ConvShape } from '../shared/convShape'
import { onWasm, type WasmBackend } from '../shared/onWasm'
import { filterGradientCall, forwardCall, inputGradientCall } from './calls'

/** Bytes of a strip of an image, about; half of a second cache of 512 KiB at most. */
const STRIP_BYTES = 96 * 1024
/** Pixels that a unit should have at least, so that tiles are full. */
const PIXELS = 96
/** Runs are cut into so many rows of the packed filter (matMul.ts of the assembly). */
const DEPTH_BLOCK = 256

/** How images are shared out: so many whole images a unit, or so many rows of one. */
function unitsOf(batch: number, rows: number, columns: number, bytesOfRow: number) {
  const pixels = rows * columns
  if (pixels < PIXELS) {
    const images = Math.min(batch, Math.ceil(PIXELS / pixels))
    return { images, rows, units: Math.ceil(batch / images) }
  }
  const wanted = Math.max(Math.ceil(PIXELS / columns), Math.floor(STRIP_BYTES / bytesOfRow))
  const strips = Math.max(1, Math.ceil(rows / wanted))
  const each = Math.ceil(rows / strips)
  return { images: 1, rows: each, units: batch * Math.ceil(rows / each) }
}

const sizes = (s: ConvShape): number[] => [
  s.batch,
  s.inHeight,
  s.inWidth,
  s.inChannels,
  s.outHeight,
  s.outWidth,
  s.outChannels,
  s.filterHeight,
  s.filterWidth,
  s.strideHeight,
  s.strideWidth,
  s.padTop,
  s.padLeft,
]

const workOf = (s: ConvShape): number =>
  s.batch * s.outHeight * s.outWidth * s.outChannels * s.filterHeight * s.filterWidth * s.inChannels

/** Bytes of a thread's runs, blocks of them and rows, before the strip. */
const listBytes = (runs: number, rows: number): number => 256 + 20 * runs + 8 * rows + 64

const runsOf = (count: number, length: number) => count * Math.ceil(length / DEPTH_BLOCK)

export function conv2d({ machine }: Addresses, x: number, w: number, y: number, s: ConvShape): void {
  const depth = s.filterHeight * s.filterWidth * s.inChannels
  const packed = machine.take(4 * depth * packedColumns(s.outChannels))
  machine.run(
    'packFilter',
    [w, packed, depth, s.outChannels],
    Math.ceil(s.outChannels / 16),
    depth * s.outChannels,
  )
  const columns = (s.outWidth - 1) * s.strideWidth + s.filterWidth
  const bytesOfRow = 4 * columns * s.inChannels * s.strideHeight
  const { images, rows, units } = unitsOf(s.batch, s.outHeight, s.outWidth, bytesOfRow)
  const stripRows = (rows - 1) * s.strideHeight + s.filterHeight
  const runs = runsOf(s.filterHeight, s.filterWidth * s.inChannels)
  const scratch = machine.scratch(
    listBytes(runs, images * rows * s.outWidth) + 4 * images * stripRows * columns * s.inChannels,
  )
  machine.run(
    'convForward',
    [x, packed, y, ...sizes(s), images, rows, scratch.at, scratch.each],
    units,
    workOf(s),
  )
  machine.give(scratch.at)
  machine.give(packed)
}

type Addresses = Pick<WasmBackend, 'machine'>

/** How many taps of a side meet a pixel of residue r. */
const tapsOf = (length: number, stride: number, r: number) =>
  r < length ? Math.ceil((length - r) / stride) : 0

export function conv2dInput({ machine }: Addresses, dy: number, w: number, dx: number, s: ConvShape): void {
  const taps = s.filterHeight * s.filterWidth
  const packed = machine.take(4 * taps * s.outChannels * packedColumns(s.inChannels))
  const residues = s.strideHeight * s.strideWidth
  machine.run(
    'packFilterTurned',
    [w, packed, s.filterHeight, s.filterWidth, s.inChannels, s.outChannels, s.strideHeight, s.strideWidth],
    residues * Math.ceil(s.inChannels / 16),
    taps * s.inChannels * s.outChannels,
  )
  const [mostY, mostX] = [tapsOf(s.filterHeight, s.strideHeight, 0), tapsOf(s.filterWidth, s.strideWidth, 0)]
  const first = Math.floor(s.padLeft / s.strideWidth) - (mostX - 1)
  const columns = Math.floor((s.inWidth - 1 + s.padLeft) / s.strideWidth) + 1 - first
  const { images, rows, units } = unitsOf(
    s.batch,
    s.inHeight,
    s.inWidth,
    (4 * columns * s.outChannels) / s.strideHeight,
  )
  const stripRows = Math.floor((rows - 1) / s.strideHeight) + 1 + mostY
  const scratch = machine.scratch(
    listBytes(runsOf(mostY, mostX * s.outChannels), images * rows * s.inWidth) +
      4 * images * stripRows * columns * s.outChannels,
  )
  machine.run(
    'convInput',
    [dy, packed, dx, ...sizes(s), images, rows, scratch.at, scratch.each],
    units,
    workOf(s),
  )
  machine.give(scratch.at)
  machine.give(packed)
}

export function conv2dFilter({ machine }: Addresses, x: number, dy: number, dw: number, s: ConvShape): void {
  const columns = (s.outWidth - 1) * s.strideWidth + s.filterWidth
  const bytesOfRow = 4 * (columns * s.inChannels * s.strideHeight + s.outWidth * packedColumns(s.outChannels))
  const { images, rows } = unitsOf(s.batch, s.outHeight, s.outWidth, bytesOfRow)
  const stripRows = (rows - 1) * s.strideHeight + s.filterHeight
  const depth = s.filterHeight * s.filterWidth * s.inChannels
  const strip = images * stripRows * columns * s.inChannels
  const panels = images * rows * s.outWidth * packedColumns(s.outChannels)
  const scratch = machine.scratch(256 + 8 * images * rows + 8 * depth + 64 + 4 * (strip + panels))
  machine.run(
    'convFilter',
    [x, dy, dw, ...sizes(s), images, rows, scratch.at, scratch.each],
    Math.ceil(depth / 2),
    workOf(s),
  )
  machine.give(scratch.at)
}

/** One of the products over the addresses of two tensors. */
const product =
  (run: (backend: Addresses, a: number, b: number, out: number, s: ConvShape) => void) =>
  (backend: WasmBackend, { tensors: [a, b], shape, outShape }: ConvCall): tf.TensorInfo => {
    const { info, address } = backend.output(outShape)
    run(backend, backend.addressOf(a), backend.addressOf(b), address, shape)
    return info
  }

export const wasm: Kernels = {
  [tf.Conv2D]: onWasm(forwardCall, product(conv2d)),
  [tf.Conv2DBackpropInput]: onWasm(inputGradientCall, product(conv2dInput)),
  [tf.Conv2DBackpropFilter]: onWasm(filterGradientCall, product(conv2dFilter)),
}
