/**
 * Every op of ours: its folder has the op, its gradient, its kernels on each backend and its tests. Another backend is
 * one more file of kernels in those folders that have something for it.
 */
import { batchNorm } from './batchNorm'
import { broadcast } from './broadcast'
import { convolution } from './convolution'
import { crossEntropy } from './crossEntropy'
import { decodeImages } from './decodeImages'
import { dense } from './dense'
import { depthwise } from './depthwise'
import { dot } from './dot'
import { flat } from './flat'
import { halves } from './halves'
import { matMul } from './matMul'
import { norm } from './norm'
import { normals } from './normals'
import { registerOp } from './op'
import { pieces } from './pieces'
import { pooling } from './pooling'

const OPS = [
  convolution,
  depthwise,
  matMul,
  dense,
  halves,
  batchNorm,
  pooling,
  broadcast,
  crossEntropy,
  pieces,
  flat,
  norm,
  dot,
  normals,
  decodeImages,
]

/** Registers our ops for every backend that is loaded; may be called again after another one is loaded. */
export function registerOps(): void {
  for (const op of OPS) registerOp(op)
}
