/**
 * The little that every WGSL kernel of ours shares: tfjs' program mechanism (its pipeline cache, buffers, command
 * encoder), with sizes in uniforms and flat dispatches, so that one compiled pipeline serves every layer and batch.
 */
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu'
import { isCpuAdapter } from '../../device/adapter'
import type * as tf from '../../tf'

export type Backend = WebGPUBackend

type Program = Parameters<Backend['runWebGPUProgram']>[0]

/** Invocations a workgroup, where the kernel does not say: those have neither barriers nor workgroup memory. */
export const WORKGROUP = 64

/** 4 where runs of `channels` values can be read as vec4, else 1. */
export type Lanes = 1 | 4
export const lanesOf = (channels: number): Lanes => (channels % 4 === 0 ? 4 : 1)

/** Invocations of a subgroup, where the device lets kernels use them and their number is known beforehand; else 0. */
export function subgroupSize({ device }: Backend): number {
  const { subgroupMinSize, subgroupMaxSize } = device.adapterInfo
  const isKnown = device.features.has('subgroups') && subgroupMinSize === subgroupMaxSize
  return isKnown && subgroupMinSize >= 4 && subgroupMinSize <= WORKGROUP ? subgroupMinSize : 0
}

/**
 * Neighbouring values (or quads) that an invocation of an element-wise kernel takes care of. On a CPU adapter what an
 * invocation costs by itself is shared by a run of them; on a GPU neighbouring invocations take neighbouring values.
 */
export const runOf = ({ device }: Backend, lanes: Lanes = 1): number =>
  isCpuAdapter(device.adapterInfo) ? 64 / lanes : 1

/** The WGSL type of so many float lanes. */
export const floatType = (lanes: Lanes): string => (lanes === 4 ? 'vec4<f32>' : 'f32')

/** The WGSL type of so many lanes as they are stored: 16-bit floats or 32-bit ones. */
export const storedType = (lanes: Lanes, half: boolean): string =>
  half ? floatType(lanes).replace('f32', 'f16') : floatType(lanes)

/** The text of a stored value (quad) as 32-bit floats. */
export const widened = (value: string, lanes: Lanes, half: boolean): string =>
  half ? `${floatType(lanes)}(${value})` : value

export interface FlatKernel {
  /** Unique to the WGSL text. */
  key: string
  /** Names in the text, and whether each is an array of scalars or of quads; `result` is the output. */
  inputs: { name: string; tensor: tf.TensorInfo; lanes: Lanes; half?: boolean }[]
  outShape: number[]
  outLanes: Lanes
  /** float32 unless said. */
  outType?: 'float32' | 'int32'
  /** Writes (part of) this tensor of `outShape` instead of a new one. */
  into?: tf.TensorInfo
  /** Further float32 outputs, each written in the text under its name. */
  moreOutputs?: { name: string; shape: number[]; lanes: Lanes; into?: tf.TensorInfo }[]
  /** Integers, read in the text as `uniforms.NAME`: a number as i32, a pair as vec2<i32>. */
  uniforms: Record<string, number | [number, number]>
  /** One float, `uniforms.scale`. */
  scale?: number
  /** Number of invocations; the text must itself ignore those beyond. */
  threads: number
  /** Invocations a workgroup that works together: those of `thread` from a multiple of it on. */
  workgroup?: number
  /** Multiplications and additions, for the profile; absent where they are not what costs. */
  flops?: number
  /** WGSL with `fn main(thread : i32)`; must use every input and output. */
  code: string
}

/** Queues the kernel; the output is the caller's. More than 65,535 workgroups are folded by tfjs. */
export function runFlat(backend: Backend, kernel: FlatKernel): tf.TensorInfo {
  return runFlatMany(backend, kernel)[0]
}

/** As `runFlat`, with every output: `result` first, then `moreOutputs` in their order. */
export function runFlatMany(backend: Backend, kernel: FlatKernel): tf.TensorInfo[] {
  const entries = Object.entries(kernel.uniforms)
  const declarations = entries.map(
    ([name, value]) => `${name} : ${Array.isArray(value) ? 'vec2<i32>' : 'i32'}, `,
  )
  const more = (kernel.moreOutputs ?? []).map(({ into, ...output }) => ({
    ...output,
    tensor: into ?? backend.makeTensorInfo(output.shape, 'float32'),
  }))
  // A program of tfjs has one output and no 16-bit floats. Further outputs, and inputs of halves, are bound in the
  // places of inputs that the text never names.
  const bound = [
    ...kernel.inputs.map(({ name, half, ...rest }) => ({ name: half ? `${name}_unread` : name, ...rest })),
    ...more.map(({ name, ...rest }) => ({ name: `${name}_unread`, ...rest })),
  ]
  const halves = kernel.inputs.flatMap(({ name, lanes, half }, i) =>
    half
      ? [`@group(0) @binding(${1 + i}) var<storage, read> ${name} : array<${storedType(lanes, true)}>;`]
      : [],
  )
  if (halves.length > 0) halves.unshift('enable f16;')
  const outputDeclarations = more.map(
    ({ name, lanes }, i) =>
      `@group(0) @binding(${1 + kernel.inputs.length + i}) var<storage, read_write> ${name} : array<${floatType(lanes)}>;`,
  )
  const workgroup = kernel.workgroup ?? WORKGROUP
  const program: Program & { flops?: number } = {
    shaderKey: `basin_${kernel.key}`,
    variableNames: bound.map(({ name }) => name),
    variableComponents: bound.map(({ lanes }) => lanes),
    outputComponent: kernel.outLanes,
    outputShape: kernel.outShape,
    uniforms: [...declarations, kernel.scale === undefined ? '' : 'scale : f32, '].join(''),
    workgroupSize: [workgroup, 1, 1],
    dispatchLayout: { x: [0] },
    dispatch: [Math.ceil(kernel.threads / workgroup), 1, 1],
    getUserCode: () => [...halves, ...outputDeclarations, kernel.code].join('\n'),
    flops: kernel.flops,
  }
  // Flat shapes of unlike rank: tfjs keys its pipelines by ranks and relations of shapes, which mean nothing here.
  const inputs = bound.map(({ tensor }) => ({ ...tensor, shape: [sizeOf(tensor.shape)] }))
  const data = entries.map(([, value]) => ({ type: 'int32', data: Array.isArray(value) ? value : [value] }))
  if (kernel.scale !== undefined) data.push({ type: 'float32', data: [kernel.scale] })
  const type = kernel.outType ?? 'float32'
  const result = kernel.into ?? backend.makeTensorInfo(kernel.outShape, type)
  const flatResult = { ...result, shape: [sizeOf(kernel.outShape), 1] }
  backend.runWebGPUProgram(program, inputs, type, data, flatResult)
  return [result, ...more.map(({ tensor }) => tensor)]
}

const sizeOf = (shape: number[]) => shape.reduce((a, b) => a * b, 1)

/** The text of `line(0)` to `line(n − 1)`: registers stay registers only where the text is unrolled. */
export function unroll(n: number, line: (i: number) => string): string {
  return Array.from({ length: n }, (_, i) => line(i)).join('\n')
}
