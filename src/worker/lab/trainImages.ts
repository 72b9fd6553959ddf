/** Training images of a run for the page to show: they are in the memory of the worker that trains. */
import { storedShape } from '../../core/data/dataset'
import type { SessionRun } from '../../core/session/sessionRun'
import type { StoredImages } from '../protocol'
import { rgbaOf } from '../rgba'

/** @param places among the run's training images */
export async function trainImages({ dataset }: SessionRun, places: readonly number[]): Promise<StoredImages> {
  const { height, width, channels } = storedShape(dataset)
  const { train } = dataset
  const size = height * width * channels
  const read = await train.lazy?.pixels(Uint32Array.from(places))
  const images = places.map((place, at) =>
    rgbaOf(
      read ? read.slice(at * size, (at + 1) * size) : train.images.slice(place * size, (place + 1) * size),
      channels,
    ),
  )
  return { height, width, images }
}
