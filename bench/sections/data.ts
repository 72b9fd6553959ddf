/**
 * Batches: how many images a second are prepared and imported (images.ts), and which part of a training step the stream
 * takes when it has no thread of its own.
 */
import { messageOf } from '../alternate'
import { type Arena, caseOf, withHost } from '../arena'
import { figure } from '../stats'
import type { Spec } from '../workload'
import { images } from './images'

const CASES: readonly Spec[] = [
  { model: 'WideResnet_mini', shape: [28, 28, 1], batch: 32 },
  { model: 'mlp', shape: [28, 28, 1], batch: 64 },
]
/** By their names in the config. */
const AUGMENTATIONS = ['none', 'basic'] as const

export interface DataRates {
  imagesPerSecond: number
  /** ms to make a batch and hand it to the device. */
  batchMs: number
  /** ms of a whole SGD step on that batch. */
  stepMs: number
}

export async function data(arena: Arena): Promise<void> {
  await images(arena)
  for (const spec of CASES.filter(({ model }) => arena.options.models.includes(model))) {
    arena.say(`data for ${spec.model}`)
    for (const augmentation of AUGMENTATIONS) {
      const named = { ...caseOf(spec), peers: {} }
      try {
        const rates = await withHost(arena, 'basin', (host) =>
          host.ask<DataRates>('data', arena.server.offer(spec), augmentation, arena.options.seconds),
        )
        arena.add([
          {
            name: `images_per_second_${augmentation}`,
            unit: '1/s',
            basin: figure([rates.imagesPerSecond]),
            ...named,
          },
          {
            name: `waiting_for_data_${augmentation}`,
            unit: 'fraction',
            basin: figure([Math.min(1, rates.batchMs / rates.stepMs)]),
            ...named,
          },
        ])
      } catch (error) {
        const basin = { error: messageOf(error) }
        arena.add([{ name: `images_per_second_${augmentation}`, unit: '1/s', basin, ...named }])
      }
    }
  }
}
