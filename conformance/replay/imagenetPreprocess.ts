/**
 * Kind `imagenet_preprocess`: crops, resizes and normalisation of one decoded picture.
 * Fields: `crops` [[top, left, height, width], …] (in the order `crop_order` says), `eval_crop` by side with `size`.
 * Tensors: `decoded`, `crop_resize/<n>`, `center_crop_resized/<side>`, `eval/<side>`, `normalize/<side>`.
 */

import { normaliseFloats } from '../../src/core/data/batches/normalise'
import { IMAGENET_NORMALISATION } from '../../src/core/data/catalog/imagenet'
import { bicubicResize } from '../../src/core/data/pictures/bicubic'
import { type Crop, centreCrop, cropImage } from '../../src/core/data/pictures/imagenetCrop'
import { bytesOf, needTensor, shapeOf } from './augmentImages'
import { type CaseResult, Checks, Unsupported } from './checks'
import { type Fields, type Golden, isFields } from './golden'

const WHAT = ['crop_resize', 'center_crop_resized', 'eval', 'normalize']

const FLOAT = 1e-6

/**
 * The reference decodes only the crop, so the colour of the crop's last column is interpolated without the pixel next to
 * it; the goldens hold the picture decoded whole. Output columns that take from there may be off by so many levels.
 */
const EDGE_LEVELS = 32
const LEVEL_NORMALISED = 1 / (255 * Math.min(...IMAGENET_NORMALISATION.std))

const NOTE =
  'Differs: the JPEG is decoded whole; TensorFlow decodes the crop, whose last column has other colours'

export function isImagenetPreprocess({ json, tensors }: Golden): boolean {
  return isFields(json) && tensors.has('decoded') && ('crops' in json || 'eval_crop' in json)
}

export async function* runImagenetPreprocess({ name, json, tensors }: Golden): AsyncGenerator<CaseResult> {
  const decoded = needTensor(tensors, 'decoded')
  const picture = bytesOf(decoded)
  const shape = shapeOf(decoded)
  for (const [key, stored] of tensors) {
    const [what, which] = key.split('/')
    if (which === undefined) continue
    if (!WHAT.includes(what)) throw new Unsupported(`tensor ${key}`)
    const to = shapeOf(stored)
    const checks = new Checks()
    const crop =
      what === 'crop_resize'
        ? cropOf(json as Fields, Number(which))
        : centreCrop(shape.height, shape.width, to.width)
    const size = evalSize(json as Fields, which)
    if (what !== 'crop_resize' && size !== undefined) checks.scalar(`${key}/size`, crop.height, size, 0)
    const ours = bicubicResize({ ...crop, channels: shape.channels }, to)(cropImage(picture, shape, crop), 1)
    const normalised = what === 'eval' || what === 'normalize'
    if (normalised) normaliseFloats(ours, IMAGENET_NORMALISATION)
    const unit = normalised ? LEVEL_NORMALISED : 1
    for (const atEdge of [false, true]) {
      const chosen = [...ours.keys()].filter(
        (i) => reachesEdge(Math.floor(i / to.channels) % to.width, crop.width, to.width) === atEdge,
      )
      const tolerance = atEdge ? EDGE_LEVELS * unit : normalised ? FLOAT : 0
      checks.compare(
        atEdge ? `${key}, right edge` : key,
        chosen.map((i) => ours[i]),
        chosen.map((i) => stored.data[i]),
        tolerance,
      )
    }
    yield { name: `${name}/${key}`, checks, note: NOTE }
  }
}

/** Whether an output column takes from the crop's last column. */
function reachesEdge(column: number, from: number, to: number): boolean {
  return Math.floor((column * from) / to) + 2 >= from - 1
}

function cropOf({ crops, crop_order }: Fields, index: number): Crop {
  const numbers = (crops as number[][] | undefined)?.[index]
  if (!numbers) throw new Unsupported(`crop ${index}`)
  const order = String(crop_order ?? 'y,x,h,w').split(',')
  const at = (letter: string) => numbers[order.indexOf(letter)]
  return { top: at('y'), left: at('x'), height: at('h'), width: at('w') }
}

function evalSize({ eval_crop }: Fields, side: string): number | undefined {
  const own = isFields(eval_crop) ? eval_crop[side] : undefined
  return isFields(own) && typeof own.size === 'number' ? own.size : undefined
}
