/**
 * Batches: how many images a second are prepared and imported (images.ts) and read from a store (stores.ts), which part
 * of its time a training run waits for them, and which part making them takes of a step that has no thread for it.
 */
import { type Arena, addMeasured, caseOf, withHost } from '../arena'
import { rowOf } from '../report'
import type { Spec } from '../workload'
import { images } from './images'
import { stores } from './stores'

/** The bundled set's shape and CIFAR's; augmentations by their names in the config. */
const CASES: readonly { spec: Spec; augmentations: readonly string[] }[] = [
  { spec: { model: 'mlp', shape: [28, 28, 1], batch: 64 }, augmentations: ['none', 'basic'] },
  { spec: { model: 'WideResnet_mini', shape: [28, 28, 1], batch: 32 }, augmentations: ['basic'] },
  { spec: { model: 'cnn_small', shape: [32, 32, 3], batch: 128 }, augmentations: ['basic', 'autoaugment'] },
]

export interface DataRates {
  imagesPerSecond: number
  /** ms to make a batch and hand it to the device. */
  batchMs: number
  /** ms of a whole SGD step on that batch. */
  stepMs: number
  /** Part of its time that the same run, with threads, waited for batches. */
  waiting: number
}

export async function data(arena: Arena): Promise<void> {
  await images(arena)
  await stores(arena)
  for (const { spec, augmentations } of CASES) {
    if (!arena.options.models.includes(spec.model)) continue
    arena.say(`data for ${spec.model}`)
    for (const augmentation of augmentations) {
      const of = caseOf(spec)
      const speed = `images_per_second_${augmentation}`
      await addMeasured(arena, of, speed, '1/s', async () => {
        const rates = await withHost(arena, 'basin', (host) =>
          host.ask<DataRates>('data', arena.server.offer(spec), augmentation, arena.options.seconds),
        )
        const making = Math.min(1, rates.batchMs / rates.stepMs)
        return [
          rowOf(of, speed, '1/s', rates.imagesPerSecond),
          rowOf(of, `waiting_share_${augmentation}`, 'fraction', rates.waiting),
          rowOf(of, `making_share_${augmentation}`, 'fraction', making),
        ]
      })
    }
  }
}
