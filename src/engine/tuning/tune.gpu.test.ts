/** Kernels timed on the device: decided once, kept by adapter, recordings made again where another kernel won. */
import { afterAll, beforeEach, expect, it } from 'vitest'
import { sharedStorage } from '../capture/arena'
import { capture } from '../capture/capture'
import { onWebGpu } from '../gpu.testing'
import * as tf from '../tf'
import { webGpuParts } from '../tf/backendParts'
import { choicesOf } from './choices'
import { timeCandidates } from './timing'
import { isTuning, startTuning, type TuneMode, tune } from './tune'

const stored = new Map<string, Uint8Array>()
const store = {
  get: async (key: string) => stored.get(key),
  put: async (key: string, bytes: Uint8Array) => {
    stored.set(key, bytes)
  },
}
const start = (mode: TuneMode, runtime = 'test') => startTuning({ mode, store, runtime })
const decisions = () => choicesOf(webGpuParts()!.device).decisions

onWebGpu()
beforeEach(() => stored.clear())
afterAll(() => start('off'))

const x = () => tf.randomNormal<tf.Rank.R4>([2, 6, 5, 4], 0, 1, 'float32', 3)
const w = () => tf.randomNormal<tf.Rank.R4>([3, 3, 4, 8], 0, 1, 'float32', 4)

function convolution() {
  let calls = 0
  const f = capture(({ x, w }: { x: tf.Tensor4D; w: tf.Tensor4D }) => {
    calls++
    return tf.conv2d(x, w, 1, 'same')
  })
  return { f, calls: () => calls }
}

it('times a shape once, keeps the decision, and computes the same with whichever kernel won', async () => {
  await start('on')
  expect(isTuning()).toBe(true)
  const before = tf.memory().numTensors
  const { f } = convolution()
  const input = { x: x(), w: w() }
  const told: [number, number][] = []
  const onProgress = (done: number, total: number) => told.push([done, total])
  await tune(() => f.record(input), { onProgress })
  expect(told).toEqual([
    [0, 1],
    [1, 1],
  ])
  const [[key, name]] = Object.entries(decisions())
  expect(key).toMatch(/^Conv2D 2 6 5 4 6 5 8 3 3 1 1 1 1$/)
  expect(['rows', 'gather 8x2', 'gather 4x2']).toContain(name)
  const [[place, bytes]] = [...stored]
  expect(place).toMatch(/^kernels\/\d+-[0-9a-f]{16}\.json$/)
  expect(JSON.parse(new TextDecoder().decode(bytes))).toEqual(decisions())

  const y = f(input)
  // Three rows of three taps: the corner's first channel, summed by hand on the host.
  const [xs, ws, ys] = [await input.x.array(), await input.w.array(), await y.array()]
  let corner = 0
  for (const [i, j] of [0, 1].flatMap((i) => [0, 1].map((j) => [i, j]))) {
    for (let c = 0; c < 4; c++) corner += xs[0][i][j][c] * ws[i + 1][j + 1][c][0]
  }
  expect(ys[0][0][0][0]).toBeCloseTo(corner, 4)

  // Another session on this adapter knows already; one under another compiler does not.
  await start('on')
  await tune(() => f.record(input), { onProgress: () => expect.unreachable() })
  await start('on', 'another browser')
  expect(decisions()).toEqual({})
  tf.dispose([input, y])
  f.dispose()
  expect(tf.memory().numTensors).toBe(before)
  expect(sharedStorage(webGpuParts()!.device).count).toBe(0)
})

it('records again when another kernel than the rule’s was chosen, and only then', async () => {
  const { f, calls } = convolution()
  const input = { x: x(), w: w() }
  for (const name of ['gather 4x2', 'rows']) {
    stored.clear()
    await start('on')
    const made = calls()
    f(input).dispose()
    expect(calls()).toBe(made + 1)
    const key = choicesOf(webGpuParts()!.device).noted[0].key
    stored.set(await keyOf(), new TextEncoder().encode(JSON.stringify({ [key]: name })))
    await start('on')
    f(input).dispose()
    expect(calls()).toBe(made + 2)
    expect(decisions()).toEqual({ [key]: name })
  }
  tf.dispose(input)
  f.dispose()
})

/** Where decisions of this adapter are kept. */
async function keyOf(): Promise<string> {
  let asked = ''
  const get = async (key: string) => {
    asked = key
    return undefined
  }
  await startTuning({ mode: 'on', store: { get, put: store.put }, runtime: 'test' })
  return asked
}

it('is off on an adapter that runs on the CPU unless asked for, and damaged decisions are made anew', async () => {
  await start('auto')
  expect(isTuning()).toBe(false)
  await tune(() => expect.unreachable())
  const key = await keyOf()
  stored.set(key, new TextEncoder().encode('{"Conv2D'))
  await start('on')
  expect(decisions()).toEqual({})
})

it('passes over a kernel that the device refuses', async () => {
  await start('on')
  const { f } = convolution()
  const input = { x: x(), w: w() }
  f.record(input)
  const [noted] = choicesOf(webGpuParts()!.device).noted
  const broken = {
    ...noted.candidates[0],
    name: 'broken',
    run: (): tf.TensorInfo => {
      throw new Error('refused')
    },
  }
  const times = await timeCandidates(webGpuParts()!, { ...noted, candidates: [broken, noted.candidates[1]] })
  expect(times[0]).toBe(Number.POSITIVE_INFINITY)
  expect(times[1]).toBeLessThan(Number.POSITIVE_INFINITY)
  tf.dispose(input)
  f.dispose()
})
