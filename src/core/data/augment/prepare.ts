/**
 * Images on their way to the network, one batch at a time: image operations on uint8, normalisation, batch operations,
 * resize; for ImageNet crop, resize, operations, flip, normalisation. Runs in any thread: raw pixels in, floats out.
 * Source: the order of sam_jax/datasets/dataset_source.py and dataset_source_imagenet.py; docs/augmentation.md.
 */
import { itemStreams, type RandomStream } from '../../../base/random'
import { normalisationTable, normaliseFloats, normaliseInto } from '../batches/normalise'
import { bicubicResize, type Resize } from '../pictures/bicubic'
import { cropImage, randomCrop } from '../pictures/imagenetCrop'
import { DRAWS_PER_IMAGE, flipPadCrop } from './basic'
import { cutout, mixup } from './batchLevel'
import { sizeOf } from './image'
import { applyOp } from './ops'
import type { Recipe } from './recipe'
import { cutoutCentre, mixupShare, Planner } from './recipeDraws'

/** A batch as it lies in the data set. */
export interface RawBatch {
  step: number
  epoch: number
  /** [n, height, width, channels] as stored; of length 0 beside `files` */
  pixels: Uint8Array
  /** [n] pictures that are still to be decoded */
  files?: Uint8Array[]
  /** [n] position of each image in the training split */
  indices: Uint32Array
  /** [n · DRAWS_PER_IMAGE] of `basic` */
  basicDraws?: Uint8Array
}

export class Preparer {
  readonly #recipe: Recipe
  readonly #table: Float32Array
  readonly #resize: Resize | undefined
  readonly #planner: Planner
  #crops: { epoch: number; of: (index: number) => RandomStream } | undefined
  /** Two images to go back and forth between. */
  readonly #scratch: [Uint8Array, Uint8Array]

  constructor(recipe: Recipe) {
    const { stored, input, imagenet } = recipe
    this.#recipe = recipe
    this.#planner = new Planner(recipe)
    this.#table = normalisationTable(recipe)
    const resizes = !imagenet && (stored.height !== input.height || stored.width !== input.width)
    this.#resize = resizes ? bicubicResize(stored, input) : undefined
    const size = sizeOf(imagenet ? input : stored)
    this.#scratch = [new Uint8Array(size), new Uint8Array(size)]
  }

  /** @returns [n, input.height, input.width, channels] float32, normalised */
  prepare(raw: RawBatch): Float32Array {
    const { stored, input, imagenet } = this.#recipe
    const count = raw.indices.length
    const shape = imagenet ? input : stored
    const size = sizeOf(shape)
    const images = new Float32Array(count * size)
    const storedSize = sizeOf(stored)
    for (let i = 0; i < count; i++) {
      const image = raw.pixels.subarray(i * storedSize, (i + 1) * storedSize)
      if (imagenet) this.#imagenetImage(image, raw, i, images.subarray(i * size, (i + 1) * size))
      else normaliseInto(this.#smallImage(image, raw, i), this.#table, images, i * size)
    }
    this.#batchLevel(images, raw.step, count)
    return this.#resize ? this.#resize(images, count) : images
  }

  #smallImage(image: Uint8Array, raw: RawBatch, i: number): Uint8Array {
    const { stored, basic } = this.#recipe
    const changed = this.#applyPolicy(image, raw, i)
    if (!basic || !raw.basicDraws) return changed
    const draw = raw.basicDraws.subarray(i * DRAWS_PER_IMAGE, (i + 1) * DRAWS_PER_IMAGE)
    const out = this.#otherThan(changed)
    flipPadCrop(changed, stored, draw, out)
    return out
  }

  #imagenetImage(image: Uint8Array, raw: RawBatch, i: number, out: Float32Array): void {
    const { stored, input, policy } = this.#recipe
    const random = this.#cropStreams(raw.epoch)(raw.indices[i])
    const crop = randomCrop(stored.height, stored.width, input.height, random)
    const resize = bicubicResize({ ...crop, channels: stored.channels }, input)
    const resized = resize(cropImage(image, stored, crop), 1)
    if (policy) {
      const bytes = this.#scratch[0]
      // The cubic overshoots; a cast of what is below 0 or above 255 is whatever the machine makes of it.
      for (let k = 0; k < bytes.length; k++) bytes[k] = Math.min(255, Math.max(0, resized[k]))
      resized.set(this.#applyPolicy(bytes, raw, i))
    }
    if (random.int(2) === 1) flipInto(resized, input, out)
    else out.set(resized)
    normaliseFloats(out, this.#recipe)
  }

  #applyPolicy(image: Uint8Array, raw: RawBatch, i: number): Uint8Array {
    const { imagenet, input, stored } = this.#recipe
    const shape = imagenet ? input : stored
    let current = image
    for (const op of this.#planner.opsOf(raw.epoch, raw.indices[i])) {
      const out = this.#otherThan(current)
      applyOp(op, current, shape, out)
      current = out
    }
    return current
  }

  #batchLevel(images: Float32Array, step: number, count: number): void {
    const { cutoutLength, imagenet, input, stored } = this.#recipe
    const share = mixupShare(this.#recipe, step)
    if (share !== undefined) mixup(images, count, share)
    const centre = cutoutCentre(this.#recipe, step)
    if (centre) cutout(images, imagenet ? input : stored, cutoutLength, centre)
  }

  #cropStreams(epoch: number) {
    if (this.#crops?.epoch !== epoch) {
      this.#crops = { epoch, of: itemStreams(this.#recipe.seed, 'crop', epoch) }
    }
    return this.#crops.of
  }

  #otherThan(image: Uint8Array): Uint8Array {
    const [first, second] = this.#scratch
    return image === first ? second : first
  }
}

function flipInto(
  image: Float32Array,
  { height, width, channels }: { height: number; width: number; channels: number },
  out: Float32Array,
): void {
  let at = 0
  for (let y = 0; y < height; y++) {
    for (let x = width - 1; x >= 0; x--) {
      const from = (y * width + x) * channels
      for (let c = 0; c < channels; c++) out[at++] = image[from + c]
    }
  }
}
