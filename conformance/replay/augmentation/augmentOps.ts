/**
 * Kinds `augment_ops`, `augment_primitives` and `augment_policy`: image operations with given arguments, pixel for pixel.
 * Tensors: the images, and each picture's result under its name.
 */
import {
  AUTOAUGMENT_LIMITS,
  OP_NAMES,
  opValue,
  type PlannedOp,
  RANDAUGMENT_LIMITS,
} from '../../../src/core/data/augment/ops'
import { z } from '../../../src/core/zod'
import { kind } from '../kind'
import { needTensor } from '../vectors'
import { afterOps, comparePixels } from './augmentImages'

const LIMITS = { autoaugment: AUTOAUGMENT_LIMITS, randaugment: RANDAUGMENT_LIMITS }

export const opName = z.enum(OP_NAMES)

const op = z.strictObject({
  op: opName,
  /** Absent where the operation takes none. */
  argument: z.number().optional(),
  /** What the argument comes from. */
  level: z
    .strictObject({ level: z.number(), limits: z.enum(['autoaugment', 'randaugment']), sign: z.number() })
    .optional(),
  /** [row, column] of a cutout */
  centre: z.tuple([z.number(), z.number()]),
})

const fields = z.strictObject({
  pictures: z.array(
    z.strictObject({
      /** Of the tensor that comes out. */
      name: z.string(),
      image: z.string(),
      ops: z.array(op),
    }),
  ),
})

const augmentKind = (name: string) =>
  kind(name, fields, async ({ pictures }, checks, { tensors }) => {
    for (const { name, image, ops } of pictures) {
      for (const { op, argument, level } of ops) {
        if (!level || argument === undefined) continue
        const value = level.sign * opValue(op, level.level, LIMITS[level.limits])
        checks.scalar(`${name}/value`, value, argument, 1e-12)
      }
      const planned = ops.map(({ op, argument = 0, centre: [row, column] }): PlannedOp => {
        return { name: op, value: argument, centre: { row, column } }
      })
      comparePixels(checks, name, afterOps(needTensor(tensors, image), planned), tensors)
    }
  })

export const augmentOps = augmentKind('augment_ops')
export const augmentPrimitives = augmentKind('augment_primitives')
export const augmentPolicy = augmentKind('augment_policy')
