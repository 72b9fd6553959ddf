/** A policy's image operations on a thread of the host and on the device, beside the training that consumes the images. */
import { DEFAULT_CONFIG, type RunConfig } from '../../src/core/config/schema'
import { BatchStream } from '../../src/core/data/batches/batchStream'
import { initBatchStats } from '../../src/core/models/init'
import { flopsPerStep } from '../../src/core/models/summary'
import { disposeBatch, uploadBatch } from '../../src/core/queue/deviceBatch'
import { createTrainState, disposeState } from '../../src/core/step/state'
import { hyperOf, makeTrainStep } from '../../src/core/step/step'
import { canAugmentImages } from '../../src/engine/ops/augmentImages/augmentImages'
import { profileWork, webGpuBackend } from '../../src/engine/profile/profile'
import { submitAll } from '../../src/engine/tf/backendParts'
import type { AugmentRates } from '../sections/augmentOnDevice'
import { figure } from '../stats'
import { networkOf } from '../workload'
import { basinConfig, basinDataset } from './basinSession'
import { fetchNumbers } from './serve'

const PROFILES = 5

/** What is done to images, translations to scale so that they leave something to be done. */
const POLICY: Partial<RunConfig> = {
  image_level_augmentations: 'autoaugment',
  autoaugment_policy: 'cifar',
  scale_translations: true,
}

export async function augment(workload: string, seconds: number): Promise<AugmentRates> {
  const numbers = await fetchNumbers(workload)
  const { batch: count, shape } = numbers.head
  const config: RunConfig = { ...DEFAULT_CONFIG, ...basinConfig(numbers.head, 0), ...POLICY }
  const dataset = basinDataset(numbers)
  const stream = new BatchStream(dataset, config)
  if (!canAugmentImages(stream.recipe.stored)) throw new Error('augment: no kernel for these images')

  const network = networkOf(numbers.head)
  const train = makeTrainStep(network, hyperOf(config))
  let state = createTrainState(network, hyperOf(config), numbers.theta, initBatchStats(network))
  const fixed = uploadBatch(stream.batchAt(0), dataset)
  const step = async () => {
    const { state: next, metrics } = train(state, fixed, { learningRate: config.learning_rate })
    disposeState(state)
    state = next
    await metrics.data()
    metrics.dispose()
  }
  let turn = 0
  const prepared = async () => {
    disposeBatch(uploadBatch(stream.encodedAt(turn++), dataset))
    const backend = webGpuBackend()
    submitAll(backend)
    await backend.device.queue.onSubmittedWorkDone()
  }
  const works = {
    host: async () => void stream.batchAt(turn++),
    encoded: async () => void stream.encodedAt(turn++),
    device: prepared,
    trained: step,
  }
  const names = Object.keys(works) as (keyof typeof works)[]
  const times = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<
    keyof typeof works,
    number[]
  >
  for (const name of names) for (let i = 0; i < 3; i++) await works[name]()
  const started = performance.now()
  while (times.host.length < 5 || performance.now() - started < seconds * 1000) {
    for (const name of names) {
      const before = performance.now()
      await works[name]()
      times[name].push(performance.now() - before)
    }
  }
  const kernelMs: number[] = []
  const stepMs: number[] = []
  for (let i = 0; i < PROFILES; i++) {
    kernelMs.push((await profileWork(prepared)).deviceMs ?? Number.NaN)
    stepMs.push((await profileWork(step)).deviceMs ?? Number.NaN)
  }
  const [bytes] = train.report().bytes
  disposeState(state)
  disposeBatch(fixed)
  train.dispose()
  const forward = network.layers.reduce((sum, { flops }) => sum + flops, 0)
  const pixels = shape[0] * shape[1]
  const rate = (name: keyof typeof works) => (1000 * count) / figure(times[name]).median
  return {
    hostPerSecond: rate('host'),
    encodedPerSecond: rate('encoded'),
    devicePerSecond: rate('device'),
    trainedPerSecond: rate('trained'),
    kernelMs: figure(kernelMs).median,
    stepMs: figure(stepMs).median,
    // Bytes read, pixels written and read as a word, floats written.
    augmentBytes: pixels * (shape[2] + 4 + 4 + 4 * shape[2]),
    stepBytes: bytes / count,
    stepFlops: flopsPerStep(forward, 1, 1),
  }
}
