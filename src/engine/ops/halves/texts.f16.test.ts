/**
 * Every WGSL text for halves is accepted by Dawn's compiler, on machines without a driver for them too: on its device
 * that checks and computes nothing.
 */
import { afterAll, it } from 'vitest'
import { randomStream } from '../../../base/random'
import { DEFAULT_CONFIG } from '../../../core/config/schema'
import { FAMILIES } from '../../../core/models/families.testing'
import { initBatchStats, initTheta } from '../../../core/models/init'
import { disposeBatch } from '../../../core/queue/deviceBatch'
import { batchOf } from '../../../core/session/captured.testing'
import { createTrainState, disposeState } from '../../../core/step/state'
import { hyperOf, makeTrainStep } from '../../../core/step/step'
import { switchF16 } from '../../device/f16'
import { onF16, provideChecker } from '../../f16.testing'
import * as tf from '../../tf'
import { HALF_CONVOLUTIONS } from '../convolution/webgpu'
import { denseForward, denseInputGradient, denseWeightGradient } from '../dense/webgpu'
import { convCases, rowCases, shapeOf } from '../shared/convolution.testing'
import type { Backend } from '../shared/program'
import { inHalves } from './halves'

onF16(provideChecker)
afterAll(() => switchF16(false))

const OPERANDS = [
  ['x', 'w'],
  ['y', 'w'],
  ['x', 'y'],
] as const
const RESULTS = ['y', 'x', 'w'] as const

it.each(HALF_CONVOLUTIONS.map(({ name }, i) => [name, i] as const))('%s', async (_, i) => {
  const cases = { any: convCases(30, randomStream(1, 'init')), rows: rowCases(10, randomStream(2, 'init')) }
  for (const candidate of HALF_CONVOLUTIONS[i].candidates) {
    for (const c of candidate.name.startsWith('rows') ? cases.rows : cases.any) {
      const tensors = OPERANDS[i].map((name) => tf.tidy(() => inHalves(tf.zeros(c[name])))) as [
        tf.Tensor,
        tf.Tensor,
      ]
      const call = { tensors, shape: shapeOf(c), outShape: c[RESULTS[i]] }
      const info = candidate.run({ args: { backend: tf.backend() } as never, call, stock: () => [] })
      tf.dispose([...tensors, tf.engine().makeTensorFromTensorInfo(info)])
    }
  }
  await settled()
})

it('dense layers', async () => {
  const backend = tf.backend() as Backend
  for (const [rows, depth, columns] of [
    [8, 16, 8],
    [8, 16, 5],
    [8, 7, 8],
    [8, 7, 5],
  ]) {
    const sizes = { rows, depth, columns }
    const infos = tf.tidy(() => {
      const [x, w, dy] = [
        [rows, depth],
        [depth, columns],
        [rows, columns],
      ].map((shape) => inHalves(tf.zeros(shape)))
      const bias = tf.zeros([columns])
      return [
        denseForward(backend, { x, w, bias }, sizes, 'none'),
        denseForward(backend, { x, w, bias }, sizes, 'relu'),
        denseInputGradient(backend, { dy, w }, sizes),
        denseWeightGradient(backend, { x, dy }, sizes),
      ].map((info) => tf.engine().makeTensorFromTensorInfo(info))
    })
    tf.dispose(infos)
  }
  await settled()
})

it.each(Object.entries(FAMILIES))('a step of %s', async (_, network) => {
  const hyper = hyperOf({ ...DEFAULT_CONFIG, sam_rho: 0.1 })
  const step = makeTrainStep(network, hyper)
  const state = createTrainState(network, hyper, initTheta(network, 3), initBatchStats(network))
  const batch = batchOf(network, 0)
  const { state: next, metrics } = step(state, batch, { learningRate: 0.1 })
  await settled()
  disposeState(state)
  disposeState(next)
  metrics.dispose()
  disposeBatch(batch)
  step.dispose()
})

/** Errors come on the side. */
const settled = () => (tf.backend() as Backend).device.queue.onSubmittedWorkDone()
