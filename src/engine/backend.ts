/**
 * Picks the device: a GPU by WebGPU, else WebAssembly; the rest (WebGPU on the CPU, plain JavaScript) when asked for.
 * In Node the caller sets `navigator.gpu` (npm `webgpu`) before calling.
 */
import { BasinError } from '../base/errors'
import { adapterWords, isCpuAdapter } from './device/adapter'
import { switchF16 } from './device/f16'
import { openGpu } from './device/gpu'
import { checkLimits } from './device/limits'
import { watchDevice } from './device/loss'
import { type DeviceMemory, gpuMemory, hostMemory, wasmMemory } from './device/memory'
import { registerOps } from './ops'
import { noteProgram } from './profile/work'
import * as tf from './tf'
import { acceptDirectives } from './tf/directives'
import type { BackendName } from './tf/kernels'
import { watchPrograms } from './tf/programs'
import type { MachineOptions } from './wasm/variants'

export type { BackendName }

export interface Device {
  backend: BackendName
  /** What the platform tells of the adapter: description, vendor or architecture. */
  adapter: string
  /** True for a CPU implementation of WebGPU (SwiftShader, lavapipe, WARP). */
  isFallback: boolean
  /** Convolutions and dense layers read their operands in 16-bit floats. */
  f16: boolean
  /** Empty on a real GPU over WebGPU; else one sentence on what is used. */
  note: string
  memory: DeviceMemory
}

const NOTES = {
  fallback:
    'This adapter runs on the CPU: training is much slower than on a GPU. Turn on hardware acceleration in the browser’s settings to use one.',
  cpu: 'Training runs in plain JavaScript, which is much slower than WebAssembly or a GPU.',
}

/**
 * Sets the tfjs backend and returns what was found: the first of a GPU, WebAssembly and plain JavaScript, or only `prefer`.
 * @param options f16: operands of convolutions and dense layers in 16-bit floats
 * @throws BasinError `device` when `prefer` or `f16` is not to be had
 */
export async function initBackend(
  prefer?: BackendName,
  { f16 = false, wasm }: BackendOptions = {},
): Promise<Device> {
  const order: BackendName[] = prefer ? [prefer] : ['webgpu', 'wasm', 'cpu']
  const reasons: string[] = []
  for (const name of order) {
    let device: Found | undefined
    try {
      device = await tryBackend(name, { onlyGpu: !prefer, wasm })
      if (!device) reasons.push(`${name}: ${prefer ? 'no adapter' : 'no GPU'}`)
    } catch (error) {
      reasons.push(`${name}: ${error instanceof Error ? error.message : String(error)}`)
    }
    if (!device) continue
    registerOps()
    switchF16(f16)
    return { ...device, f16 }
  }
  throw new BasinError(
    'device',
    `device: ${order.join(', ')} could not start (${reasons.join('; ')})`,
    'Leave the choice of the device to Basin, or update the browser and its graphics driver.',
  )
}

export interface BackendOptions {
  f16?: boolean
  /** Threads of the WebAssembly kernels; absent: one. */
  wasm?: MachineOptions
}

type Found = Omit<Device, 'f16'>

async function tryBackend(
  name: BackendName,
  { onlyGpu, wasm }: { onlyGpu: boolean; wasm?: MachineOptions },
): Promise<Found | undefined> {
  if (name === 'wasm') return startWasm(wasm)
  if (name === 'webgpu') return startWebGpu(onlyGpu)
  await import('@tensorflow/tfjs-backend-cpu')
  await tf.setBackend('cpu')
  await tf.ready()
  return { backend: 'cpu', adapter: 'JavaScript', isFallback: true, note: NOTES.cpu, memory: hostMemory() }
}

async function startWasm(options: MachineOptions = { threads: 1 }): Promise<Found> {
  const [{ openMachine }, { registerWasm }] = await Promise.all([
    import('./wasm/variants'),
    import('./wasm/wasmBackend'),
  ])
  // Where memory is shared but a module cannot be handed to a thread, one thread is what there is.
  const machine = await openMachine(options).catch((error) => {
    if (options.threads === 1) throw error
    return openMachine({ threads: 1 })
  })
  registerWasm(machine)
  await tf.setBackend('wasm')
  await tf.ready()
  const { variant, threads } = machine
  const adapter = `${variant}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`
  const note = `Training runs on the processor, in WebAssembly on ${threads} ${threads === 1 ? 'thread' : 'threads'}.`
  return { backend: 'wasm', adapter, isFallback: true, note, memory: wasmMemory() }
}

async function startWebGpu(onlyGpu: boolean): Promise<Found | undefined> {
  const gpu = await openGpu(onlyGpu)
  if (!gpu) return undefined
  const { device, info } = gpu
  const { WebGPUBackend } = await import('@tensorflow/tfjs-backend-webgpu')
  // Numbers must come from the device they are said to come from, also for tiny tensors.
  tf.env().set('WEBGPU_CPU_FORWARD', false)
  watchDevice(device)
  acceptDirectives(device)
  if (tf.findBackendFactory('webgpu')) tf.removeBackend('webgpu')
  tf.registerBackend(
    'webgpu',
    () => {
      const backend = new WebGPUBackend(device, info)
      watchPrograms(backend, {
        before: ({ shaderKey, outputShape }, inputs) =>
          checkLimits(shaderKey, [outputShape, ...inputs.map(({ shape }) => shape)], device.limits),
        after: noteProgram,
      })
      return backend
    },
    3,
  )
  if (!(await tf.setBackend('webgpu'))) return undefined
  await tf.ready()
  const isFallback = isCpuAdapter(info)
  return {
    backend: 'webgpu',
    adapter: adapterWords(info)[0] ?? 'unnamed',
    isFallback,
    note: isFallback ? NOTES.fallback : '',
    memory: gpuMemory(device.limits, isFallback),
  }
}
