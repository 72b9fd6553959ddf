/**
 * A batch for the device to prepare: the pixels as they are stored, and in a few numbers what a `Preparer` would do to
 * them. Both draw by the same planner, and engine/ops/decodeImages has the Preparer's bits. A policy's operations are not
 * among them: threads do more of them than a step consumes (docs/augmentation.md).
 */
import type { EncodedImages } from '../../../engine/ops/decodeImages/decodeImages'
import { normalisationTable } from '../batches/normalise'
import { PAD } from './basic'
import { cutoutSquare, mixupShares } from './batchLevel'
import type { RawBatch } from './prepare'
import type { Recipe } from './recipe'
import { cutoutCentre, mixupShare } from './recipeDraws'

export class BatchEncoder {
  readonly #recipe: Recipe
  readonly #table: Float32Array

  /** @param recipe of small images that are not resized, without a policy */
  constructor(recipe: Recipe) {
    this.#recipe = recipe
    this.#table = normalisationTable(recipe)
  }

  /** @returns the images, and mixup's share as `mixupShare` draws it */
  encode({ step, pixels, basicDraws }: RawBatch): { images: EncodedImages; mixup?: number } {
    const { stored, cutoutLength } = this.#recipe
    const mixup = mixupShare(this.#recipe, step)
    const centre = cutoutCentre(this.#recipe, step)
    const images: EncodedImages = {
      pixels,
      moves: basicDraws,
      pad: PAD,
      ...this.#tables(mixup),
      square: centre && cutoutSquare(cutoutLength, centre, stored),
    }
    return { images, mixup }
  }

  #tables(mixup: number | undefined): Pick<EncodedImages, 'table' | 'partnerTable'> {
    if (mixup === undefined) return { table: this.#table }
    // float32 products, as mixup's own.
    const [table, partnerTable] = mixupShares(mixup).map((share) => this.#table.map((value) => value * share))
    return { table, partnerTable }
  }
}
