/**
 * Images as they are looked at without changing them: normalised, and where they are stored at another size than the
 * network's resized after that; ImageNet's are cropped at the centre and resized before. In any thread.
 */
import { type ImageShape, sizeOf } from '../augment/image'
import type { Recipe } from '../augment/recipe'
import { type Dataset, storedShape } from '../dataset'
import { bicubicResize } from '../pictures/bicubic'
import { centreCrop, cropImage } from '../pictures/imagenetCrop'
import { normalisationTable, normaliseFloats, normaliseInto } from './normalise'

/** What of a recipe does not change the images. */
export type Look = Pick<Recipe, 'stored' | 'input' | 'mean' | 'std' | 'imagenet'>

/** From [count, height, width, channels] uint8 as stored to what the network sees. */
export type ToImages = (pixels: Uint8Array, count: number) => Float32Array

export function lookOf(dataset: Dataset): Look {
  const { height, width, channels, mean, std, pipeline } = dataset
  const input = { height, width, channels }
  return { stored: storedShape(dataset), input, mean, std, imagenet: pipeline === 'imagenet' }
}

export const toImages = (look: Look): ToImages => (look.imagenet ? croppedImages(look) : wholeImages(look))

export const sameSide = (a: ImageShape, b: ImageShape): boolean =>
  a.height === b.height && a.width === b.width

function wholeImages(look: Look): ToImages {
  const { stored, input } = look
  const table = normalisationTable(look)
  const resize = sameSide(stored, input) ? undefined : bicubicResize(stored, input)
  return (pixels, count) => {
    const images = new Float32Array(pixels.length)
    normaliseInto(pixels, table, images, 0)
    return resize ? resize(images, count) : images
  }
}

function croppedImages(look: Look): ToImages {
  const { stored, input } = look
  const storedSize = sizeOf(stored)
  const size = sizeOf(input)
  const crop = centreCrop(stored.height, stored.width, input.height)
  const resize = bicubicResize({ ...crop, channels: stored.channels }, input)
  return (pixels, count) => {
    const images = new Float32Array(count * size)
    for (let i = 0; i < count; i++) {
      const image = pixels.subarray(i * storedSize, (i + 1) * storedSize)
      images.set(resize(cropImage(image, stored, crop), 1), i * size)
    }
    normaliseFloats(images, look)
    return images
  }
}
