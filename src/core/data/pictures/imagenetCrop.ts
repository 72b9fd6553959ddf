/**
 * The crops of ImageNet pictures: random with a drawn area and aspect for training, central for evaluation.
 * Source: Szegedy et al. 2015 (the ranges); sam_jax/datasets/dataset_source_imagenet.py.
 */
import type { RandomStream } from '../../../base/random'

export interface Crop {
  top: number
  left: number
  height: number
  width: number
}

/** Kept of the shorter side's centre: side/(side + 32), the 224 of 256 of old. */
const MARGIN = 32

const ATTEMPTS = 10
const AREA = { min: 0.08, max: 1 }
const ASPECT = { min: 3 / 4, max: 4 / 3 }

/** The central square from which an image of `side` × `side` is made. */
export function centreCrop(height: number, width: number, side: number): Crop {
  const size = Math.max(1, Math.trunc((Math.min(height, width) * side) / (side + MARGIN)))
  return {
    top: Math.floor((height - size + 1) / 2),
    left: Math.floor((width - size + 1) / 2),
    height: size,
    width: size,
  }
}

/**
 * A rectangle of 8 to 100 % of the picture's area with an aspect of 3/4 to 4/3, uniform in both, anywhere in the
 * picture; after ten that do not fit, or when it is the whole picture, the central square.
 * Differs: the reference leaves the draw to TensorFlow's sampler, whose random numbers cannot be had; the ranges, the
 * attempts and what happens when none fits are its.
 */
export function randomCrop(height: number, width: number, side: number, random: RandomStream): Crop {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const aspect = ASPECT.min + random.uniform() * (ASPECT.max - ASPECT.min)
    const area = height * width * (AREA.min + random.uniform() * (AREA.max - AREA.min))
    const cropHeight = Math.round(Math.sqrt(area / aspect))
    const cropWidth = Math.round(cropHeight * aspect)
    if (cropHeight < 1 || cropWidth < 1 || cropHeight > height || cropWidth > width) continue
    if (cropHeight === height && cropWidth === width) break
    const top = random.int(height - cropHeight + 1)
    return { top, left: random.int(width - cropWidth + 1), height: cropHeight, width: cropWidth }
  }
  return centreCrop(height, width, side)
}

/** @param image [height, width, channels] uint8 @returns [crop.height, crop.width, channels], a copy */
export function cropImage(
  image: Uint8Array,
  { width, channels }: { width: number; channels: number },
  crop: Crop,
): Uint8Array {
  const row = crop.width * channels
  const out = new Uint8Array(crop.height * row)
  for (let y = 0; y < crop.height; y++) {
    const from = ((crop.top + y) * width + crop.left) * channels
    out.set(image.subarray(from, from + row), y * row)
  }
  return out
}
