/**
 * Kind `imagenet`: a crop, a resize and a normalisation of one decoded picture.
 * Tensors: `decoded`, and the result under the name that `result` says.
 */
import { normaliseFloats } from '../../../src/core/data/batches/normalise'
import { IMAGENET_NORMALISATION } from '../../../src/core/data/catalog/imagenet'
import { bicubicResize } from '../../../src/core/data/pictures/bicubic'
import { centreCrop, cropImage } from '../../../src/core/data/pictures/imagenetCrop'
import { z } from '../../../src/core/zod'
import { kind } from '../kind'
import { needTensor } from '../vectors'
import { bytesOf, shapeOf } from './augmentImages'

const FLOAT = 1e-6

/**
 * The reference decodes only the crop, so the colour of the crop's last column is interpolated without the pixel next to
 * it; the goldens hold the picture decoded whole. Output columns that take from there may be off by so many levels.
 */
const EDGE_LEVELS = 32
const LEVEL_NORMALISED = 1 / (255 * Math.min(...IMAGENET_NORMALISATION.std))

const NOTE =
  'Differs: the JPEG is decoded whole; TensorFlow decodes the crop, whose last column has other colours'

const { number } = z

const fields = z.strictObject({
  result: z.string(),
  crop: z.union([
    z.strictObject({ top: number(), left: number(), height: number(), width: number() }),
    z.literal('centre'),
  ]),
  /** Of the crop at the centre. */
  crop_size: number().optional(),
  normalised: z.boolean(),
})

export const imagenetPreprocess = kind('imagenet', fields, async (one, checks, { tensors }) => {
  const { result: name, normalised } = one
  const decoded = needTensor(tensors, 'decoded')
  const shape = shapeOf(decoded)
  const stored = needTensor(tensors, name)
  const to = shapeOf(stored)
  const crop = one.crop === 'centre' ? centreCrop(shape.height, shape.width, to.width) : one.crop
  if (one.crop_size !== undefined) checks.scalar(`${name}/size`, crop.height, one.crop_size, 0)
  const pixels = cropImage(bytesOf(decoded), shape, crop)
  const ours = bicubicResize({ ...crop, channels: shape.channels }, to)(pixels, 1)
  if (normalised) normaliseFloats(ours, IMAGENET_NORMALISATION)
  const edge = EDGE_LEVELS * (normalised ? LEVEL_NORMALISED : 1)
  for (const [what, atEdge, tolerance] of [
    [name, false, normalised ? FLOAT : 0],
    [`${name}, right edge`, true, edge],
  ] as const) {
    const chosen = [...ours.keys()].filter(
      (i) => reachesEdge(Math.floor(i / to.channels) % to.width, crop.width, to.width) === atEdge,
    )
    const [a, b] = [ours, stored.data].map((values) => chosen.map((i) => values[i]))
    checks.compare(what, a, b, tolerance)
  }
  checks.note = NOTE
})

/** Whether an output column takes from the crop's last column. */
function reachesEdge(column: number, from: number, to: number): boolean {
  return Math.floor((column * from) / to) + 2 >= from - 1
}
