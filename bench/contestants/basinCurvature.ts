/** Second derivatives as the measures of curvature take them. */
import { randomStream } from '../../src/base/random'
import { BatchStream } from '../../src/core/data/batches/batchStream'
import { EIGEN_DEFAULTS, extremeEigenvalues } from '../../src/core/landscape/curvature/eigenvalues'
import { KrylovSpaces } from '../../src/core/landscape/curvature/krylov'
import { Objective } from '../../src/core/landscape/curvature/objective'
import { lookAtEach, SUBJECT_SETTINGS } from '../../src/core/landscape/curvature/subjects'
import { initBatchStats } from '../../src/core/models/init'
import { disposeBatch, uploadBatch } from '../../src/core/queue/deviceBatch'
import { Session } from '../../src/core/session/session'
import { lossAndGradient } from '../../src/core/step/objective'
import { z } from '../../src/core/zod'
import { capture } from '../../src/engine/capture/capture'
import { webGpuBackend } from '../../src/engine/profile/profile'
import * as tf from '../../src/engine/tf'
import type { EigenTimes, ProductTimes } from '../sections/curvature'
import { openWorkload } from './basinSession'

const MOST_PRODUCTS = 1000
const FIRST_VISIT_RHO = 0.2
/** Training before the eigenvalues are taken, so that they are of weights that have learnt something. */
const PAIR_STEPS = 30

/** Products and gradients of one batch in turn, the gradient as a training step takes it. */
export async function products(workload: string, seconds: number): Promise<ProductTimes> {
  const { numbers, config, dataset, network } = await openWorkload(workload, 0)
  const batch = uploadBatch(new BatchStream(dataset, config).batchAt(0), dataset)
  const theta = tf.tensor1d(numbers.theta)
  const batchStats = tf.tensor1d(initBatchStats(network))
  const v = randomVector(network.params.size)
  const settings = {
    loss: 'cross_entropy',
    labelSmoothing: 0,
    weightDecay: 0,
    noWeightDecayOnBn: false,
  } as const
  const objective = new Objective(network, [batch], settings, { theta, batchStats })
  const gradient = capture((input: { theta: tf.Tensor1D; batchStats: tf.Tensor1D }) => {
    const step = lossAndGradient(network, input.theta, input.batchStats, batch.images, batch.labels, {
      weightDecay: 0,
    })
    return step.gradient
  })
  const timed = async (run: () => tf.Tensor) => {
    const started = performance.now()
    const result = run()
    const js = performance.now() - started
    const first = tf.tidy(() => tf.slice(result, 0, 1))
    await first.data()
    tf.dispose([result, first])
    return { ms: performance.now() - started, js }
  }
  const turn = async () => ({
    product: await timed(() => objective.product(v)),
    gradient: await timed(() => gradient({ theta, batchStats })),
  })
  await turn()
  await turn()
  const times: ProductTimes = { product: [], gradient: [], jsMs: [], dispatches: 0, buffers: 0, products: 0 }
  const end = performance.now() + seconds * 500
  while (times.product.length < 3 || (performance.now() < end && times.product.length < 200)) {
    const { product, gradient: plain } = await turn()
    times.product.push(product.ms)
    times.gradient.push(plain.ms)
    times.jsMs.push(product.js)
  }
  Object.assign(times, await buffersMade(() => timed(() => objective.product(v)), seconds / 2))
  times.dispatches = objective.report().product.dispatches[0] ?? 0
  objective.dispose()
  gradient.dispose()
  disposeBatch(batch)
  tf.dispose([theta, batchStats, v])
  return times
}

/** Buffers (in WebAssembly tensors' memory) that are held after `run` was repeated and were not before. */
async function buffersMade(run: () => Promise<unknown>, seconds: number) {
  const held = isWebGpu() ? gpuBuffers() : { count: () => tf.memory().numDataBuffers, end: () => {} }
  const before = held.count()
  const end = performance.now() + seconds * 1000
  let count = 0
  while (count < MOST_PRODUCTS && (count < 10 || performance.now() < end)) {
    await run()
    count++
  }
  held.end()
  return { buffers: held.count() - before, products: count }
}

const isWebGpu = () => tf.getBackend() === 'webgpu'

function gpuBuffers() {
  const { device } = webGpuBackend()
  const create = device.createBuffer.bind(device)
  let held = 0
  device.createBuffer = (descriptor) => {
    const buffer = create(descriptor)
    const destroy = buffer.destroy.bind(buffer)
    held++
    buffer.destroy = () => {
      held--
      destroy()
    }
    return buffer
  }
  return {
    count: () => held,
    end: () => {
      device.createBuffer = create
    },
  }
}

/** Both ends of the spectrum from one Krylov space, and a step of the pair. @param workload with the images */
export async function eigenvalues(workload: string, batch: number, seconds: number): Promise<EigenTimes> {
  const { dataset, network: shared, ...opened } = await openWorkload(workload, 0.05, batch)
  const config = { ...opened.config, runs: 'sam_rho:0;' }
  const session = new Session({ config, dataset, network: shared })
  await session.train({ until: 2 })
  const end = performance.now() + (seconds / 2) * 1000
  const started = performance.now()
  let steps = 0
  while (steps < PAIR_STEPS || performance.now() < end) {
    await session.train({ until: session.step + 1 })
    steps++
  }
  const pairStepMs = (performance.now() - started) / steps
  const [{ key, network, evaluated }] = session.runs
  const settings = z.object(SUBJECT_SETTINGS).parse({ num_images: dataset.train.count })
  const found = { ms: 0, products: 0 }
  await lookAtEach([{ key, config, network, dataset, ...evaluated }], settings, async ({ objective }) => {
    const spaces = new KrylovSpaces(objective)
    const v = randomVector(objective.size)
    const find = async (maxSteps: number) => {
      const space = spaces.from(v)
      const begun = performance.now()
      const values = await extremeEigenvalues(space, { ...EIGEN_DEFAULTS, maxSteps })
      space.dispose()
      return { ms: performance.now() - begun, products: values?.products ?? 0 }
    }
    // Pipelines are compiled by then.
    await find(2)
    Object.assign(found, await find(EIGEN_DEFAULTS.maxSteps))
    v.dispose()
    spaces.dispose()
  })
  session.dispose()
  return { ...found, pairStepMs }
}

/** The live panel of the first visit's pair: every so many steps, on so many images. */
const WATCH_EVERY = 100
const WATCH_IMAGES = 500
const LEAST_LOOKS = 4

/** What λ₁ takes of the time, look by look, after the first, in which its kernels are compiled. @param workload with the images */
export async function liveEigenvalue(workload: string, batch: number, seconds: number): Promise<number[]> {
  const { dataset, network, ...opened } = await openWorkload(workload, FIRST_VISIT_RHO, batch)
  const config = {
    ...opened.config,
    runs: 'sam_rho:0;',
    top_eigenvalue_every: WATCH_EVERY,
    top_eigenvalue_images: WATCH_IMAGES,
  }
  const session = new Session({ config, dataset, network })
  const end = performance.now() + seconds * 1000
  while (session.step < WATCH_EVERY * (LEAST_LOOKS + 1) || performance.now() < end) {
    await session.train({ until: session.step + WATCH_EVERY })
  }
  const looks = session.runs[0].edges.length
  const times = Array.from({ length: looks }, (_, k) => {
    const at = session.runs.map(({ edges }) => edges[k])
    const sum = (of: 'edgeSeconds' | 'seconds') => at.reduce((all, edge) => all + edge[of], 0)
    return { looking: sum('edgeSeconds'), training: sum('seconds') }
  })
  session.dispose()
  return times.slice(1).map(({ looking, training }, k) => {
    const [looked, trained] = [looking - times[k].looking, training - times[k].training]
    return looked / (looked + trained)
  })
}

function randomVector(size: number): tf.Tensor1D {
  const random = randomStream(1, 'probes')
  return tf.tensor1d(Float32Array.from({ length: size }, () => random.normal()))
}
