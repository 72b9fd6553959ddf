/** What is said of a field of RunConfig, and how it is attached to its type. */
import { z } from './settingTypes'

export type FieldGroup =
  | 'experiment'
  | 'method'
  | 'network'
  | 'optimizer'
  | 'data'
  | 'evaluation'
  | 'replicas'
  | 'files'

/** What the form, `--help` and the docs say of a field. */
export interface FieldMeta {
  label: string
  help: string
  group: FieldGroup
  /** True where the reference has no such flag. */
  ours?: boolean
  /** What an empty input means, in a word; absent: all. */
  empty?: string
  /** Step of a slider or number input. */
  step?: number
  /** Only the command line has it. */
  cliOnly?: boolean
  /** Changing it does not change the run's numbers. */
  harmless?: boolean
  /** Of a choice: what its values are called and do, where there is more to say than their names. */
  choices?: Readonly<Record<string, ChoiceMeta>>
}

export interface ChoiceMeta {
  title: string
  help: string
  paper?: { title: string; url: string }
}

/**
 * How a group's fields are told what FieldMeta holds.
 * @param all what is true of every one of them
 */
export const fieldsOf =
  (group: FieldGroup, all: Partial<FieldMeta> = {}) =>
  <T extends z.core.$ZodType>(type: T, meta: Omit<FieldMeta, 'group'>): T => {
    z.globalRegistry.add(type, { group, ...all, ...meta })
    return type
  }

/** What is said of it. */
export const metaOf = (type: z.core.$ZodType): FieldMeta => z.globalRegistry.get(type) as unknown as FieldMeta
