/** Matrix products by the kernels of convolutions. */
import * as tf from '../../tf'
import type { Kernels } from '../../tf/kernels'
import { chosen } from '../../tuning/choices'
import type { Candidate, Operation, Request } from '../../tuning/operation'
import { type ConvKernels, inTile, PRODUCT_SIZES, STOCK, WITHOUT_BARRIERS } from '../convolution/webgpu'
import type { Backend } from '../shared/program'
import { fits, suits, TILES, tileName } from '../shared/tile'
import { type MatMulCall, matMulCall } from './calls'

function product(
  name: string,
  kernels: ConvKernels,
  applies: Candidate<MatMulCall>['applies'],
): Candidate<MatMulCall> {
  const run = ({ args, call: { product, tensors, shape, outShape } }: Request<MatMulCall>) => ({
    ...kernels[product](args.backend as Backend, tensors, shape),
    shape: outShape,
  })
  return { name, applies, run }
}

const GATHER = product('gather 8x2', WITHOUT_BARRIERS, (_, { isCpu }) => isCpu)

export const MATRIX_PRODUCT: Operation<MatMulCall> = {
  name: tf.BatchMatMul,
  read: matMulCall,
  key: ({ product, shape }) => `${product} ${shape.batch} ${shape.inChannels} ${shape.outChannels}`,
  candidates: [
    STOCK,
    GATHER,
    ...TILES.map((tile) =>
      product(
        tileName(tile),
        inTile(tile),
        ({ product, shape }, adapter) =>
          !adapter.isCpu && fits(tile, adapter) && suits(tile, ...PRODUCT_SIZES[product](shape)),
      ),
    ),
  ],
  rule: (_, { isCpu }) => (isCpu ? GATHER : STOCK),
}

export const webgpu: Kernels = chosen([MATRIX_PRODUCT])
