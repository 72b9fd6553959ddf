/**
 * A policy's image operations beside the training that consumes the images, on the same adapter: images a second of one
 * thread of the host, of the device, and of training; and what an image costs the device in either.
 */
import { messageOf } from '../alternate'
import { type Arena, caseOf, withHost } from '../arena'
import { figure } from '../stats'
import type { Spec } from '../workload'

const SPEC: Spec = { model: 'cnn_small', shape: [32, 32, 3], batch: 128 }

export interface AugmentRates {
  /** Images a second: augmented by one thread. */
  hostPerSecond: number
  /** Drawn and gathered for the device, which is what the training thread still does. */
  encodedPerSecond: number
  /** From the draw to the floats on the device. */
  devicePerSecond: number
  /** Consumed by SGD, its batch ready on the device. */
  trainedPerSecond: number
  /** ms on the device for a batch: operations, flips, crops, normalisation. */
  kernelMs: number
  /** ms on the device for an SGD step on that batch. */
  stepMs: number
  /** Bytes an image that the kernels read and write. */
  augmentBytes: number
  /** Bytes an image of all buffers of a step, each counted once. */
  stepBytes: number
  /** Floating-point operations an image of an SGD step's layers. */
  stepFlops: number
}

export async function augmentOnDevice(arena: Arena): Promise<void> {
  if (!arena.options.models.includes(SPEC.model)) return
  arena.say(`AutoAugment beside ${SPEC.model}`)
  const named = { ...caseOf(SPEC), peers: {} }
  try {
    const rates = await withHost(arena, 'basin', (host) =>
      host.ask<AugmentRates>('augment', arena.server.offer(SPEC), arena.options.seconds),
    )
    const { hostPerSecond, encodedPerSecond, devicePerSecond, trainedPerSecond, kernelMs, stepMs } = rates
    const rows: [name: string, unit: string, value: number][] = [
      ['autoaugment_host', '1/s', hostPerSecond],
      ['autoaugment_device', '1/s', devicePerSecond],
      ['autoaugment_encoded', '1/s', encodedPerSecond],
      ['trained', '1/s', trainedPerSecond],
      ['autoaugment_host_over_trained', 'ratio', hostPerSecond / trainedPerSecond],
      ['autoaugment_device_over_trained', 'ratio', devicePerSecond / trainedPerSecond],
      ['autoaugment_kernels', 'ms', kernelMs],
      ['step_kernels', 'ms', stepMs],
      ['step_kernels_over_autoaugment', 'ratio', stepMs / kernelMs],
      ['autoaugment_bytes_per_image', 'B', rates.augmentBytes],
      ['step_bytes_per_image', 'B', rates.stepBytes],
      ['step_flops_per_image', 'count', rates.stepFlops],
    ]
    arena.add(rows.map(([name, unit, value]) => ({ name, unit, basin: figure([value]), ...named })))
  } catch (error) {
    arena.add([{ name: 'autoaugment_device', unit: '1/s', basin: { error: messageOf(error) }, ...named }])
  }
}
