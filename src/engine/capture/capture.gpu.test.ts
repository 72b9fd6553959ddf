/** Recording and replaying: same bits as tfjs, nothing left behind, and a clear no to what cannot be recorded. */
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { onWebGpu } from '../gpu.testing'
import * as tf from '../tf'
import { sharedStorage } from './arena'
import { capture, dropRecordings, enableCapture } from './capture'
import { isRecording } from './recorder'

onWebGpu()

const counts = () => {
  const { numTensors, numDataBuffers, numBytes } = tf.memory()
  return { numTensors, numDataBuffers, numBytes }
}
let before: ReturnType<typeof counts>
beforeEach(() => {
  before = counts()
})
afterEach(() => {
  expect(counts()).toEqual(before)
  const { device } = tf.backend() as WebGPUBackend
  expect(sharedStorage(device).count).toBe(0)
})

const read = async (tensor: tf.Tensor) => [...(await tensor.data())]
const vector = (...values: number[]) => tf.tensor1d(values)

it('computes with the values of every call and leaves earlier results alone', async () => {
  let calls = 0
  const f = capture(({ x, k }: { x: tf.Tensor1D; k: tf.Scalar }) => {
    calls++
    return { y: tf.add(tf.mul(x, k), tf.scalar(1)), sum: tf.sum(x) }
  })
  const results: { y: tf.Tensor; sum: tf.Tensor }[] = []
  for (let i = 0; i < 3; i++) {
    const [x, k] = [vector(i, 2, 3), tf.scalar(i + 1)]
    results.push(f({ x, k }))
    tf.dispose([x, k])
  }
  expect(calls).toBe(1)
  for (let i = 0; i < 3; i++) {
    expect(await read(results[i].y)).toEqual([i, 2, 3].map((value) => value * (i + 1) + 1))
    expect(await read(results[i].sum)).toEqual([i + 5])
  }
  const { recordings, dispatches, bytes } = f.report()
  expect(recordings).toBe(1)
  expect(dispatches[0]).toBeGreaterThanOrEqual(3)
  expect(bytes[0]).toBeGreaterThan(0)
  tf.dispose(results)
  f.dispose()
})

it('takes what other ops have computed, its own results, and the same tensor again', async () => {
  const f = capture(({ x, y }: { x: tf.Tensor; y: tf.Tensor }) => tf.sub(tf.mul(x, tf.scalar(2)), y))
  const y = vector(1, 1)
  let x: tf.Tensor = tf.tidy(() => tf.add(vector(1, 2), vector(2, 2)))
  for (let i = 0; i < 4; i++) {
    const next = f({ x, y })
    x.dispose()
    x = next
  }
  // x ← 2x − 1 from 3 and 4.
  expect(await read(x)).toEqual([33, 49])
  tf.dispose([x, y])
  f.dispose()
})

it('passes inputs through, integers, truth values and tensors without elements', async () => {
  const f = capture(({ x, n, none }: { x: tf.Tensor; n: tf.Tensor; none: tf.Tensor }) => ({
    x,
    twice: tf.mul(n, tf.scalar(2, 'int32')),
    positive: tf.greater(n, tf.scalar(0, 'int32')),
    none: tf.clone(none),
    constant: tf.tensor1d([5, 6]),
  }))
  const input = { x: vector(1.5), n: tf.tensor1d([-3, 4], 'int32'), none: tf.zeros([0]) }
  for (let i = 0; i < 2; i++) {
    const out = f(input)
    expect(await read(out.x)).toEqual([1.5])
    expect(await read(out.twice)).toEqual([-6, 8])
    expect(await read(out.positive)).toEqual([0, 1])
    expect(out.positive.dtype).toBe('bool')
    expect(out.none.shape).toEqual([0])
    expect(await read(out.constant)).toEqual([5, 6])
    tf.dispose(out)
  }
  tf.dispose(input)
  f.dispose()
})

it('holds closed-over tensors, whoever disposes them', async () => {
  const onDevice = tf.tidy(() => tf.add(vector(1, 2), tf.scalar(1)))
  const onHost = vector(10, 20)
  const f = capture(({ x }: { x: tf.Tensor }) => tf.add(tf.mul(x, onDevice), onHost))
  const x = vector(1, 1)
  f({ x }).dispose()
  tf.dispose([onDevice, onHost])
  // Would take the freed buffers if they were free.
  const others = [7, 8].map((value) => tf.tidy(() => tf.square(vector(value, value))))
  const y = f({ x })
  expect(await read(y)).toEqual([12, 23])
  tf.dispose([x, y, ...others])
  f.dispose()
})

it('records anew for other shapes, and all again after the kernels changed', async () => {
  let calls = 0
  const f = capture(({ x }: { x: tf.Tensor1D }) => {
    calls++
    return tf.square(x)
  })
  const check = async (...values: number[]) => {
    const x = vector(...values)
    const y = f({ x })
    expect(await read(y)).toEqual(values.map((value) => value * value))
    tf.dispose([x, y])
  }
  await check(1, 2, 3)
  await check(1, 2)
  await check(4, 5, 6)
  expect(calls).toBe(2)
  expect(f.report().recordings).toBe(2)
  dropRecordings()
  await check(4, 5, 6)
  expect(calls).toBe(3)
  expect(f.report().recordings).toBe(1)
  f.dispose()
  expect(f.report().recordings).toBe(0)
  await check(1, 2)
  f.dispose()
})

it('records gradients, second ones too, and is itself differentiable', async () => {
  const loss = (w: tf.Tensor) => tf.sum(tf.mul(tf.sin(w), tf.square(w)))
  const hessianVector = ({ w, v }: { w: tf.Tensor; v: tf.Tensor }) =>
    tf.tidy(() => tf.grad((t) => tf.sum(tf.mul(tf.grad(loss)(t), v)))(w))
  const f = capture(hessianVector)
  for (let i = 0; i < 3; i++) {
    const input = { w: vector(0.3 + i, -1.2, 2), v: vector(1, 0.5 - i, 2) }
    const direct = hessianVector(input)
    const replayed = f(input)
    expect(await read(replayed)).toEqual(await read(direct))
    tf.dispose([input, direct, replayed])
  }
  const square = capture(({ x }: { x: tf.Tensor }) => tf.square(x))
  const x = vector(3)
  const slope = tf.grad((t: tf.Tensor) => square({ x: t }))(x)
  expect(await read(slope)).toEqual([6])
  tf.dispose([x, slope])
  square.dispose()
  f.dispose()
})

it('holds what a later command still reads, though tfjs holds everything', async () => {
  const LENGTH = 20
  const { device } = tf.backend() as WebGPUBackend
  // A tidy frees at its end: until there all intermediate results are held.
  const chain = (x: tf.Tensor, length: number) =>
    tf.tidy(() => Array.from({ length }).reduce((y: tf.Tensor, _, i) => tf.add(tf.sin(y), i), x))
  const f = capture(({ x }: { x: tf.Tensor }) => chain(x, LENGTH))
  const x = vector(...Array.from({ length: 64 }, (_, i) => i / 7))
  const direct = chain(x, LENGTH)
  const replayed = [f({ x }), f({ x })]
  for (const y of replayed) expect(await read(y)).toEqual(await read(direct))
  expect(sharedStorage(device).count).toBeLessThanOrEqual(3)

  // A gradient reads every intermediate result again, but of the gradients only the last.
  const slope = (t: tf.Tensor) => tf.grad((u: tf.Tensor) => tf.sum(chain(u, LENGTH)))(t)
  const g = capture(({ x }: { x: tf.Tensor }) => slope(x))
  const expected = slope(x)
  const got = g({ x })
  expect(await read(got)).toEqual(await read(expected))
  expect(sharedStorage(device).count).toBeLessThanOrEqual(LENGTH + 8)
  tf.dispose([x, direct, replayed, expected, got])
  f.dispose()
  g.dispose()
})

it('shares its storage with other recordings', () => {
  const make = () => capture(({ x }: { x: tf.Tensor }) => tf.exp(tf.square(tf.add(x, tf.scalar(1)))))
  const [f, g] = [make(), make()]
  const x = tf.zeros<tf.Rank.R1>([1000])
  const { device } = tf.backend() as WebGPUBackend
  f({ x }).dispose()
  const shared = sharedStorage(device).bytes
  expect(shared).toBeGreaterThanOrEqual(4000)
  g({ x }).dispose()
  expect(sharedStorage(device).bytes).toBe(shared)
  f.dispose()
  expect(sharedStorage(device).bytes).toBe(shared)
  g.dispose()
  x.dispose()
})

it('refuses to read, to keep a tensor and to take a number, and works on afterwards', async () => {
  const x = vector(1, 2)
  const reads = capture(({ x }: { x: tf.Tensor }) => tf.scalar(tf.sum(x).dataSync()[0]))
  expect(() => reads({ x })).toThrow(/nothing can be read/)
  const readsInput = capture(({ x }: { x: tf.Tensor }) => tf.scalar(x.dataSync()[0]))
  expect(() => readsInput({ x })).toThrow(/nothing can be read/)
  let kept: tf.Tensor | undefined
  const keeps = capture(({ x }: { x: tf.Tensor }) => {
    kept = tf.keep(tf.square(x))
    return tf.neg(x)
  })
  expect(() => keeps({ x })).toThrow(/must free every tensor it makes, 1 were left/)
  kept!.dispose()
  const numbers = capture(({ x, k }: { x: tf.Tensor; k: number }) => tf.mul(x, k))
  expect(() => numbers({ x, k: 2 })).toThrow('k must be a tensor, got number')
  expect(isRecording()).toBe(false)
  const y = tf.square(x)
  expect(await read(y)).toEqual([1, 4])
  tf.dispose([x, y])
})

it('just calls the function when it is off', () => {
  let calls = 0
  const f = capture(({ x }: { x: tf.Tensor }) => {
    calls++
    return tf.square(x)
  })
  enableCapture(false)
  const x = vector(1)
  for (let i = 0; i < 2; i++) f({ x }).dispose()
  enableCapture(true)
  expect(calls).toBe(2)
  expect(f.report().recordings).toBe(0)
  x.dispose()
})

it('takes and gives integers that a cast to float32 left as they lie', async () => {
  const f = capture(({ x }: { x: tf.Tensor }) => {
    const hot = tf.cast(tf.oneHot(tf.argMax(x as tf.Tensor2D, 1), 3), 'float32')
    return { hot, twice: tf.mul(hot, tf.scalar(2)) }
  })
  const g = capture(({ x }: { x: tf.Tensor }) => tf.add(x, tf.scalar(0.5)))
  for (const row of [
    [1, 2, 0],
    [5, 2, 0],
  ]) {
    const hot = row.map((value) => Number(value === Math.max(...row)))
    const x = tf.tensor2d([row])
    const results = f({ x })
    const sum = g({ x: results.hot })
    // The same place and shape, this time as real float32.
    const floats = tf.tensor2d([hot])
    const same = g({ x: floats })
    expect(await read(results.hot)).toEqual(hot)
    expect(await read(results.twice)).toEqual(hot.map((value) => 2 * value))
    expect(await read(sum)).toEqual(hot.map((value) => value + 0.5))
    expect(await read(same)).toEqual(hot.map((value) => value + 0.5))
    tf.dispose([x, results.hot, results.twice, sum, floats, same])
  }
  f.dispose()
  g.dispose()
})
