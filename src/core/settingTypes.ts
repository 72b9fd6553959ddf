/**
 * Types of a run's settings, each with its default. They are of zod's small build (zod/mini), because the page knows
 * all of them before it can be used; files and messages are read by the whole of it (zod.ts).
 */
import * as z from 'zod/mini'
// For `jitless`, which both builds share.
import './zodConfig'

export { z }

type Default<T extends z.core.SomeType> = z.ZodMiniDefault<T>

export const real = (least: number, most: number, usual: number) =>
  z._default(z.number().check(z.minimum(least), z.maximum(most)), usual)

export const realOrNone = (least: number, most: number, usual: number | null) =>
  z._default(z.nullable(z.number().check(z.minimum(least), z.maximum(most))), usual)

export const whole = (least: number, most: number, usual: number) =>
  z._default(z.int().check(z.minimum(least), z.maximum(most)), usual)

export const wholeOrNone = (least: number, most: number, usual: number | null) =>
  z._default(z.nullable(z.int().check(z.minimum(least), z.maximum(most))), usual)

export const wholes = (least: number, usual: number[]) =>
  z._default(z.array(z.int().check(z.minimum(least))), usual)

export const onOff = (usual: boolean) => z._default(z.boolean(), usual)

export const choice = <const T extends readonly string[]>(
  options: T,
  usual: T[number],
): Default<z.ZodMiniEnum<z.core.util.ToEnum<T[number]>>> =>
  z._default(z.enum(options), usual as never) as never

export const text = (usual: string, longest = Number.POSITIVE_INFINITY) =>
  z._default(z.string().check(z.maxLength(longest)), usual)

/** @param rule in words */
export const textLike = (pattern: RegExp, rule: string, usual: string) =>
  z._default(z.string().check(z.regex(pattern, rule)), usual)
