/**
 * RunConfig: one schema is the type, the defaults, the form, the URL and the command line.
 * Keys are the reference's flag names, verbatim; our own additions follow the same spelling and are marked `ours`.
 * Defaults are the page's, its first visit (docs/presets.md, P1); the command line starts from the reference's own
 * (reference.ts). A field that a file of settings lacks has the page's default, wherever the file was written.
 */

import { type FieldMeta, metaOf } from '../fieldMeta'
import { methodFields } from '../optim/methods'
import { z } from '../settingTypes'
import { dataFields } from './fields/data'
import { evaluationFields } from './fields/evaluation'
import { experimentFields } from './fields/experiment'
import { filesFields } from './fields/files'
import { networkFields } from './fields/network'
import { optimizerFields } from './fields/optimizer'
import { replicasFields } from './fields/replicas'

export const runConfigShape = {
  ...experimentFields,
  ...methodFields,
  ...networkFields,
  ...optimizerFields,
  ...dataFields,
  ...evaluationFields,
  ...replicasFields,
  ...filesFields,
} as const

export const runConfigSchema = z.strictObject(runConfigShape)

/** Some of the settings. */
export const someSettingsSchema = z.partial(runConfigSchema)

export type RunConfig = z.infer<typeof runConfigSchema>
export type FieldName = keyof RunConfig

export const DEFAULT_CONFIG: RunConfig = runConfigSchema.parse({})
export const FIELD_NAMES = Object.keys(runConfigShape) as FieldName[]

/** Label, help and group of one field. */
export function fieldMeta(name: FieldName): FieldMeta {
  return metaOf(runConfigShape[name])
}
