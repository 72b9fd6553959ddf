/** What kind of input a setting needs, read off its zod type. */
import { z } from 'zod'
import { type FieldName, runConfigShape } from '../../core/config/schema'

export type FieldKind =
  | { kind: 'switch' }
  | { kind: 'select'; options: string[] }
  | { kind: 'text' }
  | { kind: 'number'; min: number; max: number; integer: boolean; nullable: boolean }
  | { kind: 'fixed'; value: string }

export function fieldKind(name: FieldName): FieldKind {
  let type = runConfigShape[name] as z.core.$ZodType
  let nullable = false
  while (type instanceof z.ZodDefault || type instanceof z.ZodNullable) {
    nullable ||= type instanceof z.ZodNullable
    type = type.def.innerType
  }
  if (type instanceof z.ZodBoolean) return { kind: 'switch' }
  if (type instanceof z.ZodEnum) return { kind: 'select', options: type.options.map(String) }
  if (type instanceof z.ZodLiteral) return { kind: 'fixed', value: String([...type.values][0]) }
  if (type instanceof z.ZodNumber) {
    const { minValue, maxValue, isInt } = type
    return { kind: 'number', min: minValue ?? 0, max: maxValue ?? Infinity, integer: isInt, nullable }
  }
  return { kind: 'text' }
}

/** `0 to 10`, for help and messages. */
export function rangeText(field: FieldKind): string {
  if (field.kind !== 'number') return ''
  const whole = field.integer ? 'whole number, ' : ''
  return `${whole}${field.min.toLocaleString('en-US')} to ${field.max.toLocaleString('en-US')}`
}
