/** What kind of input a setting needs, from what the schema says of its flag. */
import { type Flag, flagOf } from '../../core/config/flags'
import type { FieldName } from '../../core/config/schema'

export type FieldKind =
  | { kind: 'switch' }
  | { kind: 'select'; options: string[] }
  | { kind: 'text' }
  | { kind: 'number'; min: number; max: number; integer: boolean; nullable: boolean }
  | { kind: 'fixed'; value: string }

export const fieldKind = (name: FieldName): FieldKind => kindOfFlag(flagOf(name))

export function kindOfFlag({ kind, choices, min, max, nullable }: Flag<string>): FieldKind {
  if (kind === 'boolean') return { kind: 'switch' }
  if (kind === 'choice') return { kind: 'select', options: [...choices] }
  if (kind !== 'number' && kind !== 'integer') return { kind: 'text' }
  if (min === max) return { kind: 'fixed', value: String(min) }
  return { kind: 'number', min, max, integer: kind === 'integer', nullable }
}

/** `0 to 10`, for help and messages. */
export function rangeText(field: FieldKind): string {
  if (field.kind !== 'number') return ''
  const whole = field.integer ? 'whole number, ' : ''
  return `${whole}${field.min.toLocaleString('en-US')} to ${field.max.toLocaleString('en-US')}`
}
