/**
 * The kernels that can do a convolution's three products, and which is taken where none was timed. On CPU adapters
 * those without barriers and workgroup memory, in tiles found by measurement on SwiftShader and lavapipe. On GPUs
 * forward and input gradient are tfjs' own until tuning finds better: ours have not been measured on one. The filter
 * gradient is ours everywhere (stock is one thread a weight, looping over the whole batch).
 */
import { type AdapterFacts, adapterWords } from '../../device/adapter'
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
import { convFilterGradient, type FilterGradientTile } from './wgsl/filterGradient'
import { convForward, convInputGradient, type GatherTile } from './wgsl/gatherConv'
import { type RowTile, rowConvForward, rowConvInputGradient, takesRows } from './wgsl/rowConv'
import { rowFilterGradient } from './wgsl/rowFilterGradient'
import { tiledForward, tiledInputGradient } from './wgsl/tiledConv'
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

/** What it costs on CPU adapters was seen often enough not to be timed there. */
export const STOCK: Candidate<unknown> = {
  name: 'tfjs',
  applies: (_, { isCpu }) => !isCpu,
  run: ({ args, stock }) => stock(args) as tf.TensorInfo,
}

/** GEMM's sizes: result rows, result columns. */
type Sizes = (shape: ConvShape) => [number, number]

/** The kernel in every tile, for devices with workgroup memory worth the name. */
function inTiles(kernel: TiledKernel, sizes: Sizes): Candidate<ConvCall>[] {
  return TILES.map((tile) =>
    ours(
      tileName(tile),
      (...call) => kernel(...call, tile),
      ({ shape }, adapter) => !adapter.isCpu && fits(tile, adapter) && suits(tile, ...sizes(shape)),
    ),
  )
}

type TiledKernel = (...call: [...Parameters<ConvKernel>, Tile]) => tf.TensorInfo

const FORWARD_SIZES: Sizes = (s) => [s.batch * s.outHeight * s.outWidth, s.outChannels]
const INPUT_SIZES: Sizes = (s) => [s.batch * s.inHeight * s.inWidth, s.inChannels]
const FILTER_SIZES: Sizes = (s) => [s.filterHeight * s.filterWidth * s.inChannels, s.outChannels]

const FORWARD = {
  rows: ours(
    'rows',
    (backend, tensors, shape) => rowConvForward(backend, tensors, shape, rowTile(shape.outWidth, backend)),
    ({ shape }, { isCpu }) => isCpu && takesRows(shape),
  ),
  gather: ours(
    'gather 8x2',
    (...call) => convForward(...call, CPU_GATHER),
    (_, { isCpu }) => isCpu,
  ),
  small: ours('gather 4x2', (...call) => convForward(...call, SMALL_GATHER)),
}

const INPUT_GRADIENT = {
  rows: ours(
    'rows',
    (backend, tensors, shape) =>
      rowConvInputGradient(backend, tensors, shape, rowTile(shape.inWidth, backend)),
    ({ shape }, { isCpu }) => isCpu && takesRows(shape),
  ),
  gather: ours(
    'gather 8x2',
    (...call) => convInputGradient(...call, CPU_GATHER),
    (_, { isCpu }) => isCpu,
  ),
  small: ours('gather 4x2', (...call) => convInputGradient(...call, SMALL_GATHER)),
}

const FILTER_GRADIENT = {
  rows: ours(
    'rows 2x2',
    (...call) => rowFilterGradient(...call, CPU_ROW_FILTER_GRADIENT),
    ({ shape }, { isCpu }) => isCpu && takesRows(shape),
  ),
  large: ours(
    'taps 4x4',
    (...call) => convFilterGradient(...call, CPU_FILTER_GRADIENT),
    (_, { isCpu }) => isCpu,
  ),
  small: ours('taps 2x2', (...call) => convFilterGradient(...call, GPU_FILTER_GRADIENT)),
}

const TILED = {
  forward: inTiles(tiledForward, FORWARD_SIZES),
  inputGradient: inTiles(tiledInputGradient, INPUT_SIZES),
  filterGradient: inTiles(tiledFilterGradient, FILTER_SIZES),
}

const keyOf = ({ shape }: ConvCall) => Object.values(shape).join(' ')

const ruleOf =
  (kernels: { rows: Candidate<ConvCall>; gather: Candidate<ConvCall> }): Operation<ConvCall>['rule'] =>
  ({ shape }, { isCpu }) => {
    if (!isCpu) return STOCK
    return takesRows(shape) ? kernels.rows : kernels.gather
  }

export const CONVOLUTIONS: readonly Operation<ConvCall>[] = [
  {
    name: tf.Conv2D,
    read: forwardCall,
    key: keyOf,
    candidates: [STOCK, ...Object.values(FORWARD), ...TILED.forward],
    rule: ruleOf(FORWARD),
  },
  {
    name: tf.Conv2DBackpropInput,
    read: inputGradientCall,
    key: keyOf,
    candidates: [STOCK, ...Object.values(INPUT_GRADIENT), ...TILED.inputGradient],
    rule: ruleOf(INPUT_GRADIENT),
  },
  {
    name: tf.Conv2DBackpropFilter,
    read: filterGradientCall,
    key: keyOf,
    candidates: [...Object.values(FILTER_GRADIENT), ...TILED.filterGradient],
    rule: filterGradientRule,
  },
]

/** The same kernels on operands in halves, where tfjs has none; on GPUs tiles are the rule where one suits. */
export const HALF_CONVOLUTIONS: readonly Operation<ConvCall>[] = [
  {
    name: HALF_CONV.forward,
    read: halfCall,
    key: keyOf,
    candidates: [...Object.values(FORWARD), ...TILED.forward],
    rule: halfRuleOf(FORWARD, TILED.forward),
  },
  {
    name: HALF_CONV.inputGradient,
    read: halfCall,
    key: keyOf,
    candidates: [...Object.values(INPUT_GRADIENT), ...TILED.inputGradient],
    rule: halfRuleOf(INPUT_GRADIENT, TILED.inputGradient),
  },
  {
    name: HALF_CONV.filterGradient,
    read: halfCall,
    key: keyOf,
    candidates: [...Object.values(FILTER_GRADIENT), ...TILED.filterGradient],
    rule: halfRuleOf({ ...FILTER_GRADIENT, gather: FILTER_GRADIENT.large }, TILED.filterGradient),
  },
]

function halfRuleOf(
  kernels: Record<'rows' | 'gather' | 'small', Candidate<ConvCall>>,
  tiled: readonly Candidate<ConvCall>[],
): Operation<ConvCall>['rule'] {
  return (call, adapter) => {
    if (!adapter.isCpu) return tiled.find((tile) => tile.applies(call, adapter)) ?? kernels.small
    return takesRows(call.shape) ? kernels.rows : kernels.gather
  }
}

function halfCall({ inputs, attrs }: KernelArgs): ConvCall {
  const { a, b } = inputs as Record<'a' | 'b', tf.TensorInfo>
  return { tensors: [a, b], ...(attrs as unknown as HalfConvAttrs) }
}

function filterGradientRule({ shape }: ConvCall, { isCpu }: AdapterFacts): Candidate<ConvCall> {
  if (!isCpu) return FILTER_GRADIENT.small
  return takesRows(shape) ? FILTER_GRADIENT.rows : FILTER_GRADIENT.large
}

/** The three products: of matrices too, as one-pixel images. */
export interface ConvKernels {
  forward: ConvKernel
  inputGradient: ConvKernel
  filterGradient: ConvKernel
}

export const WITHOUT_BARRIERS: ConvKernels = {
  forward: (...call) => convForward(...call, CPU_GATHER),
  inputGradient: (...call) => convInputGradient(...call, CPU_GATHER),
  filterGradient: (...call) => convFilterGradient(...call, CPU_FILTER_GRADIENT),
}

export const inTile = (tile: Tile): ConvKernels => ({
  forward: (...call) => tiledForward(...call, tile),
  inputGradient: (...call) => tiledInputGradient(...call, tile),
  filterGradient: (...call) => tiledFilterGradient(...call, tile),
})

export const PRODUCT_SIZES = {
  forward: FORWARD_SIZES,
  inputGradient: INPUT_SIZES,
  filterGradient: FILTER_SIZES,
}

export const webgpu: Kernels = { ...chosen(CONVOLUTIONS), ...chosen(HALF_CONVOLUTIONS) }
