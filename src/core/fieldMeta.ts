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

/** Says of a field what FieldMeta holds. */
export function meta<T extends z.core.$ZodType>(type: T, m: FieldMeta): T {
  z.globalRegistry.add(type, m as unknown as Record<string, unknown>)
  return type
}

/** What `meta` has said of it. */
export const metaOf = (type: z.core.$ZodType): FieldMeta => z.globalRegistry.get(type) as unknown as FieldMeta
