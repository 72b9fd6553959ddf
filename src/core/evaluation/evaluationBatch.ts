/** How many images an evaluation looks at in one pass: what the smallest device can bind, whatever the network. */
import type { Network } from '../models/network'

/** A quarter of the 128 MiB that every WebGPU device binds, and enough images to fill a GPU. */
const LARGEST_MAP = 32 * 2 ** 20

/** An evaluation's batch where the network allows it: small enough to answer a Pause between two. */
export const EVALUATION_BATCH = 250

/**
 * The same on every device, so that a run's numbers do not depend on its memory.
 * @param wanted images a pass where the network allows it
 * @returns at least 1
 */
export function evaluationBatch({ layers }: Pick<Network, 'layers'>, wanted: number): number {
  return Math.max(1, Math.min(wanted, Math.floor(LARGEST_MAP / mapBytes({ layers }))))
}

/** Bytes of the largest map of one image, in or out of a layer. */
export function mapBytes({ layers }: Pick<Network, 'layers'>): number {
  const values = layers.map(({ in: input, out }) => Math.max(elements(input), elements(out)))
  return 4 * Math.max(1, ...values)
}

const elements = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1)
