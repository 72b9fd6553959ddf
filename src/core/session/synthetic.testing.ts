/** A data set for tests: every class is a seeded pattern, every image that pattern with noise. Learned in seconds. */

import { randomStream } from '../../base/random'
import type { Dataset, Split } from '../data/dataset'

export interface SyntheticOptions {
  size?: number
  classes?: number
  train?: number
  test?: number
  /** Share of wrong training labels. */
  noise?: number
}

export function syntheticDataset({
  size = 6,
  classes = 4,
  train = 64,
  test = 40,
  noise = 0,
}: SyntheticOptions = {}): Dataset {
  const random = randomStream(12345, 'noise')
  const pixels = size * size
  const patterns = Array.from({ length: classes }, () =>
    Uint8Array.from({ length: pixels }, () => random.int(200)),
  )
  const split = (count: number, wrongCount: number): Split => {
    const images = new Uint8Array(count * pixels)
    const labels = new Uint8Array(count)
    const wrong = new Uint8Array(count)
    for (let i = 0; i < count; i++) {
      const truth = i % classes
      for (let p = 0; p < pixels; p++) images[i * pixels + p] = patterns[truth][p] + random.int(55)
      wrong[i] = i < wrongCount ? 1 : 0
      labels[i] = wrong[i] ? (truth + 1 + random.int(classes - 1)) % classes : truth
    }
    return { images, labels, wrong, count }
  }
  return {
    name: 'synthetic',
    height: size,
    width: size,
    channels: 1,
    classNames: Array.from({ length: classes }, (_, i) => `class ${i}`),
    mean: [0.5],
    std: [0.25],
    train: split(train, Math.round(noise * train)),
    test: split(test, 0),
  }
}
