/** Training with operands in halves: it follows the 32-bit run, and replays to the bits of what is not recorded. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { randomStream } from '../../base/random'
import { capture } from '../../engine/capture/capture'
import { switchF16 } from '../../engine/device/f16'
import { driverWithHalves, onF16, provideDriver, roundToHalf } from '../../engine/f16.testing'
import { convolve } from '../../engine/ops/convolution/convolve'
import * as tf from '../../engine/tf'
import { choicesOf } from '../../engine/tuning/choices'
import { DEFAULT_CONFIG } from '../config/schema'
import { FAMILIES } from '../models/families.testing'
import { initBatchStats, initTheta } from '../models/init'
import type { Network } from '../models/network'
import { wideResnet } from '../models/wideResnet'
import { methodSettings } from '../optim/methods'
import { nesterov } from '../optim/optimizers/nesterov'
import { disposeBatch } from '../queue/deviceBatch'
import { lossAndGradient } from '../step/objective'
import { createTrainState, disposeState } from '../step/state'
import { makeTrainStep } from '../step/step'
import type { DeviceBatch } from '../step/types'
import { batchOf, compareSteps, SAME_BITS } from './captured.testing'

/** WideResnet_mini's layers on small images. */
const NETWORK = wideResnet([12, 12, 1], 4, {
  name: 'wide',
  blocksPerGroup: 2,
  widthMultiplier: 1,
  useAdditionalSkipConnections: false,
})
const STEPS = 12
/** Between losses that fall from 1.7 to 0.1; measured 0.034 at most. */
const FOLLOWS = 0.1

/** Classes that can be learned: a bright spot in one of four corners, under noise. */
function spots(step: number): DeviceBatch {
  const [n, side] = [16, 12]
  const random = randomStream(step, 'order')
  const images = Float32Array.from({ length: n * side * side }, () => 0.5 * random.normal())
  const labels = new Float32Array(n * 4)
  for (let i = 0; i < n; i++) {
    const corner = random.int(4)
    labels[i * 4 + corner] = 1
    const [top, left] = [corner >> 1, corner & 1].map((half) => 2 + 6 * half)
    for (let p = 0; p < 9; p++) images[(i * side + top + Math.floor(p / 3)) * side + left + (p % 3)] += 2
  }
  return { images: tf.tensor4d(images, [n, side, side, 1]), labels: tf.tensor2d(labels, [n, 4]) }
}

async function trained(network: Network): Promise<number[]> {
  const hyper = {
    ...methodSettings(DEFAULT_CONFIG),
    sam_rho: 0.05,
    weightDecay: 5e-4,
    noWeightDecayOnBn: false,
    labelSmoothing: 0,
    gradientClipping: 5,
    optimizer: nesterov,
    emaDecay: 0,
    emaWarmupSteps: 0,
  }
  const step = makeTrainStep(network, hyper)
  let state = createTrainState(network, hyper, initTheta(network, 3), initBatchStats(network))
  const losses: number[] = []
  for (let i = 0; i < STEPS; i++) {
    const batch = spots(i)
    const { state: next, metrics } = step(state, batch, { learningRate: 0.05 })
    losses.push((await metrics.data())[0])
    disposeState(state)
    state = next
    metrics.dispose()
    disposeBatch(batch)
  }
  disposeState(state)
  step.dispose()
  return losses
}

const driver = await driverWithHalves()

describe.skipIf(!driver)('on a device with shader-f16', () => {
  onF16(() => provideDriver(driver!))
  afterAll(() => switchF16(false))

  it('SAM follows the 32-bit run', async () => {
    switchF16(false)
    const exact = await trained(NETWORK)
    switchF16(true)
    const half = await trained(NETWORK)
    expect(half).not.toEqual(exact)
    expect(exact[STEPS - 1]).toBeLessThan(0.5 * exact[0])
    for (const [i, loss] of half.entries())
      expect(Math.abs(loss - exact[i]), `step ${i}`).toBeLessThan(FOLLOWS)
  })

  it.each(Object.keys(FAMILIES))('the gradient of %s is off as far as roundings move it', async (name) => {
    const network = FAMILIES[name]
    const batch = batchOf(network, 0, 16)
    const gradient = async (theta: Float32Array, images: tf.Tensor4D) => {
      const result = tf.tidy(() => {
        const stats = tf.tensor1d(initBatchStats(network))
        const { labels, gates } = batch
        const options = { gates }
        const decay = { weightDecay: 0 }
        return lossAndGradient(network, tf.tensor1d(theta), stats, images, labels, decay, options).gradient
      })
      const values = (await result.data()) as Float32Array
      result.dispose()
      return values
    }
    const theta = initTheta(network, 3)
    switchF16(false)
    const exact = await gradient(theta, batch.images)
    // What one rounding of weights and images does in 32 bits; the layers between round as often again each.
    const images = tf.tensor4d((await batch.images.data()).map(roundToHalf), batch.images.shape)
    const moved = await gradient(theta.map(roundToHalf), images)
    switchF16(true)
    const half = await gradient(theta, batch.images)
    const norm = (values: Float32Array) => Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0))
    const distance = (values: Float32Array) => norm(values.map((value, i) => value - exact[i])) / norm(exact)
    expect(distance(half)).toBeGreaterThan(0)
    expect(distance(half)).toBeLessThan(4 * distance(moved) + 1e-3)
    images.dispose()
    disposeBatch(batch)
  })

  it.each(Object.keys(FAMILIES))('%s replays bit by bit', async (name) => {
    expect(await compareSteps(FAMILIES[name], 'SAM', 4, { learningRate: 0.05 })).toEqual(SAME_BITS)
  })

  describe('is part of what is remembered', () => {
    let x: tf.Tensor4D
    let w: tf.Tensor4D
    beforeAll(() => {
      x = tf.fill([1, 4, 4, 4], 1 / 3) as tf.Tensor4D
      w = tf.fill([3, 3, 4, 4], 1 / 7) as tf.Tensor4D
    })
    afterAll(() => tf.dispose([x, w]))

    it('of recordings', async () => {
      let calls = 0
      const f = capture((input: { x: tf.Tensor4D; w: tf.Tensor4D }) => {
        calls++
        return convolve(input.x, input.w, 1, 'same')
      })
      const value = async () => {
        const y = f({ x, w })
        const [first] = await y.data()
        y.dispose()
        return first
      }
      switchF16(false)
      const exact = await value()
      switchF16(true)
      const half = await value()
      expect(calls).toBe(2)
      expect(half).not.toBe(exact)
      expect(half).toBeCloseTo(exact, 2)
      switchF16(true)
      expect(await value()).toBe(half)
      expect(calls).toBe(2)
      f.dispose()
    })

    it('of kernel choices', () => {
      const choices = choicesOf((tf.backend() as unknown as { device: GPUDevice }).device)
      choices.restart(true)
      for (const f16 of [false, true]) {
        switchF16(f16)
        convolve(x, w, 1, 'same').dispose()
      }
      const names = choices.noted.map(({ key }) => key.split(' ')[0])
      expect(names).toEqual(['Conv2D', 'BasinHalfConv2D'])
      choices.restart(false)
    })
  })

  it('what leaves the range of halves becomes infinite, not another number', async () => {
    const results = tf.tidy(() => {
      const large = tf.fill([1, 2, 2, 4], 7e4) as tf.Tensor4D
      const w = tf.ones([1, 1, 4, 4]) as tf.Tensor4D
      return [convolve(large, w, 1, 'same'), convolve(tf.mul(large, 0.5), w, 1, 'same')]
    })
    expect([...(await results[0].data())].every((value) => value === Number.POSITIVE_INFINITY)).toBe(true)
    // The sum itself is 32 bits wide.
    expect((await results[1].data())[0]).toBe(4 * 35_008)
    tf.dispose(results)
  })
})
