/** Decoding has the bits of the host's own steps. */
import { expect, it } from 'vitest'
import { randomStream } from '../../../base/random'
import { DRAWS_PER_IMAGE, drawBasic, flipPadCrop, PAD } from '../../../core/data/augment/basic'
import { normalisationTable, normaliseInto } from '../../../core/data/batches/normalise'
import { taken } from '../../gpu.testing'
import { decodeImages, decodesImages } from './decodeImages'

export function decodeImagesTests(): void {
  it('equals flip, crop and normalisation on the host bit for bit at 200 shapes', async () => {
    expect(decodesImages()).toBe(true)
    const random = randomStream(61, 'init')
    for (let turn = 0; turn < 200; turn++) {
      const channels = 1 + random.int(4)
      const [count, height, width] = [1 + random.int(5), PAD + 1 + random.int(12), PAD + 1 + random.int(12)]
      const size = height * width * channels
      const pixels = Uint8Array.from({ length: count * size }, () => random.int(256))
      const means = Array.from({ length: channels }, () => random.uniform())
      const table = normalisationTable({ mean: means, std: means.map((mean) => mean / 2 + 0.1) })
      const moves = turn % 3 === 0 ? undefined : drawBasic(random, count)
      const expected = new Float32Array(pixels.length)
      for (let i = 0; i < count; i++) {
        const image = pixels.subarray(i * size, (i + 1) * size)
        const moved = new Uint8Array(size)
        if (moves) {
          const draw = moves.subarray(i * DRAWS_PER_IMAGE, (i + 1) * DRAWS_PER_IMAGE)
          flipPadCrop(image, { height, width, channels }, draw, moved)
        } else moved.set(image)
        normaliseInto(moved, table, expected, i * size)
      }
      const [got] = await taken([
        decodeImages({ pixels, moves, pad: PAD, table }, [count, height, width, channels]),
      ])
      expect([...got]).toEqual([...expected])
    }
  })
}
