/** Settings of a loss-landscape slice. They look at a run and never change it, so they stand apart from RunConfig. */
import { z } from '../zod'

/** Settings shared by every slice. Images are a fixed, seeded subset of the training images (labels as trained on). */
export const sliceSettingsSchema = z
  .object({
    /** Half width a of [−a, a] along each direction. */
    range: z.number().min(0.01).max(10).default(1),
    /** Points of a 1-D slice (odd, so that the minimum is one of them). */
    points_1d: z.number().int().min(3).max(401).default(41),
    /** Points along each side of a 2-D slice. */
    points_2d: z.number().int().min(3).max(101).default(21),
    /** Training images the loss is measured on, in evaluation mode. */
    num_images: z.number().int().min(1).max(60000).default(1000),
    /** Picks the random directions; the same draw serves both runs. */
    direction_seed: z.number().int().min(0).max(4294967295).default(0),
    /** Let directions move batch-norm and bias entries too (Li et al. leave them out). */
    include_bn_and_bias: z.boolean().default(false),
  })
  .strict()
export type SliceSettings = z.infer<typeof sliceSettingsSchema>

export const DEFAULT_SLICE_SETTINGS: SliceSettings = sliceSettingsSchema.parse({})
