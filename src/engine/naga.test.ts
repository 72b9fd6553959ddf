/**
 * Every WGSL text is valid to naga too, the compiler of wgpu, which Firefox has: Dawn, in Chromium and in the tests of
 * kernels, takes what naga does not and the other way round. The texts are those that a device of WebGPU's default
 * limits without subgroups is given (naga knows none), as adapters of each kind choose their kernels; the device is
 * Dawn's that computes nothing.
 */
import { NagaError, parseWgsl, validate } from 'naga-wasm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { randomStream } from '../base/random'
import { drawBasic, PAD } from '../core/data/augment/basic'
import { normalisationTable } from '../core/data/batches/normalise'
import { FAMILIES } from '../core/models/families.testing'
import { recordAll } from '../core/session/captured.testing'
import { initBackend } from './backend'
import { switchF16 } from './device/f16'
import { provideChecker } from './f16.testing'
import { checkBinary, checkReductions } from './ops/broadcast/broadcast.testing'
import { CONVOLUTIONS, HALF_CONVOLUTIONS } from './ops/convolution/webgpu'
import { decodeImages } from './ops/decodeImages/decodeImages'
import { flatPrograms } from './ops/flat/flat'
import { runFlatProgram } from './ops/flat/webgpu'
import { inHalves } from './ops/halves/halves'
import { convCases, rowCases, shapeOf } from './ops/shared/convolution.testing'
import type { Backend } from './ops/shared/program'
import * as tf from './tf'

/** By their words kernels are chosen; one feature has texts of its own. */
const DEVICES: [string, { description: string; features: GPUFeatureName[] }][] = [
  ['a GPU', { description: 'Some GPU', features: [] }],
  ['a GPU, operands in halves', { description: 'Some GPU', features: ['shader-f16'] }],
  ['SwiftShader', { description: 'SwiftShader', features: [] }],
  ['lavapipe, operands in halves', { description: 'llvmpipe', features: ['shader-f16'] }],
]

/** Every text so far, of all adapters, and naga's word on it. */
const verdicts = new Map<string, string>()

/** As the compiler is given it, directives first. */
function judge(text: string): void {
  if (verdicts.has(text)) return
  let verdict = 'valid'
  try {
    validate(parseWgsl(text))
  } catch (error) {
    verdict = error instanceof NagaError ? error.formatted : String(error)
  }
  verdicts.set(text, verdict)
}

/** The checking device as `description`, of default limits, without optional features but those named. */
async function open(description: string, kept: GPUFeatureName[]): Promise<void> {
  await provideChecker()
  const { requestDevice } = GPUAdapter.prototype
  GPUAdapter.prototype.requestDevice = async function () {
    const device = await requestDevice.call(this, { requiredFeatures: kept })
    Object.defineProperty(device, 'adapterInfo', { value: { description, isFallbackAdapter: false } })
    const create = device.createShaderModule.bind(device)
    device.createShaderModule = (descriptor) => {
      judge(descriptor.code)
      return create(descriptor)
    }
    return device
  }
  try {
    await initBackend('webgpu', { f16: kept.includes('shader-f16') })
  } finally {
    GPUAdapter.prototype.requestDevice = requestDevice
  }
}

const asTensor = (info: tf.TensorInfo) => tf.engine().makeTensorFromTensorInfo(info)
/** naga's words, which show the lines they are about. */
const refusals = () => [...verdicts.values()].filter((verdict) => verdict !== 'valid')

afterAll(() => switchF16(false))

it('naga does refuse', () => {
  expect(() => validate(parseWgsl('fn f() { let x : f32 = 1u; }'))).toThrow(NagaError)
  expect(() => validate(parseWgsl('fn f() -> f32 { }'))).toThrow(NagaError)
})

describe.each(DEVICES)('as on %s', (_, { description, features }) => {
  beforeAll(() => open(description, features))
  const half = features.includes('shader-f16')

  it.each(Object.entries(FAMILIES))('%s: steps, evaluation, surface, Hessian', async (_, network) => {
    // What it computes is nothing; that everything was asked for is what counts.
    await recordAll(network)
    expect(refusals()).toEqual([])
  })

  it('every candidate for a convolution’s products', () => {
    const cases = { any: convCases(30, randomStream(1, 'init')), rows: rowCases(10, randomStream(2, 'init')) }
    const operands = [
      ['x', 'w'],
      ['y', 'w'],
      ['x', 'y'],
    ] as const
    const results = ['y', 'x', 'w'] as const
    for (const [i, { candidates }] of (half ? HALF_CONVOLUTIONS : CONVOLUTIONS).entries()) {
      for (const candidate of candidates) {
        if (candidate.name === 'tfjs') continue
        for (const c of candidate.name.startsWith('rows') ? cases.rows : cases.any) {
          const tensors = operands[i].map((name) =>
            tf.tidy(() => (half ? inHalves(tf.zeros(c[name])) : tf.zeros(c[name]))),
          ) as [tf.Tensor, tf.Tensor]
          const call = { tensors, shape: shapeOf(c), outShape: c[results[i]] }
          const info = candidate.run({ args: { backend: tf.backend() } as never, call, stock: () => [] })
          tf.dispose([...tensors, asTensor(info)])
        }
      }
    }
    expect(refusals()).toEqual([])
  })

  it('broadcasts, reductions, flat vectors, images', async () => {
    await checkBinary(randomStream(3, 'init'), 20)
    await checkReductions(randomStream(4, 'init'), 20)
    for (const program of flatPrograms.values()) {
      for (const size of [64, 63]) {
        const inputs: Record<string, tf.Tensor> = {}
        for (const vector of program.vectors) inputs[vector] = tf.zeros([size])
        for (const scalar of program.scalars) inputs[scalar] = tf.scalar(1)
        tf.dispose(runFlatProgram(tf.backend() as Backend, program, inputs, 0.5).map(asTensor))
        tf.dispose(inputs)
      }
    }
    for (const channels of [1, 3]) {
      const shape: [number, number, number, number] = [2, 12, 12, channels]
      const pixels = new Uint8Array(2 * 144 * channels)
      const table = normalisationTable({ mean: Array(channels).fill(0.5), std: Array(channels).fill(0.5) })
      for (const moves of [undefined, drawBasic(randomStream(5, 'init'), 2)])
        decodeImages({ pixels, moves, pad: PAD, table }, shape).dispose()
    }
    expect(refusals()).toEqual([])
  })
})

it('there were many texts, and none asked for subgroups', () => {
  const texts = [...verdicts.keys()]
  expect(texts.length).toBeGreaterThan(100)
  expect(texts.filter((text) => /enable\s+subgroups/.test(text))).toEqual([])
  expect(texts.filter((text) => /enable\s+f16/.test(text)).length).toBeGreaterThan(10)
})
