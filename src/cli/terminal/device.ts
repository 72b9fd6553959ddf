/**
 * The device in Node: a GPU by Dawn's WebGPU (npm `webgpu`), else WebAssembly.
 */
import { readFile } from 'node:fs/promises'
import { freemem } from 'node:os'
import { join } from 'node:path'
import { BasinError } from '../../base/errors'
import { type Device, initBackend } from '../../engine/backend'
import { onDeviceLost } from '../../engine/device/loss'
import * as tf from '../../engine/tf'
import { startTuning, type TuneMode } from '../../engine/tuning/tune'
import { serve } from '../../engine/wasm/serve'
import { FolderDataStore } from '../../platform/node/folderDataStore'
import { nodeMachine } from '../../platform/node/wasmThreads'
import { provideWebGpu } from '../../platform/node/webGpu'
import { repositoryRoot } from './paths'

export const DEVICE_CHOICES = ['auto', 'webgpu', 'wasm', 'cpu'] as const
export type DeviceChoice = (typeof DEVICE_CHOICES)[number]

const CPU_NOTE = 'Training runs in plain JavaScript, which is much slower than WebAssembly (--device wasm).'
const FALLBACK_NOTE = 'This adapter runs on the CPU, where WebAssembly (--device wasm) is much faster.'

/** What a command computes on, and how. */
export interface DeviceOptions {
  device: DeviceChoice
  /** Whether kernels are chosen by timing them; off unless said. */
  tune?: TuneMode
  /** Operands of convolutions and dense layers in 16-bit floats. */
  f16?: boolean
}

/**
 * Sets the tfjs backend.
 * @returns what runs; its note is written for a terminal
 * @throws BasinError `device` when WebGPU or f16 was asked for and there is none
 */
export async function startDevice({ device: choice, tune = 'off', f16 }: DeviceOptions): Promise<Device> {
  // Without it TensorFlow.js advertises its native Node backend, which is another program.
  tf.env().set('PROD', true)
  // Whoever waits for a lost device waits for ever. What was saved before is whole.
  onDeviceLost(({ message }) => {
    console.error(`error: ${message}\nThe same command continues from the last checkpoint.`)
    process.exit(1)
  })
  const device = await openDevice(choice, f16)
  if (tune !== 'off') {
    const store = new FolderDataStore(join(repositoryRoot(), 'node_modules', '.cache', 'basin'))
    await startTuning({ mode: tune, store, runtime: await runtimeName() })
  }
  return withHostMemory(device)
}

/** Node and the package that brings Dawn, whose compiler what was timed depends on. */
async function runtimeName(): Promise<string> {
  const path = join(repositoryRoot(), 'node_modules', 'webgpu', 'package.json')
  const { version } = JSON.parse(await readFile(path, 'utf8')) as { version: string }
  return `node ${process.versions.node}, webgpu ${version}`
}

/** A program on the CPU has the machine's memory, and Node knows what is free of it. */
function withHostMemory(device: Device): Device {
  if (!device.isFallback) return device
  const free = process.availableMemory?.() ?? freemem()
  const budget = device.backend === 'wasm' ? Math.min(free, device.memory.largestBuffer) : free
  return { ...device, memory: { ...device.memory, budget, source: 'measured' } }
}

async function openDevice(choice: DeviceChoice, f16?: boolean): Promise<Device> {
  const wasm = nodeMachine(serve)
  if (choice === 'cpu') return { ...(await initBackend('cpu', { f16 })), note: CPU_NOTE }
  if (choice === 'wasm') return initBackend('wasm', { f16, wasm })
  const missing = await provideWebGpu()
  // Without a GPU f16 can only be had from an adapter on the CPU.
  if (choice === 'auto' && !f16) return initBackend(undefined, { wasm })
  if (missing === undefined) {
    const device = await initBackend('webgpu', { f16 })
    return device.isFallback ? { ...device, note: FALLBACK_NOTE } : device
  }
  throw new BasinError(
    'device',
    `device: webgpu was asked for, ${missing}`,
    'Install a graphics driver, or Chromium for its SwiftShader, or use --device wasm.',
  )
}

/** `Device: wasm (relaxed SIMD, 2 threads).`, and what is to be said of it. */
export const deviceText = (device: Device): string =>
  `Device: ${deviceName(device)}.${device.note && ` ${device.note}`}`

/** `webgpu (NVIDIA H100)`, and what makes its numbers others: `webgpu (NVIDIA H100), f16 operands`. */
export function deviceName({ backend, adapter, f16 }: Device): string {
  return `${backend} (${adapter})${f16 ? ', f16 operands' : ''}`
}
