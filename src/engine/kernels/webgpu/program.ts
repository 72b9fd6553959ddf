/**
 * The little that every WGSL kernel of ours shares: tfjs' program mechanism (its pipeline cache, buffers, command
 * encoder), with sizes in uniforms and flat dispatches, so that one compiled pipeline serves every layer and batch.
 */
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu'
import type * as tf from '../../tf'

export type Backend = WebGPUBackend

type Program = Parameters<Backend['runWebGPUProgram']>[0]

/** Invocations a workgroup. No kernel here has barriers or workgroup memory: both are slow on CPU adapters. */
const WORKGROUP = 64

/** 4 where runs of `channels` values can be read as vec4, else 1. */
export type Lanes = 1 | 4
export const lanesOf = (channels: number): Lanes => (channels % 4 === 0 ? 4 : 1)

export interface FlatKernel {
  /** Unique to the WGSL text. */
  key: string
  /** Names in the text, and whether each is an array<f32> or an array<vec4<f32>>; `result` is the output. */
  inputs: { name: string; tensor: tf.TensorInfo; lanes: Lanes }[]
  outShape: number[]
  outLanes: Lanes
  /** Integers, read in the text as `uniforms.NAME`: a number as i32, a pair as vec2<i32>. */
  uniforms: Record<string, number | [number, number]>
  /** One float, `uniforms.scale`. */
  scale?: number
  /** Number of invocations; the text must itself ignore those beyond. */
  threads: number
  /** WGSL with `fn main(thread : i32)`. */
  code: string
}

/** Queues the kernel; the output is float32 and the caller's. More than 65,535 workgroups are folded by tfjs. */
export function runFlat(backend: Backend, kernel: FlatKernel): tf.TensorInfo {
  const entries = Object.entries(kernel.uniforms)
  const declarations = entries.map(
    ([name, value]) => `${name} : ${Array.isArray(value) ? 'vec2<i32>' : 'i32'}, `,
  )
  const program: Program = {
    shaderKey: `basin_${kernel.key}`,
    variableNames: kernel.inputs.map(({ name }) => name),
    variableComponents: kernel.inputs.map(({ lanes }) => lanes),
    outputComponent: kernel.outLanes,
    outputShape: kernel.outShape,
    uniforms: [...declarations, kernel.scale === undefined ? '' : 'scale : f32, '].join(''),
    workgroupSize: [WORKGROUP, 1, 1],
    dispatchLayout: { x: [0] },
    dispatch: [Math.ceil(kernel.threads / WORKGROUP), 1, 1],
    getUserCode: () => kernel.code,
  }
  // Flat inputs: tfjs keys its pipelines by relations between shapes, which mean nothing here.
  const inputs = kernel.inputs.map(({ tensor }) => ({
    ...tensor,
    shape: [tensor.shape.reduce((a, b) => a * b, 1)],
  }))
  const data = entries.map(([, value]) => ({ type: 'int32', data: Array.isArray(value) ? value : [value] }))
  if (kernel.scale !== undefined) data.push({ type: 'float32', data: [kernel.scale] })
  return backend.runWebGPUProgram(program, inputs, 'float32', data)
}

/** The text of `line(0)` to `line(n − 1)`: registers stay registers only where the text is unrolled. */
export function unroll(n: number, line: (i: number) => string): string {
  return Array.from({ length: n }, (_, i) => line(i)).join('\n')
}
