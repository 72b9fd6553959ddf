/** The fused ops of engine/ops on tfjs' WebGPU backend. */
import { isCpuAdapter } from '../device/adapter'
import type * as tf from '../tf'
import { registerFused } from '../tf/kernels'
import type { KernelArgs } from '../tf/override'
import { AUGMENT_IMAGES } from './augmentImages/augmentImages'
import { type AugmentAttrs, augmentImages } from './augmentImages/webgpu'
import { BATCH_NORM, NORMALISE } from './batchNorm/batchNorm'
import type { ReductionChoice } from './batchNorm/rowParts'
import { type BatchNormSettings, batchNormBackward, batchNormForward, normalise } from './batchNorm/webgpu'
import { TO_HALVES } from './convolution/convolve'
import { MAX_POOL_READ } from './convolution/gradients'
import { CROSS_ENTROPY, ERRORS, EVALUATION_SUMS } from './crossEntropy/crossEntropy'
import { crossEntropy, errors, evaluationSums } from './crossEntropy/webgpu'
import { DECODE_IMAGES } from './decodeImages/decodeImages'
import { type DecodeAttrs, decodeImages } from './decodeImages/webgpu'
import { DENSE, DENSE_INPUT, DENSE_WEIGHTS } from './dense/dense'
import {
  type DenseActivation,
  type DenseSizes,
  denseForward,
  denseInputGradient,
  denseWeightGradient,
} from './dense/webgpu'
import { FLAT, type FlatProgram } from './flat/flat'
import { runFlatProgram } from './flat/webgpu'
import { toHalves } from './halves/webgpu'
import { CLIPPED_NORM } from './norm/norm'
import { clippedNorm } from './norm/webgpu'
import { CUT, JOIN } from './pieces/pieces'
import { cutPieces, joinPieces } from './pieces/webgpu'
import { addShortcut, averagePoolGradient } from './pooling/averagePool'
import { maxPoolRead } from './pooling/maxPoolRead'
import { SHORTCUT, SHORTCUT_GRADIENT, type ShortcutAttrs } from './pooling/pooling'
import { maxPoolReadCall, pooledShape } from './shared/convShape'
import type { Backend } from './shared/program'

interface DenseAttrs {
  sizes: DenseSizes
  activation: DenseActivation
}

type Inputs<Names extends string> = Record<Names, tf.TensorInfo>

const CPU_REDUCTION: ReductionChoice = { threads: 512, interleaved: false, addPartsFirst: false }
const GPU_REDUCTION: ReductionChoice = { threads: 8192, interleaved: true, addPartsFirst: true }

const reduction = ({ device }: Backend): ReductionChoice =>
  isCpuAdapter(device.adapterInfo) ? CPU_REDUCTION : GPU_REDUCTION

/** Registers what belongs to the WebGPU backend; nothing happens when it is not loaded. */
export function registerWebGpuOps(): void {
  registerFused(BATCH_NORM, (inputs, attrs: BatchNormSettings, backend: Backend) =>
    batchNormForward(backend, inputs as Inputs<'x' | 'gamma' | 'beta'>, attrs, reduction(backend)),
  )
  registerFused(`${BATCH_NORM}Gradient`, (inputs, attrs: BatchNormSettings, backend: Backend) =>
    batchNormBackward(backend, inputs as Inputs<'x' | 'dy' | 'statistics'>, attrs, reduction(backend)),
  )
  registerFused(NORMALISE, (inputs, attrs: BatchNormSettings, backend: Backend) => {
    const named = inputs as Inputs<'x' | 'mean' | 'variance' | 'gamma' | 'beta'>
    return normalise(backend, named, named, attrs, reduction(backend))
  })
  registerFused(DECODE_IMAGES, (inputs, attrs: DecodeAttrs, backend: Backend) =>
    decodeImages(backend, inputs as Inputs<'pixels' | 'moves' | 'table'>, attrs),
  )
  registerFused(AUGMENT_IMAGES, (inputs, attrs: AugmentAttrs, backend: Backend) =>
    augmentImages(backend, inputs as Inputs<'pixels' | 'ops' | 'tables'>, attrs),
  )
  registerFused(DENSE, (inputs, { sizes, activation }: DenseAttrs, backend: Backend) =>
    denseForward(backend, inputs as Inputs<'x' | 'w' | 'bias'>, sizes, activation),
  )
  registerFused(DENSE_INPUT, (inputs, { sizes }: DenseAttrs, backend: Backend) =>
    denseInputGradient(backend, inputs as Inputs<'dy' | 'w'>, sizes),
  )
  registerFused(DENSE_WEIGHTS, (inputs, { sizes }: DenseAttrs, backend: Backend) =>
    denseWeightGradient(backend, inputs as Inputs<'x' | 'dy'>, sizes),
  )
  registerFused(TO_HALVES, ({ x }, { scale }: { scale: number }, backend: Backend) =>
    toHalves(backend, x, scale),
  )
  registerFused(CUT, ({ vector }, { shapes }: { shapes: number[][] }, backend: Backend) =>
    cutPieces(backend, vector, shapes),
  )
  registerFused(JOIN, (inputs, { sizes, total }: { sizes: number[]; total: number }, backend: Backend) =>
    joinPieces(
      backend,
      sizes.map((size, i) => ({ tensor: inputs[`piece${i}`], size })),
      total,
    ),
  )
  registerFused(
    FLAT,
    (inputs, { program, constant }: { program: FlatProgram; constant: number }, backend: Backend) =>
      runFlatProgram(backend, program, inputs, constant),
  )
  registerFused(CLIPPED_NORM, ({ v }, { limit }: { limit: number }, backend: Backend) =>
    clippedNorm(backend, v, limit),
  )
  registerFused(SHORTCUT, ({ x, residual }, { size, shape }: ShortcutAttrs, backend: Backend) =>
    addShortcut(backend, x, residual, pooledShape(shape, size)),
  )
  registerFused(SHORTCUT_GRADIENT, ({ dy }, { size, shape }: ShortcutAttrs, backend: Backend) =>
    averagePoolGradient(backend, dy, pooledShape(shape, size)),
  )
  registerFused(MAX_POOL_READ, (inputs, attrs, backend: Backend) => {
    const { tensors, shape } = maxPoolReadCall({ inputs, attrs, backend } as KernelArgs)!
    return maxPoolRead(backend, tensors, shape)
  })
  registerFused(CROSS_ENTROPY, ({ logits, targets }, _attrs, backend: Backend) =>
    crossEntropy(backend, logits, targets),
  )
  registerFused(
    EVALUATION_SUMS,
    ({ logits, labels, mask }, { smoothing }: { smoothing: number }, backend: Backend) =>
      evaluationSums(backend, { logits, labels, mask }, smoothing),
  )
  registerFused(ERRORS, ({ logits, labels }, _attrs, backend: Backend) => errors(backend, logits, labels))
}
