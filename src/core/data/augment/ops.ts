/**
 * The sixteen image operations by their names in the policies, what a level 0 … 10 means to each, and how one is done.
 * Source: Cubuk et al. 2019 (AutoAugment, RandAugment); the reference's autoaugment/autoaugment.py, quirks included
 * (docs/augmentation.md).
 */
import { BasinError } from '../../../base/errors'
import { type Centre, eraseSquare } from './erase'
import { type Affine, rotation, shearX, shearY, transform, translateX, translateY } from './geometric'
import { autoContrast, equalize } from './histogram'
import { GREY, type ImageShape } from './image'
import {
  applyLookup,
  applyLookups,
  brightness,
  contrast,
  invert,
  type Lookup,
  posterize,
  solarize,
  solarizeAdd,
} from './lookup'
import { color, sharpness } from './neighbourhood'

/** In the order in which RandAugment counts them. */
export const OP_NAMES = [
  'AutoContrast',
  'Equalize',
  'Invert',
  'Rotate',
  'Posterize',
  'Solarize',
  'Color',
  'Contrast',
  'Brightness',
  'Sharpness',
  'ShearX',
  'ShearY',
  'TranslateX',
  'TranslateY',
  'Cutout',
  'SolarizeAdd',
] as const

export type OpName = (typeof OP_NAMES)[number]

/** What level 10 of the operations with a length in pixels is. */
export interface PixelLimits {
  /** Pixels of a translation. */
  translate: number
  /** Half the side of a square that is cut out. */
  cutout: number
}

/** The reference's constants, made for ImageNet: on 32 × 32 images a translation of level 2 and more leaves nothing. */
export const AUTOAUGMENT_LIMITS: PixelLimits = { translate: 250, cutout: 100 }
export const RANDAUGMENT_LIMITS: PixelLimits = { translate: 100, cutout: 40 }

/** A RandAugment magnitude may go beyond the policies' 10 (its paper: up to 30); everything grows on in proportion. */
export const MAX_LEVEL = 30

/** Operations whose value gets a random sign. */
export function isGeometric(name: OpName): boolean {
  return ['Rotate', 'ShearX', 'ShearY', 'TranslateX', 'TranslateY'].includes(name)
}

/** A share is level/10. */
type ValueAt = (share: number, limits: PixelLimits) => number

type Apply = (
  image: Uint8Array,
  shape: ImageShape,
  value: number,
  out: Uint8Array,
  centre: Centre | undefined,
) => void

interface Operation {
  valueAt: ValueAt
  apply: Apply
}

type TableAt = (value: number, shape: ImageShape) => Lookup

const noValue: ValueAt = () => 0
const factor: ValueAt = (share) => share * 1.8 + 0.1
const slope: ValueAt = (share) => share * 0.3
const pixels: ValueAt = (share, limits) => share * limits.translate

/** Every value is replaced by another one, whatever the image. */
const byTable =
  (table: TableAt): Apply =>
  (image, shape, value, out) =>
    applyLookup(image, table(value, shape), out)

const byTables =
  (tables: (image: Uint8Array, shape: ImageShape) => (Lookup | undefined)[]): Apply =>
  (image, shape, _value, out) =>
    applyLookups(image, tables(image, shape), out)

const byTransform =
  (affine: (value: number, shape: ImageShape) => Affine): Apply =>
  (image, shape, value, out) =>
    transform(image, shape, affine(value, shape), out)

/** Most translations of the policies leave the image altogether. */
const byShift =
  (affine: (value: number) => Affine, side: 'height' | 'width'): Apply =>
  (image, shape, value, out) => {
    if (Math.abs(value) > shape[side]) out.fill(GREY)
    else transform(image, shape, affine(value), out)
  }

const OPERATIONS: Readonly<Record<OpName, Operation>> = {
  AutoContrast: { valueAt: noValue, apply: byTables(autoContrast) },
  Equalize: { valueAt: noValue, apply: byTables(equalize) },
  Invert: { valueAt: noValue, apply: byTable(() => invert) },
  Rotate: { valueAt: (share) => share * 30, apply: byTransform(rotation) },
  Posterize: { valueAt: (share) => Math.trunc(share * 4), apply: byTable(posterize) },
  Solarize: { valueAt: (share) => Math.trunc(share * 256), apply: byTable(solarize) },
  Color: { valueAt: factor, apply: color },
  Contrast: { valueAt: factor, apply: byTable(contrast) },
  Brightness: { valueAt: factor, apply: byTable(brightness) },
  Sharpness: { valueAt: factor, apply: sharpness },
  ShearX: { valueAt: slope, apply: byTransform(shearX) },
  ShearY: { valueAt: slope, apply: byTransform(shearY) },
  TranslateX: { valueAt: pixels, apply: byShift(translateX, 'width') },
  TranslateY: { valueAt: pixels, apply: byShift(translateY, 'height') },
  Cutout: { valueAt: (share, limits) => Math.trunc(share * limits.cutout), apply: eraseSquare },
  SolarizeAdd: { valueAt: (share) => Math.trunc(share * 110), apply: byTable(solarizeAdd) },
}

/**
 * What `level` means: degrees, slope, pixels, bits, a threshold or a factor; 0 for operations without a strength.
 * @throws BasinError `config` outside 0 … 30
 */
export function opValue(name: OpName, level: number, limits: PixelLimits): number {
  if (!(level >= 0 && level <= MAX_LEVEL)) {
    throw new BasinError('config', `${name}: level from 0 to ${MAX_LEVEL}, got ${level}`)
  }
  return OPERATIONS[name].valueAt(level / 10, limits)
}

/** An operation ready to be done. */
export interface PlannedOp {
  name: OpName
  /** As `opValue` gives it, with its sign. */
  value: number
  /** Of a Cutout. */
  centre?: Centre
}

/**
 * @param image [height, width, channels] uint8, one or three channels, any size
 * @param out the same shape; not the same memory
 */
export function applyOp(
  { name, value, centre }: PlannedOp,
  image: Uint8Array,
  shape: ImageShape,
  out: Uint8Array,
): void {
  OPERATIONS[name].apply(image, shape, value, out, centre)
}
