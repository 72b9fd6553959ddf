/**
 * Settings of measures: how one is made, and those that several share. They look at a run and never change it, so they
 * stand apart from RunConfig.
 */
import type { FieldMeta } from '../../fieldMeta'
import { z } from '../../zod'

export interface SettingMeta extends Pick<FieldMeta, 'label' | 'help' | 'step'> {
  /** The form folds it under this title, with others of the group; absent: in sight. */
  group?: string
  /** The form shows it where this other setting has one of these values. */
  shownWith?: { name: string; values: readonly string[] }
  /** What its text is, in words. */
  rule?: string
}

/** Says of a setting what the form and `--help` show. */
export const setting = <T extends z.ZodType>(type: T, meta: SettingMeta): T =>
  type.meta(meta as unknown as Record<string, unknown>)

/** ρ where a run has no radius of its own. */
export const USUAL_RHO = 0.05

/** What is seldom changed, by what it is of. */
export const GROUPS = {
  plane: 'Directions and windows',
  curve: 'Curve and rescaling',
  hessian: 'Curvature and spectrum',
  step: 'Step and wrong labels',
} as const

/** In the order of the form. Under one name there is one setting, whichever measures take it. */
export const SHARED = {
  range: setting(z.number().min(0.01).max(10).default(1), {
    label: 'Range a',
    help: 'Slices go from −a to a along each direction. At 1 a filter is moved by its own norm.',
    step: 0.25,
  }),
  points_1d: setting(z.number().int().min(3).max(401).default(41), {
    label: 'Points, 1-D',
    help: 'Points of a 1-D slice and of the interpolation; an odd number has the minimum among them.',
    step: 2,
  }),
  points_2d: setting(z.number().int().min(3).max(201).default(21), {
    label: 'Points per side, 2-D',
    help: 'Points along each side of a 2-D slice: 21 make 441 losses per run.',
    step: 2,
  }),
  num_images: setting(z.number().int().min(1).max(60000).default(1000), {
    label: 'Images',
    help: 'Training images the loss is measured on, a fixed draw by the seed of the run.',
    step: 500,
  }),
  direction_seed: setting(z.number().int().min(0).max(4294967295).default(0), {
    label: 'Direction seed',
    help: 'Draws the random directions; all runs get the same.',
    step: 1,
    group: GROUPS.plane,
  }),
  include_bn_and_bias: setting(z.boolean().default(false), {
    label: 'Include batch norm and biases',
    help: 'Lets the directions move these entries too; Li et al. leave them out.',
    group: GROUPS.plane,
  }),
}
