/**
 * The kernels that can do a convolution's three products, and which is taken where none was timed. On CPU adapters
 * those without barriers and workgroup memory, in tiles found by measurement on SwiftShader and lavapipe. On GPUs
 * forward and input gradient are tfjs' own until tuning finds better: ours have not been measured on one. The filter
 * gradient is ours everywhere (stock is one thread a weight, looping over the whole batch).
 */
import { adapterWords } from '../../device/adapter'
import * as tf from '../../tf'
import type { KernelArgs, Kernels } from '../../tf/kernels'
import { chosen } from '../../tuning/choices'
import type { Candidate, Operation, Request } from '../../tuning/operation'
import type { ConvKernel } from '../shared/callKernels'
import type { ConvCall, ConvShape } from '../shared/convShape'
import type { Backend } from '../shared/program'
import { fits, suits, TILES, type Tile, tileName } from '../shared/tile'
import { filterGradientCall, forwardCall, inputGradientCall } from './calls'
import { HALF_CONV, type HalfConvAttrs } from './convolve'
import type { Direction } from './wgsl/convWalk'
import { convFilterGradient, type FilterGradientTile } from './wgsl/filterGradient'
import { type GatherTile, gatherConv } from './wgsl/gatherConv'
import { type RowTile, rowConv, takesRows } from './wgsl/rowConv'
import { rowFilterGradient } from './wgsl/rowFilterGradient'
import { tiledConv } from './wgsl/tiledConv'
import { tiledFilterGradient } from './wgsl/tiledFilterGradient'

/** A load costs as much as ten to twenty multiplications; what is unrolled is what LLVM (lavapipe) compiles longest. */
const CPU_GATHER: GatherTile = { pixels: 8, blocks: 2 }
const SMALL_GATHER: GatherTile = { pixels: 4, blocks: 2 }
const CPU_FILTER_GRADIENT: FilterGradientTile = { inBlocks: 4, outBlocks: 4, threads: 1024 }
const CPU_ROW_FILTER_GRADIENT: FilterGradientTile = { inBlocks: 2, outBlocks: 2, threads: 512 }
/** Small tiles: registers are few, invocations many. */
const GPU_FILTER_GRADIENT: FilterGradientTile = { inBlocks: 2, outBlocks: 2, threads: 32768 }

/** LLVM (lavapipe) takes long over large tiles and gains nothing by them. */
const ROW_TILE: RowTile = { rows: 1, pixels: 4, blocks: 2 }
const SWIFTSHADER_ROW_TILES: RowTile[] = [
  { rows: 1, pixels: 7, blocks: 4 },
  { rows: 1, pixels: 8, blocks: 4 },
]

/** Of SwiftShader's the one that leaves least of a row over. */
function rowTile(width: number, { device }: Backend): RowTile {
  if (!/swiftshader/i.test(adapterWords(device.adapterInfo).join(' '))) return ROW_TILE
  const covered = ({ pixels }: RowTile) => Math.ceil(width / pixels) * pixels
  return SWIFTSHADER_ROW_TILES.reduce((a, b) => (covered(b) < covered(a) ? b : a))
}

/** A kernel of ours as a candidate. */
function ours(
  name: string,
  kernel: ConvKernel,
  applies: Candidate<ConvCall>['applies'] = () => true,
): Candidate<ConvCall> {
  const run = ({ args, call }: Request<ConvCall>) => kernel(args.backend as Backend, call.tensors, call.shape)
  return { name, applies, run }
}

const onCpu: Candidate<ConvCall>['applies'] = (_, { isCpu }) => isCpu
const onRows: Candidate<ConvCall>['applies'] = ({ shape }, { isCpu }) => isCpu && takesRows(shape)

/** What it costs on CPU adapters was seen often enough not to be timed there. */
export const STOCK: Candidate<unknown> = {
  name: 'tfjs',
  applies: (_, { isCpu }) => !isCpu,
  run: ({ args, stock }) => stock(args) as tf.TensorInfo,
}

/** GEMM's sizes: result rows, result columns. */
type Sizes = (shape: ConvShape) => [number, number]

export const PRODUCT_SIZES: Record<keyof ConvKernels, Sizes> = {
  forward: (s) => [s.batch * s.outHeight * s.outWidth, s.outChannels],
  inputGradient: (s) => [s.batch * s.inHeight * s.inWidth, s.inChannels],
  filterGradient: (s) => [s.filterHeight * s.filterWidth * s.inChannels, s.outChannels],
}

/** The three products: of matrices too, as one-pixel images. */
export interface ConvKernels {
  forward: ConvKernel
  inputGradient: ConvKernel
  filterGradient: ConvKernel
}

export const WITHOUT_BARRIERS: ConvKernels = {
  forward: gatherConv('forward', CPU_GATHER),
  inputGradient: gatherConv('backward', CPU_GATHER),
  filterGradient: convFilterGradient(CPU_FILTER_GRADIENT),
}

export const inTile = (tile: Tile): ConvKernels => ({
  forward: tiledConv('forward', tile),
  inputGradient: tiledConv('backward', tile),
  filterGradient: tiledFilterGradient(tile),
})

/** What can do one of the products. */
interface Ways {
  rows: Candidate<ConvCall>
  gather: Candidate<ConvCall>
  small: Candidate<ConvCall>
  /** For devices with workgroup memory worth the name. */
  tiled: readonly Candidate<ConvCall>[]
}

const inTiles = (product: keyof ConvKernels): Candidate<ConvCall>[] =>
  TILES.map((tile) =>
    ours(
      tileName(tile),
      inTile(tile)[product],
      ({ shape }, adapter) =>
        !adapter.isCpu && fits(tile, adapter) && suits(tile, ...PRODUCT_SIZES[product](shape)),
    ),
  )

/** @param widthOf of the images that are made */
const gathered = (
  product: 'forward' | 'inputGradient',
  direction: Direction,
  widthOf: (shape: ConvShape) => number,
): Ways => ({
  rows: ours(
    'rows',
    (backend, tensors, s) => rowConv(direction, rowTile(widthOf(s), backend))(backend, tensors, s),
    onRows,
  ),
  gather: ours('gather 8x2', WITHOUT_BARRIERS[product], onCpu),
  small: ours('gather 4x2', gatherConv(direction, SMALL_GATHER)),
  tiled: inTiles(product),
})

const FORWARD = gathered('forward', 'forward', (s) => s.outWidth)
const INPUT_GRADIENT = gathered('inputGradient', 'backward', (s) => s.inWidth)
const FILTER_GRADIENT: Ways = {
  rows: ours('rows 2x2', rowFilterGradient(CPU_ROW_FILTER_GRADIENT), onRows),
  gather: ours('taps 4x4', WITHOUT_BARRIERS.filterGradient, onCpu),
  small: ours('taps 2x2', convFilterGradient(GPU_FILTER_GRADIENT)),
  tiled: inTiles('filterGradient'),
}

/** @param onGpu what is taken on GPUs */
function operation(
  name: string,
  read: Operation<ConvCall>['read'],
  { rows, gather, small, tiled }: Ways,
  onGpu: Operation<ConvCall>['rule'],
  stock: Candidate<ConvCall>[] = [],
): Operation<ConvCall> {
  return {
    name,
    read,
    key: ({ shape }) => Object.values(shape).join(' '),
    candidates: [...stock, rows, gather, small, ...tiled],
    rule(call, adapter) {
      if (!adapter.isCpu) return onGpu(call, adapter)
      return takesRows(call.shape) ? rows : gather
    },
  }
}

export const CONVOLUTIONS: readonly Operation<ConvCall>[] = [
  operation(tf.Conv2D, forwardCall, FORWARD, () => STOCK, [STOCK]),
  operation(tf.Conv2DBackpropInput, inputGradientCall, INPUT_GRADIENT, () => STOCK, [STOCK]),
  operation(tf.Conv2DBackpropFilter, filterGradientCall, FILTER_GRADIENT, () => FILTER_GRADIENT.small),
]

/** The same kernels on operands in halves, where tfjs has none; on GPUs tiles are the rule where one suits. */
const inHalves = (name: string, ways: Ways): Operation<ConvCall> =>
  operation(
    name,
    halfCall,
    ways,
    (call, adapter) => ways.tiled.find((tile) => tile.applies(call, adapter)) ?? ways.small,
  )

function halfCall({ inputs, attrs }: KernelArgs): ConvCall {
  const { a, b } = inputs as Record<'a' | 'b', tf.TensorInfo>
  return { tensors: [a, b], ...(attrs as unknown as HalfConvAttrs) }
}

export const HALF_CONVOLUTIONS: readonly Operation<ConvCall>[] = [
  inHalves(HALF_CONV.forward, FORWARD),
  inHalves(HALF_CONV.inputGradient, INPUT_GRADIENT),
  inHalves(HALF_CONV.filterGradient, FILTER_GRADIENT),
]

export const webgpu: Kernels = { ...chosen(CONVOLUTIONS), ...chosen(HALF_CONVOLUTIONS) }
