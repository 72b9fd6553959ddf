/**
 * A batch for the device to prepare: the pixels as they are stored, and in a few numbers what a `Preparer` would do to
 * them. Both draw by the same planner, and engine/ops/decodeImages has the Preparer's bits.
 */
import type { EncodedImages } from '../../../engine/ops/decodeImages/decodeImages'
import { normalisationTable } from '../batches/normalise'
import { PAD } from './basic'
import { cutoutSquare, mixupShares } from './batchLevel'
import { OpEncoder } from './opEncoder'
import { cutoutCentre, mixupShare, mostOps, Planner } from './planner'
import type { RawBatch } from './prepare'
import type { Recipe } from './recipe'

export class BatchEncoder {
  readonly #recipe: Recipe
  readonly #table: Float32Array
  readonly #planner: Planner
  readonly #ops: OpEncoder | undefined
  readonly #layers: number

  /** @param recipe of small images that are not resized */
  constructor(recipe: Recipe) {
    this.#recipe = recipe
    this.#table = normalisationTable(recipe)
    this.#planner = new Planner(recipe)
    this.#layers = mostOps(recipe)
    this.#ops = this.#layers > 0 ? new OpEncoder(recipe.stored) : undefined
  }

  /** @returns the images, and mixup's share as `mixupShare` draws it */
  encode({ step, epoch, pixels, indices, basicDraws }: RawBatch): { images: EncodedImages; mixup?: number } {
    const { stored, cutoutLength } = this.#recipe
    const mixup = mixupShare(this.#recipe, step)
    const centre = cutoutCentre(this.#recipe, step)
    const images: EncodedImages = {
      pixels,
      program: this.#ops?.encode(
        Array.from(indices, (index) => this.#planner.opsOf(epoch, index)),
        this.#layers,
      ),
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
