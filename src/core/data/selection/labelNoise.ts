/**
 * Symmetric label noise: exactly round(p · n) labels, drawn without replacement, are each replaced by one of the
 * OTHER classes, all equally likely. So p is the share of labels that really are wrong, and p = 1 leaves none right.
 */
import { randomStream } from '../../../base/random'
import type { Labels } from '../labels'

export interface NoisyLabels {
  /** [n] */
  labels: Labels
  /** [n] 1 where the label was replaced */
  wrong: Uint8Array
}

/** Both runs of a comparison and every resume get the same labels: the draw depends on `seed` and n alone. */
export function withLabelNoise(labels: Labels, share: number, numClasses: number, seed: number): NoisyLabels {
  const noisy = labels.slice()
  const wrong = new Uint8Array(labels.length)
  const random = randomStream(seed, 'noise')
  const order = random.shuffle(Uint32Array.from(labels, (_, i) => i))
  for (const i of order.subarray(0, Math.round(share * labels.length))) {
    noisy[i] = (labels[i] + 1 + random.int(numClasses - 1)) % numClasses
    wrong[i] = 1
  }
  return { labels: noisy, wrong }
}
